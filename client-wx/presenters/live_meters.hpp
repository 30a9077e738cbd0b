#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "client-wx/api/connection.hpp"
#include "client-wx/api/listeners.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"
#include "core/commodity.hpp"
#include "core/meter_status.hpp"

namespace wutong::v1 {
class LiveMeter;
class LiveUpdate;
}  // namespace wutong::v1

namespace wutong::client {

using core::MeterStatus;
inline constexpr std::size_t kMeterStatusCount = 9;

/// One meter as the wall knows it. Absent means never read: unknown is not zero.
struct LiveMeter {
    using TimePoint = std::chrono::system_clock::time_point;

    std::int64_t meter_id{0};
    std::string code;
    std::string unit_code;
    std::string building;
    int floor{0};
    std::string unit_name;
    std::string building_name;
    std::string floor_name;
    std::string serial_number;
    std::string role;                                         ///< prepaid | monitor | feeder
    core::Commodity commodity{core::Commodity::electricity};  ///< of water what is called _wh is litres
    std::int64_t account_id{0};                               ///< 0: no account
    std::string account_number;                               ///< empty: no account
    std::string customer;

    MeterStatus status{MeterStatus::normal};
    /// What would be shown without the first one: the small glyph below right.
    std::optional<MeterStatus> second_status;
    std::optional<std::int64_t> balance_e4;
    std::optional<int> days_left;              ///< 0: less than one
    std::optional<std::int64_t> daily_use_wh;  ///< average of the last 14 days, or of as many as are known
    int daily_use_days{0};                     ///< what it rests on; 0: a first guess
    std::optional<std::int64_t> price_e4;      ///< of one kWh, or m³
    std::int64_t in_flight_e4{0};              ///< credit on its way; refunds count negative
    std::optional<std::int64_t> power_w;
    std::optional<std::int64_t> energy_wh;
    std::optional<std::int64_t> purchase_number;
    std::optional<bool> relay_closed;
    bool forced{false};
    bool delivering{false};
    int failures{0};  ///< answers missed in a row
    std::optional<TimePoint> answered_at;
    std::optional<TimePoint> attempted_at;
    std::optional<TimePoint> lost_since;

    [[nodiscard]] bool prepaid() const { return role == "prepaid"; }
};

/// The property's unfinished business and what the last look at its meters found, as the server counts it.
struct LiveSummary {
    int live_alarms{0};            ///< raised and not cleared
    int unacknowledged_alarms{0};  ///< of them: nobody has taken notice yet
    int unfinished_commands{0};
    int deliveries_under_way{0};
    int quarantined_deliveries{0};  ///< wait for an operator
    int answered{0};                ///< of meters(), when they were asked last
    int never_read{0};
    std::optional<std::chrono::system_clock::time_point> oldest_answer_at;
};

/// What is different since a listener was told last.
struct LiveChange {
    bool all{false};                   ///< meters came, went or moved: indices are not what they were
    std::vector<std::size_t> indices;  ///< ascending; empty when `all`
    bool totals{false};                ///< counts, summary() or state()
};

/// Every meter of the property, live: the one stream that all pages share.
///
/// Kept in the order building, floor, code (numbers in codes count as numbers). Changes are merged and told
/// at most five times a second. When the stream breaks, it is opened again by itself; until the new snapshot
/// is complete the old values stay, and their age tells. Indices into meters() hold from one telling to the
/// next.
class LiveMeters {
public:
    enum class State {
        idle,
        loading,     ///< no complete snapshot yet
        live,        ///< something was heard in the last 25 s
        interrupted  ///< values are as old as heard_at()
    };
    using TimePoint = LiveMeter::TimePoint;
    static constexpr std::chrono::milliseconds kTellEvery{200};
    /// The server says something at least every 10 s.
    static constexpr std::chrono::seconds kSilenceMax{25};
    static constexpr std::size_t kMetersMax = 100'000;
    /// Longer names are cut, with an ellipsis.
    static constexpr std::size_t kNameMax = 120;

    LiveMeters(Server& server, Timers& timers, Connection& connection);
    LiveMeters(const LiveMeters&) = delete;
    LiveMeters& operator=(const LiveMeters&) = delete;

    /// Leaves the property before. @param property_id 0: none
    void watch(std::int64_t property_id);
    void stop() { watch(0); }

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::vector<LiveMeter>& meters() const { return meters_; }
    [[nodiscard]] const LiveMeter* find(std::int64_t meter_id) const;
    [[nodiscard]] std::optional<std::size_t> index_of(std::int64_t meter_id) const;
    [[nodiscard]] std::size_t count(MeterStatus status) const {
        return counts_[static_cast<std::size_t>(status)];
    }
    /// Of unit, or of account: first match; null when there is none.
    [[nodiscard]] const LiveMeter* find_by_unit(const std::string& unit_code) const;
    /// None until the server said so.
    [[nodiscard]] const std::optional<LiveSummary>& summary() const { return summary_; }

    /// Grows with every change that listeners are told of.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }
    [[nodiscard]] std::optional<TimePoint> heard_at() const { return heard_at_; }
    /// The server's clock as far as we know it: ages are counted with this one, not with the seat's.
    [[nodiscard]] TimePoint server_now() const { return timers_.now() + clock_ahead_; }
    /// Since the meter last answered; none: never.
    [[nodiscard]] std::optional<std::chrono::milliseconds> age_of(const LiveMeter& meter) const;

    /// Told at most five times a second, never inside of subscribe().
    Subscription subscribe(std::function<void(const LiveChange&)> changed) {
        return listeners_.add(std::move(changed));
    }

private:
    void open_stream();
    void take(const v1::LiveUpdate& update);
    void take(const v1::LiveMeter& from);
    void begin_snapshot();
    void complete_snapshot();
    void remove_gone();
    [[nodiscard]] bool something_pending() const;
    void ended(const Fault* fault);
    void connection_changed();
    void enter(State state);
    void sort();
    void note_all();
    void note(std::size_t index);
    void tell_soon();
    void tell();

    Server& server_;
    Timers& timers_;
    Connection& connection_;
    std::int64_t property_id_{0};
    State state_{State::idle};
    std::vector<LiveMeter> meters_;
    std::vector<std::uint32_t> seen_in_;  ///< beside meters_: the snapshot that named it last
    std::unordered_map<std::int64_t, std::size_t> index_;
    std::array<std::size_t, kMeterStatusCount> counts_{};
    std::unordered_set<std::int64_t> gone_;
    std::optional<LiveSummary> summary_;
    std::uint64_t revision_{0};
    std::uint32_t snapshot_{0};
    bool in_snapshot_{false};
    bool sorted_{true};
    std::optional<TimePoint> heard_at_;
    std::optional<TimePoint> told_at_;
    std::chrono::system_clock::duration clock_ahead_{0};
    std::chrono::seconds wait_{1};
    LiveChange pending_;
    Call stream_;
    Timer retry_;
    Timer silence_;
    Timer telling_;
    Subscription connection_changes_;
    Listeners<const LiveChange&> listeners_;
};

}  // namespace wutong::client
