#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/drivers/meter_driver.hpp"
#include "collector/polling/channel_bus.hpp"
#include "collector/polling/meter_facts.hpp"

namespace wutong::collector {

namespace {

using Group = core::Block::Group;
constexpr std::chrono::seconds kCheckEvery{1};
constexpr std::chrono::seconds kHealthEvery{5};

std::chrono::milliseconds since(SteadyTime begin) {
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

MeterReadout Channel::read_poll(const Poll& poll, const FieldMeter& meter, SteadyTime& not_before,
                                Yield yield) {
    const MeterDriver& driver = driver_of(*meter.profile);
    MeterReadout readout;
    if (poll.kind == PollKind::probe) {
        PollBus bus{
            *this, meter, std::nullopt,
            std::min(std::max(env_.rules.probe_timeout, driver.answers_within()), settings_.answer_timeout),
            yield};
        BusReply reply = driver.probe(bus, meter);
        readout.kind = reply.kind;
        readout.reason = std::move(reply.reason);
        not_before = bus.not_before();
        return readout;
    }
    PollBus bus{*this, meter, poll.lane, settings_.answer_timeout, yield};
    readout = driver.read_groups(bus, meter,
                                 poll.kind == PollKind::reading ? std::vector{Group::state, Group::reading}
                                                                : std::vector{Group::state});
    not_before = bus.not_before();
    return readout;
}

void Channel::run_poll(const Poll& poll, Yield yield) {
    if (messages_) {
        run_silence(poll);
        return;
    }
    // A copy: what is on top of us may change the map.
    const auto found = meters_.find(poll.meter);
    if (found == meters_.end()) {
        schedule_.remove(poll.meter);
        return;
    }
    const FieldMeter meter = found->second.meter;
    ++depth_;
    const bool entered = busy_.insert(poll.meter).second;
    const auto begin = std::chrono::steady_clock::now();
    SteadyTime not_before{};
    MeterReadout readout;
    try {
        readout = read_poll(poll, meter, not_before, yield);
        look_twice(poll, meter, readout, not_before, yield);
    } catch (const std::exception& bug) {
        // One meter's rubbish, or a fault of ours with it, must not end the polling of the others.
        spdlog::critical("channel={} meter={} event=bug while=poll reason=\"{}\"", settings_.code, meter.code,
                         bug.what());
        readout = {};
        readout.kind = BusReply::Kind::garbled;
        readout.reason = bug.what();
    }
    if (entered) {
        busy_.erase(poll.meter);
    }
    --depth_;
    MeterEntry* entry = find(poll.meter);
    if (entry == nullptr) {
        return;
    }
    // A refusal is an answer too: somebody is there. But it brings no values.
    if (readout.answered() || (poll.kind == PollKind::probe && readout.kind == BusReply::Kind::refused)) {
        poll_answered(*entry, readout, poll.kind, since(begin));
    } else {
        spdlog::debug("channel={} meter={} event=poll_failed reason=\"{}\"", settings_.code, meter.code,
                      readout.reason);
        poll_failed(*entry, readout.kind, since(begin), not_before);
    }
}

void Channel::poll_answered(MeterEntry& entry, MeterReadout& readout, PollKind kind,
                            std::chrono::milliseconds took) {
    metrics_->poll(true);
    schedule_.answered(entry.meter.id, kind, std::chrono::steady_clock::now(), took);
    if (kind == PollKind::probe) {
        spdlog::info("channel={} meter={} event=meter_answers_again", settings_.code, entry.meter.code);
        unpark(entry.meter.id);
        return;
    }
    heard(entry, readout);
    if (kind == PollKind::reading || readout.doubt_is_new) {
        env_.sink.reading(
            reading_row(entry.meter, readout, kind == PollKind::reading ? "scheduled" : "state"));
    }
    if (const auto round = schedule_.last_round()) {
        metrics_->round(*round);
    }
}

void Channel::heard(MeterEntry& entry, MeterReadout& readout, bool tells_register) {
    if (entry.lost) {
        spdlog::info("channel={} meter={} event=meter_found", settings_.code, entry.meter.code);
    }
    entry.heard_at = readout.at;
    entry.ever_answered = true;
    entry.lost = false;
    if (tells_register) {
        judge_register(entry, readout);
    }
    report_state(entry, state_row(entry.meter, readout));
    watch_events(entry, readout);
    unpark(entry.meter.id);
}

void Channel::poll_failed(MeterEntry& entry, const BusReply::Kind kind, std::chrono::milliseconds took,
                          SteadyTime not_before) {
    metrics_->poll(false);
    const auto now = std::chrono::steady_clock::now();
    if (kind == BusReply::Kind::away) {
        // Nothing was asked, so nothing is known about the meter. It is due again when the line is back.
        return;
    }
    const bool was_quarantined = schedule_.health(entry.meter.id).quarantined;
    schedule_.failed(entry.meter.id, now, took, not_before, settings_.retries);
    const auto health = schedule_.health(entry.meter.id);
    if (health.quarantined && !was_quarantined) {
        spdlog::warn("channel={} meter={} event=meter_quarantined failures={}", settings_.code,
                     entry.meter.code, health.failures);
    }
    if (health.failures > 0) {
        report_state(entry, silent_row(entry.meter, env_.clock(), health.failures, entry.lost));
    }
}

void Channel::report_state(MeterEntry& entry, storage::MeterStateRow row) {
    // Alarms cost statements, so they are only told when they changed, and once after a start.
    if (row.answered_at) {
        auto alarms = live_alarms(row);
        if (entry.alarms != alarms) {
            row.alarms = alarms;
            entry.alarms = std::move(alarms);
        }
    }
    if (entry.lost_reported != entry.lost) {
        row.lost_alarm = entry.lost;
        entry.lost_reported = entry.lost;
    }
    env_.sink.state(std::move(row));
}

bool Channel::check_losses() {
    const core::Timestamp now = env_.clock();
    std::size_t lost = 0;
    core::Timestamp oldest = now;
    for (auto& [id, entry] : meters_) {
        const int failures = schedule_.health(id).failures;
        const auto age = now - entry.heard_at;
        if (!entry.lost && (failures > 0 || down_) && age > entry.lost_after) {
            entry.lost = true;
            spdlog::warn("channel={} meter={} event=meter_lost silent_s={}", settings_.code, entry.meter.code,
                         std::chrono::duration_cast<std::chrono::seconds>(age).count());
            report_state(entry, silent_row(entry.meter, now, std::max(failures, 1), true));
        }
        lost += entry.lost ? 1U : 0U;
        if (!entry.lost) {
            oldest = std::min(oldest, entry.heard_at);
        }
    }
    metrics_->meters(meters_.size(), schedule_.quarantined(), lost);
    metrics_->freshness(std::chrono::duration_cast<std::chrono::seconds>(now - oldest));
    const bool stale = now - oldest > env_.rules.state_target;
    if (stale != stale_) {
        stale_ = stale;
        spdlog::log(stale ? spdlog::level::warn : spdlog::level::info,
                    "channel={} event={} oldest_s={} target_s={} round_ms={}", settings_.code,
                    stale ? "state_target_missed" : "state_target_met",
                    std::chrono::duration_cast<std::chrono::seconds>(now - oldest).count(),
                    env_.rules.state_target.count(),
                    schedule_.last_round().value_or(std::chrono::milliseconds{0}).count());
    }

    const core::Timestamp heard = std::max(answered_at_.value_or(known_since_), known_since_);
    const bool was_lost = lost_;
    lost_ = !meters_.empty() && (down_ || silent_exchanges_ > 0) && now - heard > env_.rules.lost_after;
    if (lost_ != was_lost) {
        spdlog::warn("channel={} event={}", settings_.code, lost_ ? "channel_lost" : "channel_found");
    }
    return lost_ != was_lost;
}

void Channel::report_health() {
    const auto now = std::chrono::steady_clock::now();
    if (now < check_due_) {
        return;
    }
    check_due_ = now + kCheckEvery;
    for (const auto lane : {core::Lane::control, core::Lane::credit, core::Lane::read_now}) {
        metrics_->waiting(lane, queue_.size(lane));
    }
    const bool on_standby = env_.paths && env_.paths->on_standby(id_);
    const bool path_changed = std::exchange(on_standby_, on_standby) != on_standby;
    metrics_->on_standby(on_standby);
    if (!check_losses() && !path_changed && now < health_due_) {
        return;
    }
    health_due_ = now + kHealthEvery;
    storage::ChannelHealth health;
    health.property = settings_.property;
    health.channel = id_;
    health.answered_at = answered_at_;
    health.lost = lost_;
    health.on_standby = on_standby;
    health.round = schedule_.last_round();
    health.at = env_.clock();
    env_.sink.health(health);
}

}  // namespace wutong::collector
