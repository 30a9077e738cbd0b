#pragma once

#include <mutex>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "collector/field_store.hpp"
#include "storage/errors.hpp"

namespace wutong::tests {

/// A database in memory, which can be away, or be there and refuse what it is given.
class MemoryStore : public collector::FieldStore {
public:
    bool wait_for_work(std::chrono::milliseconds) override { return false; }
    std::vector<storage::ChannelLease> keep_leases(bool) override { return {}; }
    void release_leases() override {}
    std::optional<core::Handover> wanted_handover() override { return std::nullopt; }
    bool hand_over(const storage::ChannelLease&, const std::string&) override { return false; }
    storage::PolledSite load_site() override { return {}; }
    void beat() override {}
    std::vector<collector::CommandWork> claim_commands() override { return {}; }
    std::vector<collector::DeliveryWork> claim_deliveries() override { return {}; }
    void expire_commands() override {}
    int put_back_forgotten(const collector::WorkInHand&) override { return 0; }
    std::vector<storage::RecordingOrder> claim_recordings(int) override { return {}; }
    void finish_recording(const storage::RecordingOrder&, const std::string&, const std::string&,
                          bool) override {}

    collector::CommandGate::Answer may_send(const collector::CommandWork& work) override {
        check();
        const std::lock_guard lock{mutex};
        asked.push_back(work.id.value);
        return collector::CommandGate::Answer::yes;
    }
    bool finish_command(const collector::CommandWork& work,
                        const collector::CommandOutcome& outcome) override {
        check(true);
        const std::lock_guard lock{mutex};
        commands.emplace_back(work, outcome);
        return true;
    }
    bool put_back_command(const collector::CommandWork&) override { return true; }
    bool store_delivery(const collector::DeliveryWork& work) override {
        check(true);
        const std::lock_guard lock{mutex};
        steps.push_back(work);
        return true;
    }
    bool finish_delivery(const collector::DeliveryWork& work) override {
        check(true);
        const std::lock_guard lock{mutex};
        deliveries.push_back(work);
        return true;
    }
    bool put_back_delivery(const collector::DeliveryWork&, core::Timestamp) override { return true; }

    bool tell_alarm(core::PropertyId, core::MeterId meter, const std::string& kind, bool live,
                    const std::string& text) override {
        const std::lock_guard lock{mutex};
        alarms.push_back({meter, kind, live, text});
        return true;
    }

    core::ClockDay clock_day(core::PropertyId, core::MeterId, core::Timestamp) override {
        check();
        const std::lock_guard lock{mutex};
        return clock_today;
    }
    bool note_clock(const storage::ClockNote& note, const core::ClockRules& rules) override {
        check();
        const std::lock_guard lock{mutex};
        if (note.step.count() != 0) {
            if (clock_today.moved + std::chrono::abs(note.step) > rules.day_max) {
                return false;
            }
            clock_today.moved += std::chrono::abs(note.step);
            ++clock_today.steps;
        }
        clock_notes.push_back(note);
        return true;
    }
    bool note_firmware(const storage::FirmwareNote& note) override {
        check();
        const std::lock_guard lock{mutex};
        firmware_notes.push_back(note);
        return true;
    }
    storage::MeterReadings known_readings(core::PropertyId, core::MeterId meter, core::Timestamp from,
                                          core::Timestamp to, std::chrono::seconds interval) override {
        check();
        const std::lock_guard lock{mutex};
        storage::MeterReadings known;
        known.meter = meter;
        known.interval = interval;
        known.since = known_since;
        for (const auto& reading : known_rows) {
            if (reading.at >= from && reading.at < to) {
                known.readings.push_back(reading);
            }
        }
        return known;
    }

    void put_states(const std::vector<storage::MeterStateRow>& rows) override {
        check();
        const std::lock_guard lock{mutex};
        states.insert(states.end(), rows.begin(), rows.end());
    }
    void put_health(const std::vector<storage::ChannelHealth>&) override { check(); }
    void put_events(const std::vector<storage::MeterEventsRow>& rows) override {
        check();
        const std::lock_guard lock{mutex};
        events.insert(events.end(), rows.begin(), rows.end());
    }
    storage::ReadingsStored put_readings(const std::vector<storage::ReadingRow>& rows) override {
        check();
        const std::lock_guard lock{mutex};
        storage::ReadingsStored stored;
        for (const auto& row : rows) {
            if (keys.insert({row.meter.value, row.read_at.time_since_epoch().count()}).second) {
                readings.push_back(row);
                ++stored.added;
            } else {
                ++stored.duplicates;
            }
        }
        if (std::exchange(forget_answer, false)) {
            throw storage::CommitUnknown{"the connection broke during COMMIT"};
        }
        return stored;
    }

    void away(bool is_away) {
        const std::lock_guard lock{mutex};
        away_ = is_away;
    }
    /// Steps and results are refused from now on.
    void rejects(bool rejects) {
        const std::lock_guard lock{mutex};
        rejects_ = rejects;
    }
    template <class Read>
    auto look(Read read) {
        const std::lock_guard lock{mutex};
        return read(*this);
    }

    std::mutex mutex;
    bool forget_answer = false;  ///< the next batch is stored, and nobody is told
    std::vector<std::int64_t> asked;
    std::vector<std::pair<collector::CommandWork, collector::CommandOutcome>> commands;
    std::vector<collector::DeliveryWork> steps;
    std::vector<collector::DeliveryWork> deliveries;
    struct Alarm {
        core::MeterId meter;
        std::string kind;
        bool live = false;
        std::string text;
    };
    std::vector<Alarm> alarms;
    int rejected = 0;
    std::vector<storage::MeterStateRow> states;
    std::vector<storage::MeterEventsRow> events;
    core::ClockDay clock_today;
    std::vector<storage::FirmwareNote> firmware_notes;
    std::vector<storage::ClockNote> clock_notes;
    core::Timestamp known_since;
    std::vector<core::KnownReading> known_rows;
    std::vector<storage::ReadingRow> readings;
    std::set<std::pair<std::int64_t, std::int64_t>> keys;

private:
    void check(bool of_money = false) {
        const std::lock_guard lock{mutex};
        if (away_) {
            throw storage::DatabaseUnavailable{"the database is away"};
        }
        if (of_money && rejects_) {
            ++rejected;
            throw storage::StatementFailed{"permission denied for table posting", "42501", ""};
        }
    }
    bool away_ = false;
    bool rejects_ = false;
};

}  // namespace wutong::tests
