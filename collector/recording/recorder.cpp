#include "collector/recording/recorder.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "storage/errors.hpp"

namespace wutong::collector {

namespace {

/// Into a newer row: what it does not say itself. Alarms are told once, so they must not be lost with the row
/// they came in.
void inherit(storage::MeterStateRow& newer, storage::MeterStateRow& older) {
    if (!newer.alarms) {
        newer.alarms = std::move(older.alarms);
    }
    if (!newer.lost_alarm) {
        newer.lost_alarm = older.lost_alarm;
    }
    if (!newer.answered_at && older.answered_at) {
        // The values of the last answer, which nobody has seen yet, with what is known since.
        older.attempted_at = newer.attempted_at;
        older.failures = newer.failures;
        older.lost = newer.lost;
        older.alarms = std::move(newer.alarms);
        older.lost_alarm = newer.lost_alarm;
        newer = std::move(older);
    }
}

}  // namespace

Recorder::Recorder(FieldStore& store, Metrics& metrics, Rules rules, std::filesystem::path spool_file,
                   std::int64_t spool_bytes_max)
    : store_{store},
      metrics_{metrics},
      rules_{rules},
      spool_file_{std::move(spool_file)},
      spool_bytes_max_{spool_bytes_max} {}

Recorder::~Recorder() {
    stop();
}

void Recorder::state(storage::MeterStateRow row) {
    {
        const std::lock_guard lock{mutex_};
        const std::pair key{row.property.value, row.meter.value};
        const auto found = states_.find(key);
        if (found == states_.end()) {
            states_.emplace(key, std::move(row));
        } else {
            inherit(row, found->second);
            found->second = std::move(row);
        }
    }
    changed_.notify_one();
}

void Recorder::reading(storage::ReadingRow row) {
    {
        const std::lock_guard lock{mutex_};
        incoming_.push_back(std::move(row));
    }
    changed_.notify_one();
}

void Recorder::health(storage::ChannelHealth row) {
    {
        const std::lock_guard lock{mutex_};
        healths_.insert_or_assign(row.channel.value, row);
    }
    changed_.notify_one();
}

void Recorder::start() {
    thread_ = std::thread{[this] { run(); }};
}

void Recorder::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Recorder::run() {
    for (;;) {
        bool stopping = false;
        {
            std::unique_lock lock{mutex_};
            // A short wait in any case: what comes together is stored together.
            changed_.wait_for(lock, rules_.flush_every, [this] { return stopping_; });
            stopping = stopping_;
            pending_.insert(pending_.end(), std::make_move_iterator(incoming_.begin()),
                            std::make_move_iterator(incoming_.end()));
            incoming_.clear();
        }
        beats_.fetch_add(1, std::memory_order_relaxed);
        if (stopping && database_away_) {
            // No time to wait for it: the spool keeps the readings.
            database_retry_at_ = std::chrono::steady_clock::time_point::max();
        }
        flush();
        if (stopping) {
            return;
        }
    }
}

void Recorder::flush() {
    const bool try_database = std::chrono::steady_clock::now() >= database_retry_at_;
    if (try_database) {
        flush_states();
    }
    flush_events();
    flush_readings();
    if (spool_) {
        if (spool_->events_dropped() != events_dropped_reported_) {
            spdlog::error("event=events_dropped count={} reason=\"the spool is full\"",
                          spool_->events_dropped() - events_dropped_reported_);
            events_dropped_reported_ = spool_->events_dropped();
        }
        metrics_.spool(spool_->depth(), spool_->dropped() - dropped_reported_);
        if (spool_->dropped() != dropped_reported_) {
            spdlog::error("event=spool_full dropped={} depth={}", spool_->dropped() - dropped_reported_,
                          spool_->depth());
            dropped_reported_ = spool_->dropped();
        }
    }
}

void Recorder::flush_states() {
    std::vector<storage::MeterStateRow> states;
    std::vector<storage::MeterStateRow> batch;
    std::vector<storage::ChannelHealth> healths;
    {
        const std::lock_guard lock{mutex_};
        for (auto& [key, row] : std::exchange(states_, {})) {
            states.push_back(std::move(row));
        }
        for (auto& [key, row] : std::exchange(healths_, {})) {
            healths.push_back(row);
        }
    }
    if (states.empty() && healths.empty()) {
        return;
    }
    try {
        // In parts: thousands of rows as one statement would take their size several times over.
        while (!states.empty()) {
            const auto count = static_cast<std::ptrdiff_t>(std::min(states.size(), rules_.states_max));
            batch.assign(std::make_move_iterator(states.end() - count),
                         std::make_move_iterator(states.end()));
            states.erase(states.end() - count, states.end());
            store_.put_states(batch);
            batch.clear();
        }
        if (!healths.empty()) {
            store_.put_health(healths);
        }
        went_well();
    } catch (const storage::StatementFailed& error) {
        // Something in them is wrong and would be wrong again; the next poll brings new ones.
        spdlog::error("event=states_refused count={} reason=\"{}\"", batch.size(), error.what());
        keep(states);
    } catch (const std::exception& error) {
        went_wrong("states", error);
        keep(batch);
        keep(states);
        const std::lock_guard lock{mutex_};
        for (auto& row : healths) {
            healths_.emplace(row.channel.value, row);
        }
    }
}

void Recorder::keep(std::vector<storage::MeterStateRow>& states) {
    const std::lock_guard lock{mutex_};
    for (auto& row : states) {
        const std::pair key{row.property.value, row.meter.value};
        const auto newer = states_.find(key);
        if (newer == states_.end()) {
            states_.emplace(key, std::move(row));
        } else {
            inherit(newer->second, row);
        }
    }
}

void Recorder::flush_readings() {
    const auto now = [] { return std::chrono::steady_clock::now(); };
    // In order: first what waited on disk, then what is in memory.
    if (now() >= database_retry_at_ && spool_pending() && !drain_spool()) {
        return;
    }
    while (!pending_.empty() && now() >= database_retry_at_ && !spool_pending()) {
        const auto count = std::min(pending_.size(), rules_.batch_max);
        const std::vector<storage::ReadingRow> batch(pending_.begin(),
                                                     pending_.begin() + static_cast<std::ptrdiff_t>(count));
        try {
            store_readings(batch);
            pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
            went_well();
        } catch (const std::exception& error) {
            went_wrong("readings", error);
        }
    }
    if (pending_.empty()) {
        return;
    }
    if (Spool* spool = open_spool()) {
        try {
            spool->add({pending_.begin(), pending_.end()});
            pending_.clear();
            if (std::exchange(spool_broken_, false)) {
                spdlog::info("event=spool_works_again");
            }
            return;
        } catch (const std::exception& error) {
            spool_refused(error);
        }
    }
    if (pending_.size() > rules_.memory_max) {
        const auto excess = pending_.size() - rules_.memory_max;
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(excess));
        metrics_.lost_in_memory(excess);
        spdlog::error(
            "event=readings_dropped count={} reason=\"neither the database nor the spool takes them\"",
            excess);
    }
}

void Recorder::store_readings(const std::vector<storage::ReadingRow>& batch) {
    try {
        const auto stored = store_.put_readings(batch);
        metrics_.readings(stored.added, stored.duplicates);
        return;
    } catch (const storage::StatementTimeout&) {
        throw;
    } catch (const storage::StatementFailed& error) {
        if (batch.size() == 1) {
            // It would be refused for ever and hold up all that come after it.
            metrics_.lost_in_memory(1);
            spdlog::error("event=reading_refused meter={} content=\"{}\" reason=\"{}\"", batch[0].meter.value,
                          to_spool_text(batch[0]), error.what());
            return;
        }
    }
    const auto half = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    store_readings({batch.begin(), half});
    store_readings({half, batch.end()});
}

bool Recorder::spool_pending() {
    const Spool* spool = open_spool();
    return spool != nullptr && spool->depth() > 0;
}

bool Recorder::drain_spool() {
    constexpr int kBatchesMax = 50;  // then the states have their turn
    // What is taken out at once needs room on the disk for a moment, and the disk may be full.
    constexpr std::size_t kTakenOutMax = 1'000;
    for (int i = 0; i < kBatchesMax && spool_->depth() > 0; ++i) {
        try {
            const auto entries = spool_->peek(std::min(rules_.batch_max, kTakenOutMax));
            if (entries.empty()) {
                break;
            }
            std::vector<storage::ReadingRow> batch;
            batch.reserve(entries.size());
            for (const auto& entry : entries) {
                batch.push_back(entry.reading);
            }
            store_readings(batch);
            spool_->remove_through(entries.back().sequence);
            went_well();
        } catch (const SpoolError& error) {
            metrics_.spool_failed();
            spdlog::error("event=spool_failed reason=\"{}\"", error.what());
            database_retry_at_ = std::chrono::steady_clock::now() + rules_.retry_after;
            return false;
        } catch (const std::exception& error) {
            went_wrong("spooled readings", error);
            return false;
        }
    }
    if (spool_->depth() == 0) {
        spdlog::info("event=spool_empty");
    }
    return true;
}

void Recorder::spool_refused(const std::exception& error) {
    metrics_.spool_failed();
    if (!std::exchange(spool_broken_, true)) {
        spdlog::error("event=spool_failed reason=\"{}\" readings_in_memory={} events_in_memory={}",
                      error.what(), pending_.size(), pending_events_.size());
    }
}

Spool* Recorder::open_spool() {
    if (spool_ || std::chrono::steady_clock::now() < spool_retry_at_) {
        return spool_.get();
    }
    try {
        spool_ = std::make_unique<Spool>(spool_file_, spool_bytes_max_);
        if (spool_->depth() > 0 || spool_->events_depth() > 0) {
            spdlog::info("event=spool_opened readings={} events={}", spool_->depth(), spool_->events_depth());
        }
    } catch (const std::exception& error) {
        metrics_.spool_failed();
        spool_retry_at_ = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        spdlog::error("event=spool_failed reason=\"{}\"", error.what());
    }
    return spool_.get();
}

void Recorder::went_well() {
    metrics_.database(true);
    if (std::exchange(database_away_, false)) {
        spdlog::info("event=database_back spooled={}", spool_ ? spool_->depth() : 0);
    }
}

void Recorder::went_wrong(const char* doing, const std::exception& error) {
    metrics_.database(false);
    database_retry_at_ = std::chrono::steady_clock::now() + rules_.retry_after;
    if (!std::exchange(database_away_, true)) {
        spdlog::warn("event=database_away while=\"{}\" reason=\"{}\"", doing, error.what());
    }
}

}  // namespace wutong::collector
