#pragma once

#include <wutong/v1/live_service.pb.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/daily_use.hpp"
#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "server/jobs/worker.hpp"
#include "server/live/live_shapes.hpp"
#include "server/sessions/sessions.hpp"
#include "storage/database.hpp"
#include "storage/meters.hpp"

namespace wutong::server {

class LiveStream;

/// The wall of meters of all clients. One thread asks the database what changed, once per interval and not
/// at all while nobody watches, and marks on each stream which meters it owes its client. The newest state of
/// every meter is kept here once; streams hold only ids.
class LiveHub {
public:
    static constexpr std::chrono::milliseconds kInterval{250};
    /// Everything is compared again: new meters, renamed units, whatever leaves no trace in meter_state.
    static constexpr std::chrono::seconds kCompareAll{30};
    static constexpr std::chrono::seconds kCheckSessions{10};
    /// Counts of alarms, commands and deliveries.
    static constexpr std::chrono::seconds kCount{1};
    /// Average use per day.
    static constexpr std::chrono::hours kRefreshUse{1};
    static constexpr std::chrono::seconds kHeartbeat{8};
    /// Without the database for so long, streams end: a wall that stands still must not look alive.
    static constexpr std::chrono::seconds kAwayMax{10};
    static constexpr std::size_t kStreamsMax = 2'000;

    LiveHub(storage::Database& database, Sessions& sessions, core::Clock clock, Worker::OnError on_error);
    ~LiveHub();
    LiveHub(const LiveHub&) = delete;
    LiveHub& operator=(const LiveHub&) = delete;

    void start() { worker_.start(); }
    /// Ends every stream with UNAVAILABLE.
    void stop();
    /// Something changed that meter_state does not show (an import): compare all now.
    void refresh();

    /// @return false when there are too many streams, or the server stops
    [[nodiscard]] bool add(std::shared_ptr<LiveStream> stream);
    struct Shown {
        std::shared_ptr<const v1::LiveMeter> meter;  ///< none when it is gone
        int introduction = 0;                        ///< another number whenever its names have changed
    };
    /// The newest state.
    [[nodiscard]] Shown meter(core::PropertyId property, std::int64_t id) const;
    /// The newest counts; none before they were made.
    [[nodiscard]] std::shared_ptr<const v1::LiveSummary> summary(core::PropertyId property) const;
    [[nodiscard]] core::Timestamp now() const { return clock_(); }

    [[nodiscard]] std::size_t watchers() const;
    /// Questions to the database about meters, whatever the number of clients.
    [[nodiscard]] std::uint64_t queries() const { return queries_.load(); }

private:
    struct Known {
        std::shared_ptr<const v1::LiveMeter> shown;
        int introduction = 0;
        std::int64_t version = 0;
    };
    using Changed = std::map<core::PropertyId, std::vector<std::int64_t>>;
    using Clock = std::chrono::steady_clock;
    struct Use {
        Clock::time_point read_at;
        std::map<core::MeterId, core::DailyUse> per_day;
    };

    std::chrono::milliseconds step();
    void compare_all();
    void look_for_changes();
    /// Takes rows into the wall. @return ids whose message is different now
    [[nodiscard]] Changed take(const std::vector<storage::MeterRow>& rows);
    /// Takes meters off the wall that are not there any more. @return their ids
    [[nodiscard]] Changed remove(const std::vector<storage::MeterKey>& gone);
    void tell(const Changed& changed, const Changed& removed);
    /// Average use of the properties that are watched, when it is missing or old. @return true: some was read
    bool refresh_use();
    void refresh_summaries();
    [[nodiscard]] std::set<core::PropertyId> watched() const;
    void begin_new_streams();
    void check_sessions();
    [[nodiscard]] std::vector<std::shared_ptr<LiveStream>> streams() const;
    void end_all(const char* reason, const std::string& text);

    storage::Database& database_;
    Sessions& sessions_;
    const core::Clock clock_;

    mutable std::mutex mutex_;
    std::map<core::PropertyId, std::map<std::int64_t, Known>> walls_;
    std::vector<std::shared_ptr<LiveStream>> streams_;
    std::vector<std::shared_ptr<LiveStream>> new_streams_;  ///< not begun yet
    std::map<core::PropertyId, std::shared_ptr<const v1::LiveSummary>> summaries_;
    int introductions_ = 0;
    bool stopped_ = false;

    // The worker's own.
    const PricesElse price_else_;  ///< when neither meter nor property names one
    std::int64_t horizon_ = 0;
    std::map<storage::MeterKey, std::pair<core::Money, int>> delivering_;
    std::map<core::PropertyId, Use> use_;
    std::optional<Clock::time_point> counted_at_;
    std::optional<Clock::time_point> compared_at_;
    Clock::time_point sessions_checked_at_{};
    Clock::time_point good_at_{};

    std::atomic<bool> compare_now_{false};
    std::atomic<std::uint64_t> queries_{0};
    Worker worker_;
};

}  // namespace wutong::server
