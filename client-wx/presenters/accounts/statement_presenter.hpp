#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/spreadsheet.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class Statement;
}

namespace wutong::client {

/// A statement as it stands on paper: translated, ready to be set in columns.
struct StatementPaper {
    std::string title;                                      ///< "Statement"
    std::vector<std::string> head;                          ///< property, account, customer, period
    std::vector<std::string> columns;                       ///< time, what, meter, change, balance
    std::vector<std::vector<std::string>> rows;             ///< with opening and closing balance
    std::vector<std::pair<std::string, std::string>> sums;  ///< paid in, used…
    std::vector<std::string> energy;                        ///< one line a meter
    std::vector<std::string> proof;                         ///< position and hash in the chain
    std::string page;                                       ///< "page {n}"
};

struct StatementScreen {
    std::string title, subtitle;
    std::string from, to;  ///< dates as typed; `to` is the last day that is in it
    std::string from_error, to_error;
    int span{0};  ///< 0 this month, 1 the month before, 2 30 days, 3 since the opening; −1 typed
    bool loading{true};
    std::string failure;
    std::string opening, paid_in, used, paid_out, other, closing;
    bool has_other{false};
    std::vector<std::vector<TableCell>> lines, meters;
    std::string meters_title;  ///< "Energy", or "Water", or both
    std::vector<std::int64_t> keys;
    bool cut{false};  ///< more entries than are shown
    std::string proof;
    bool can_save{false};
};

/// The statement of an account: opening balance, every entry with its reason, closing balance, energy beside
/// it, and where its last entry stands in the chain of hashes.
class StatementPresenter {
public:
    static constexpr std::size_t kLinesMost = 20'000;

    StatementPresenter(Context& context, std::function<void()> changed);
    StatementPresenter(const StatementPresenter&) = delete;
    StatementPresenter& operator=(const StatementPresenter&) = delete;
    ~StatementPresenter();

    [[nodiscard]] const StatementScreen& screen() const { return screen_; }
    void open(std::int64_t account_id);
    void choose_span(int span);
    void choose_period(const std::string& from, const std::string& to);
    void refresh();
    [[nodiscard]] Spreadsheet table() const;
    [[nodiscard]] StatementPaper paper() const;
    [[nodiscard]] std::string file_name() const;  ///< "statement-100731-2026-03-01", without an ending

private:
    void ask(const std::string& token);
    void write();
    void tell();

    Context& context_;
    std::function<void()> changed_;
    StatementScreen screen_;
    std::int64_t account_id_{0};
    std::optional<TimePoint> from_, to_;
    std::unique_ptr<v1::Statement> statement_;
    Call call_;
    Subscription connection_;
};

}  // namespace wutong::client
