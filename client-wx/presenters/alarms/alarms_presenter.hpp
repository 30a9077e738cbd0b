#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client-wx/presenters/change_queue.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::client {

/// The alarms of the property: live ones, newest first, or what has been.
class AlarmsPresenter : public ListPresenter {
public:
    static constexpr std::chrono::milliseconds kEvery{5000};
    /// History grows without end; older alarms are in the log.
    static constexpr std::size_t kRowsMax = 5000;

    struct KindCount {
        std::string kind{};  ///< "": all
        std::string words{}, icon{};
        std::size_t count{0};
        bool chosen{false};
    };
    /// What stands beside the list.
    struct Extra {
        bool history{false};
        std::vector<KindCount> kinds{};  ///< those that there are
        std::size_t unacknowledged{0};
        std::string acknowledge{};      ///< the button: "Acknowledge 3 alarms"
        std::string acknowledge_off{};  ///< not empty: off, and why
        bool acknowledging{false};
        std::string progress{};  ///< "12 of 40 acknowledged"
        std::string failure{};   ///< what could not be acknowledged, and why
    };

    explicit AlarmsPresenter(Context& context);
    ~AlarmsPresenter() override;

    [[nodiscard]] const Extra& extra() const { return extra_; }
    void show_history(bool history);
    /// @param add keeps those chosen before
    void choose_kind(const std::string& kind, bool add);
    void clear_filter();
    void select(const std::set<std::int64_t>& alarms);
    void acknowledge_selected();
    /// The meter of an alarm, for "Open meter"; 0: it is about a channel or a gateway.
    [[nodiscard]] std::int64_t meter_of(std::int64_t alarm) const;
    void open_subject(std::int64_t alarm);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Item {
        std::int64_t id{0};
        std::int64_t meter_id{0};
        std::string kind{}, text{}, subject{}, meter{}, customer{}, acknowledged_by{};
        std::chrono::system_clock::time_point raised_at{};
        std::optional<std::chrono::system_clock::time_point> cleared_at{}, acknowledged_at{};
    };
    void fill_extra();
    void tell();
    void all_answered();
    [[nodiscard]] static std::string subject_of(const Item& item);
    [[nodiscard]] static std::string acknowledged_words(const Item& item);

    std::vector<Item> items_;
    std::set<std::string> kinds_;
    std::set<std::int64_t> selected_;
    bool history_{false};
    Extra extra_;
    ChangeQueue acknowledging_;
    Subscription live_;
    std::optional<int> alarms_known_;
};

}  // namespace wutong::client
