#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "collector/recording/recorder.hpp"
#include "storage/errors.hpp"

/// What happens to meters, on its way into the database: in order, and through the spool while it is away.
namespace wutong::collector {

void Recorder::events(storage::MeterEventsRow row) {
    {
        const std::lock_guard lock{mutex_};
        events_.push_back(std::move(row));
    }
    changed_.notify_one();
}

void Recorder::take_events() {
    const std::lock_guard lock{mutex_};
    pending_events_.insert(pending_events_.end(), std::make_move_iterator(events_.begin()),
                           std::make_move_iterator(events_.end()));
    events_.clear();
}

void Recorder::flush_events() {
    const auto there = [this] { return std::chrono::steady_clock::now() >= database_retry_at_; };
    take_events();
    // In order, as the readings.
    if (there() && !drain_spooled_events()) {
        return;
    }
    const bool spooled = spool_ && spool_->events_depth() > 0;
    while (!pending_events_.empty() && there() && !spooled) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(pending_events_.size(), rules_.states_max));
        if (!store_events({pending_events_.begin(), pending_events_.begin() + count})) {
            break;
        }
        pending_events_.erase(pending_events_.begin(), pending_events_.begin() + count);
    }
    if (pending_events_.empty()) {
        return;
    }
    if (Spool* spool = open_spool()) {
        try {
            spool->add_events({pending_events_.begin(), pending_events_.end()});
            pending_events_.clear();
            return;
        } catch (const std::exception& error) {
            spool_refused(error);
        }
    }
    // The newest says what is so; what a meter wrote down itself is read again.
    while (pending_events_.size() > rules_.events_max) {
        pending_events_.pop_front();
    }
}

bool Recorder::store_events(const std::vector<storage::MeterEventsRow>& rows) {
    try {
        store_.put_events(rows);
        went_well();
        return true;
    } catch (const storage::StatementTimeout& error) {
        went_wrong("meter events", error);
    } catch (const storage::StatementFailed& error) {
        // It would be refused for ever and hold up all that come after it.
        spdlog::error("event=meter_events_refused count={} reason=\"{}\"", rows.size(), error.what());
        return true;
    } catch (const std::exception& error) {
        went_wrong("meter events", error);
    }
    return false;
}

bool Recorder::drain_spooled_events() {
    constexpr int kBatchesMax = 20;  // then the readings have their turn
    Spool* spool = open_spool();
    try {
        for (int i = 0; spool != nullptr && i < kBatchesMax && spool->events_depth() > 0; ++i) {
            const auto entries = spool->peek_events(rules_.states_max);
            if (entries.empty()) {
                break;
            }
            std::vector<storage::MeterEventsRow> rows;
            rows.reserve(entries.size());
            for (const auto& entry : entries) {
                rows.push_back(entry.events);
            }
            if (!store_events(rows)) {
                return false;
            }
            spool->remove_events_through(entries.back().sequence);
        }
    } catch (const SpoolError& error) {
        spool_refused(error);
        database_retry_at_ = std::chrono::steady_clock::now() + rules_.retry_after;
        return false;
    }
    return true;
}

}  // namespace wutong::collector
