#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/meter/meter_actions.hpp"
#include "client-wx/presenters/meter/meter_credit.hpp"
#include "client-wx/presenters/meter/meter_days.hpp"
#include "client-wx/presenters/meter/meter_events.hpp"
#include "client-wx/presenters/meter/meter_facts.hpp"
#include "client-wx/presenters/meter/meter_held.hpp"
#include "client-wx/presenters/meter/meter_readings.hpp"
#include "client-wx/presenters/meter/meter_settings.hpp"

namespace wutong::v1 {
class Account;
class ListReadingsResponse;
class Meter;
}  // namespace wutong::v1

namespace wutong::client {

enum class MeterTab { overview, readings, credit, events, settings };

/// Head and overview of the meter page.
struct MeterScreen {
    struct Figure {
        std::string label, figure, detail;
        Ink ink{Ink::normal}, detail_ink{Ink::faint};
    };
    /// One phase: L1 231.4 V 3.20 A 0.71 kW.
    struct Phase {
        std::string name, voltage, current, power;
    };

    std::int64_t meter_id{0};
    bool found{false};
    std::string failure;  ///< why there is nothing to show
    std::string code, name, path;
    MeterStatus status{MeterStatus::normal};
    std::string state;
    Figure balance, days, today, power;
    std::vector<Fact> difference;  ///< what "explained" opens
    std::vector<Phase> phases;
    std::vector<Fact> at_meter;
    std::string at_meter_note;  ///< age of the reading
    MeterActionsScreen actions;
    std::string sentence;
    bool sentence_is_fault{false};
    std::string status_left;
};

/// The page of one meter. Its tabs are presenters of their own; each asks when it is opened first.
class MeterPresenter {
public:
    static constexpr std::chrono::seconds kRefreshEvery{30};

    explicit MeterPresenter(Context& context);
    MeterPresenter(const MeterPresenter&) = delete;
    MeterPresenter& operator=(const MeterPresenter&) = delete;

    std::function<void()> on_changed;
    std::function<void(const CutQuestion&)> on_ask;

    void open(std::int64_t meter_id);
    void choose(MeterTab tab);
    [[nodiscard]] MeterTab tab() const { return tab_; }
    [[nodiscard]] const MeterScreen& screen() const { return screen_; }

    MeterDays days;
    MeterReadings readings;
    MeterCredit credit;
    MeterEvents events;
    MeterSettings settings;
    MeterHeld held;

    void sell();
    void open_account();
    void query();
    void guarantee();
    void cut();
    void answer_cut(bool go_on) { commands_.answer_cut(go_on); }

private:
    void ask();
    void ask_meter();
    void ask_account();
    void ask_reading();
    void take(const v1::ListReadingsResponse& readings);
    void update();
    void update_figures(const LiveMeter& live);
    void update_at_meter(const LiveMeter& live);
    [[nodiscard]] const LiveMeter* live() const { return context_.live.find(meter_id_); }

    Context& context_;
    MeterCommands commands_;
    std::int64_t meter_id_{0};
    MeterTab tab_{MeterTab::overview};
    MeterScreen screen_;
    std::optional<BalanceWords> ledger_;
    std::vector<MeterScreen::Phase> phases_;
    std::optional<int> power_factor_e3_;
    std::optional<TimePoint> reading_at_;
    std::optional<std::int64_t> alarm_1_e4_, alarm_2_e4_, overdraft_e4_, overload_w_;
    Call meter_call_, account_call_, reading_call_;
    Timer refresh_, tick_;
    Subscription live_changes_, connection_, guards_;
};

}  // namespace wutong::client
