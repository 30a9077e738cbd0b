#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "collector/field_store.hpp"
#include "collector/metrics/metrics.hpp"
#include "collector/polling/channel.hpp"
#include "collector/recording/spool.hpp"

namespace wutong::collector {

/// Brings what channels find out into the database, on a thread of its own.
///
/// States: only the newest of each meter waits; what is overtaken is not missed. Readings and events: every
/// one counts. While the database is away they go to the spool, and what is in the spool goes first, so the
/// order is kept; a batch that was stored without our knowing is stored again and recognised by its key.
class Recorder final : public FieldSink {
public:
    struct Rules {
        std::chrono::milliseconds flush_every{100};
        std::chrono::milliseconds retry_after{1'000};  ///< when the database was away
        std::size_t batch_max = storage::kReadingsPerBatch;
        /// A state travels as text: a thousand of them take some ten times their size for a moment.
        std::size_t states_max = 1'000;
        std::size_t memory_max = 50'000;  ///< readings in memory when not even the spool takes them
        std::size_t events_max = 10'000;  ///< the same of events
    };
    /// @param spool_file the spool is opened here and again later if that fails: it must not keep the meters
    /// unread
    Recorder(FieldStore& store, Metrics& metrics, Rules rules, std::filesystem::path spool_file,
             std::int64_t spool_bytes_max);
    ~Recorder() override;

    void state(storage::MeterStateRow row) override;
    void reading(storage::ReadingRow row) override;
    void health(storage::ChannelHealth row) override;
    void events(storage::MeterEventsRow row) override;

    void start();
    /// Stores what waits; readings that can't get to the database go to the spool.
    void stop();
    [[nodiscard]] std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

private:
    void run();
    void flush();
    void flush_states();
    /// What could not be stored waits again, unless something newer does.
    void keep(std::vector<storage::MeterStateRow>& states);
    void take_events();
    void flush_events();
    /// @return false: the database is away
    bool store_events(const std::vector<storage::MeterEventsRow>& rows);
    /// @return false: the database or the spool is away
    bool drain_spooled_events();
    void spool_refused(const std::exception& error);
    void flush_readings();
    void store_readings(const std::vector<storage::ReadingRow>& batch);
    bool drain_spool();
    bool spool_pending();
    Spool* open_spool();
    void went_well();
    void went_wrong(const char* doing, const std::exception& error);

    FieldStore& store_;
    Metrics& metrics_;
    const Rules rules_;
    const std::filesystem::path spool_file_;
    const std::int64_t spool_bytes_max_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::pair<std::int64_t, std::int64_t>, storage::MeterStateRow> states_;
    std::map<std::int64_t, storage::ChannelHealth> healths_;
    std::deque<storage::MeterEventsRow> events_;
    std::deque<storage::ReadingRow> incoming_;
    bool stopping_ = false;

    // Used by the thread alone.
    std::deque<storage::ReadingRow> pending_;
    std::deque<storage::MeterEventsRow> pending_events_;
    std::unique_ptr<Spool> spool_;
    std::chrono::steady_clock::time_point spool_retry_at_{};
    std::chrono::steady_clock::time_point database_retry_at_{};
    bool database_away_ = false;
    bool spool_broken_ = false;
    std::int64_t dropped_reported_ = 0;
    std::int64_t events_dropped_reported_ = 0;
    std::atomic<std::uint64_t> beats_{0};
    std::thread thread_;
};

}  // namespace wutong::collector
