#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/tariffs/tariff_draft.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class PlaceTariffVersionResponse;
class TariffBill;
class TariffPlan;
}  // namespace wutong::v1

namespace wutong::client {

/// What the editor of a plan shows.
struct TariffScreen {
    bool loading{false};
    std::string failure;
    std::string title;
    std::vector<std::vector<TableCell>> versions;  ///< the line of time, the newest first
    int version{-1};                               ///< which one is shown; −1: the draft
    bool editable{true};
    std::string read_only;  ///< why not
    bool new_plan{true};
    std::string name, name_error;
    TariffDraft draft;
    unsigned revision{0};  ///< grows when the draft is another one, not typed here
    std::array<std::string, kTariffParts> errors;
    std::string verdict;  ///< "2 faults", "It can be used", "Being checked"
    bool faultless{false};
    std::vector<std::vector<TableCell>> placement;  ///< kind of meter, how many, who charges
    std::string placement_note;
    std::string unit, month, preview_error;
    std::vector<std::vector<TableCell>> bill;
    std::vector<std::pair<std::string, std::string>> sums;
    std::string preview_note;
    std::string commit;
    bool can_commit{false};
    std::string why_not;
    bool busy{false};
    std::string notice;
    bool notice_is_error{false};
};

/// One plan: its versions, a new one with every fault at its field, who would charge by it, and what a month
/// of a real meter would have cost.
class TariffEditor {
public:
    TariffEditor(Context& context, std::function<void()> changed);
    TariffEditor(const TariffEditor&) = delete;
    TariffEditor& operator=(const TariffEditor&) = delete;
    ~TariffEditor();

    [[nodiscard]] const TariffScreen& screen() const { return screen_; }
    [[nodiscard]] std::int64_t plan_id() const { return plan_id_; }
    std::function<void()> on_saved;

    void begin_plan();
    void open(std::int64_t plan_id);
    /// @param index of screen().versions
    void choose_version(std::size_t index);
    /// As the one that is shown, from the first day on that can be changed.
    void begin_version();
    void type_name(const std::string& name);
    void type(const TariffDraft& draft);
    void type_preview(const std::string& unit, const std::string& month);
    void preview();
    void publish();

private:
    void load();
    void take(const v1::TariffPlan& plan);
    void show_version(std::size_t index);
    void check_soon();
    void check();
    void place();
    void show_placement(const v1::PlaceTariffVersionResponse& answer);
    void show_bill(const v1::TariffBill& bill);
    void refresh();
    [[nodiscard]] std::string tomorrow() const;

    Context& context_;
    std::function<void()> changed_;
    TariffScreen screen_;
    std::int64_t plan_id_{0};
    std::unique_ptr<v1::TariffPlan> plan_;
    KeptChange change_;
    Call plan_call_, check_call_, place_call_, preview_call_;
    Timer check_timer_;
    Subscription connection_;
};

}  // namespace wutong::client
