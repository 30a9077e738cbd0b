#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/meter/meter_actions.hpp"
#include "client-wx/presenters/meter/meter_facts.hpp"

namespace wutong::v1 {
class Account;
class ListDailyEnergyResponse;
}  // namespace wutong::v1

namespace wutong::client {

struct InspectorScreen {
    std::int64_t meter_id{0};  ///< 0: nothing is chosen
    std::string code, name, line;
    MeterStatus status{MeterStatus::normal};
    std::string state;
    std::string balance, balance_age;
    Ink balance_ink{Ink::normal};
    BalanceWords ledger;
    std::optional<double> level;  ///< 0…1: days left of thirty
    Ink level_ink{Ink::accent};
    std::string outlook;
    std::vector<Fact> facts;
    std::string days_title;  ///< with the unit
    std::vector<std::optional<double>> daily_kwh;
    std::string first_day, last_day;
    MeterActionsScreen actions;
    std::string sentence;  ///< what goes on with a command, or why it failed
    bool sentence_is_fault{false};
};

/// Everything about the one selected meter, at the right of the wall. What the wall does not know (the
/// ledger, the days) is asked a moment after the selection stands still.
class MeterInspector {
public:
    static constexpr std::chrono::milliseconds kStandStill{180};
    static constexpr std::chrono::seconds kLedgerEvery{20};
    static constexpr int kDays = 14;

    explicit MeterInspector(Context& context);

    std::function<void()> on_changed;
    std::function<void(const CutQuestion&)> on_ask;

    /// @param meter_id 0: none. @param name how the wall calls it
    void show(std::int64_t meter_id, const std::string& name);
    /// The live values of these meters are others.
    void live_changed(bool all, const std::vector<std::size_t>& indices);

    void sell();
    void open_page();
    void query();
    void guarantee();
    void cut();
    void answer_cut(bool go_on) { commands_.answer_cut(go_on); }

    [[nodiscard]] const InspectorScreen& screen() const { return screen_; }

private:
    void ask();
    void ask_ledger();
    void ask_days();
    void take(const v1::ListDailyEnergyResponse& days);
    void update();
    [[nodiscard]] const LiveMeter* meter() const { return context_.live.find(meter_id_); }

    Context& context_;
    MeterCommands commands_;
    std::int64_t meter_id_{0};
    std::string name_;
    std::optional<BalanceWords> ledger_;
    std::vector<std::optional<double>> days_;
    std::string first_day_;
    std::optional<std::int64_t> today_wh_;
    std::optional<std::int64_t> asked_balance_e4_;
    InspectorScreen screen_;
    Call account_call_, days_call_;
    Timer stand_still_, again_, tick_;
    Subscription connection_, guards_;
};

}  // namespace wutong::client
