// Meters that send by themselves: what the schedule asks of others it expects of them.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/drivers/message_driver.hpp"
#include "collector/drivers/message_session.hpp"
#include "collector/polling/channel.hpp"
#include "collector/polling/meter_facts.hpp"

namespace wutong::collector {

namespace {

using core::Quantity;

/// A clock of the meter's is believed this far; beyond, the message counts as of now.
constexpr std::chrono::seconds kClockAheadMax{60};
constexpr std::chrono::days kBacklogMax{31};
/// A register may stand in a state that a later message completes: states that come close together are
/// written as one.
constexpr std::chrono::seconds kRegisterInState{60};
constexpr int kMessagesAtOnce = 64;
/// A meter that was asked to tell gets this long before it is asked again.
constexpr std::chrono::seconds kAnswersWithin{5};
/// Meters that send each interval don't do so to the second.
constexpr int kSlackNum = 3;
constexpr int kSlackDen = 2;
/// Readings are not asked for: the first message of an interval is one.
constexpr std::chrono::hours kNever{24 * 3650};

std::int64_t slot_of(core::Timestamp at, std::chrono::seconds interval) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()) / interval;
}

}  // namespace

MeterSchedule::Intervals Channel::expected(const MeterSchedule::Intervals& told) {
    return {told.state * kSlackNum / kSlackDen, kNever};
}

void Channel::make_line() {
    const std::weak_ptr<Channel> weak = weak_from_this();
    if (!env_.make_messages) {
        throw std::invalid_argument("this collector speaks no MQTT");
    }
    messages_ = env_.make_messages(strand_, settings_, [weak] {
        if (const auto self = weak.lock()) {
            self->wake();
        }
    });
    renew_topics_ = true;
}

void Channel::follow_line() {
    if (std::exchange(renew_topics_, false)) {
        std::vector<FieldMeter> meters;
        for (const auto& [id, entry] : meters_) {
            meters.push_back(entry.meter);
        }
        router_ = MessageRouter{meters, router_.take_nodes()};
        messages_->listen(router_.topics());
    }
    const bool was_down = std::exchange(down_, !messages_->up());
    if (was_down != down_) {
        metrics_->open(!down_);
        if (down_) {
            spdlog::warn("channel={} event=away reason=\"{}\"", settings_.code, messages_->why_down());
        } else {
            spdlog::info("channel={} event=listens topics={}", settings_.code, router_.topics().size());
            for (auto& [id, entry] : meters_) {
                ask_for_news(entry);
            }
        }
    }
}

bool Channel::run_messages() {
    int taken = 0;
    while (taken < kMessagesAtOnce) {
        const auto message = messages_->take();
        if (!message) {
            break;
        }
        ++taken;
        try {
            run_message(*message);
        } catch (const std::exception& bug) {
            spdlog::critical("channel={} topic={} event=bug while=message reason=\"{}\"", settings_.code,
                             message->topic, bug.what());
        }
    }
    if (taken > 0) {
        beats_.fetch_add(1, std::memory_order_relaxed);
        answered_at_ = env_.clock();
        silent_exchanges_ = 0;
    }
    return taken == kMessagesAtOnce;
}

void Channel::run_message(const Message& message) {
    auto routed = router_.route(message, env_.clock());
    if (!routed.known) {
        messages_->unwanted(message.topic);
        return;
    }
    if (!routed.fault.empty()) {
        metrics_->exchange("garbled", std::chrono::nanoseconds{0});
        spdlog::debug("channel={} topic={} event=message_refused reason=\"{}\"", settings_.code,
                      message.topic, routed.fault);
    }
    for (const auto& answer : routed.answers) {
        messages_->publish(answer);
    }
    for (const auto& news : routed.news) {
        if (MeterEntry* entry = find(news.meter)) {
            take_news(*entry, news, message.retained);
        }
    }
}

void Channel::take_news(MeterEntry& entry, const MeterNews& news, bool retained) {
    // Held here: what is told may replace the entry's.
    const auto slot = entry.session;
    MessageSession& session = message_session(slot->kept);
    if (news.online) {
        take_presence(entry, session, *news.online);
    }
    if (news.values.empty()) {
        return;
    }
    const core::Timestamp now = env_.clock();
    const bool timed =
        news.told_at && *news.told_at <= now + kClockAheadMax && *news.told_at >= now - kBacklogMax;
    const core::Timestamp at = timed ? *news.told_at : now;
    if (timed && session.told_at == at && session.told == news.values) {
        return;  // delivered twice
    }
    if (timed && (news.historical || (session.told_at && at < *session.told_at))) {
        take_late(entry, session, news.values, at);
        return;
    }
    session.learn(news.values, at);
    if (timed) {
        session.told_at = at;
        session.told = news.values;
    }
    // What the broker kept says where a relay stands, but not that anybody is there.
    if (retained) {
        return;
    }
    ++session.heard;
    session.relay_heard += news.values.contains(Quantity::relay_closed) ? 1U : 0U;

    MeterReadout readout;
    readout.kind = BusReply::Kind::answered;
    readout.at = at;
    readout.values = session.values(at, kRegisterInState);
    const auto counted = entry.meter.profile->register_quantity();
    const bool tells_register = news.values.contains(counted);
    if (!tells_register) {
        readout.register_unusable = session.register_unusable || !readout.values.contains(counted);
        readout.doubt = session.doubt;
    }
    const auto reading_slot = slot_of(at, entry.intervals.reading);
    const bool reading =
        (tells_register || !entry.meter.profile->has(counted)) && session.reading_slot != reading_slot;
    if (reading) {
        session.reading_slot = reading_slot;
    }
    take_readout(entry, readout, reading, tells_register);
    if (tells_register) {
        session.register_unusable = readout.register_unusable;
        session.doubt = readout.doubt;
    }
}

void Channel::take_readout(MeterEntry& entry, MeterReadout& readout, bool reading, bool tells_register) {
    metrics_->poll(true);
    schedule_.answered(entry.meter.id, reading ? PollKind::reading : PollKind::state,
                       std::chrono::steady_clock::now(), std::chrono::milliseconds{0});
    heard(entry, readout, tells_register);
    if (reading || readout.doubt_is_new) {
        env_.sink.reading(reading_row(entry.meter, readout, reading ? "scheduled" : "state"));
    }
}

void Channel::take_late(MeterEntry& entry, MessageSession& session, const core::Values& values,
                        core::Timestamp at) {
    const auto energy = values.find(entry.meter.profile->register_quantity());
    const auto slot = slot_of(at, entry.intervals.reading);
    // One reading of each interval, and only what may have been on the way to what the register shows by now.
    if (energy == values.end() || session.late_slot == slot || session.reading_slot == slot ||
        !entry.registers.good || energy->second > entry.registers.good->energy.watt_hours() ||
        at >= entry.registers.good->at) {
        return;
    }
    session.late_slot = slot;
    MeterReadout readout;
    readout.kind = BusReply::Kind::answered;
    readout.at = at;
    readout.values = values;
    env_.sink.reading(reading_row(entry.meter, readout, "catch_up"));
}

void Channel::take_presence(MeterEntry& entry, MessageSession& session, bool online) {
    if (session.online == online) {
        return;
    }
    session.online = online;
    spdlog::info("channel={} meter={} event={}", settings_.code, entry.meter.code,
                 online ? "meter_online" : "meter_offline");
    if (online) {
        // A birth may come without values.
        if (entry.lost && entry.meter.profile->protocol != core::MeterProtocol::sparkplug_b) {
            if (const auto asks = asking_message(entry.meter, env_.clock())) {
                messages_->publish(*asks);
            }
        }
        return;
    }
    if (!entry.lost) {
        entry.lost = true;
        schedule_.failed(entry.meter.id, std::chrono::steady_clock::now(), std::chrono::milliseconds{0},
                         std::chrono::steady_clock::now(), 0);
        report_state(entry, silent_row(entry.meter, env_.clock(),
                                       std::max(1, schedule_.health(entry.meter.id).failures), true));
    }
}

void Channel::run_silence(const Poll& poll) {
    MeterEntry* entry = find(poll.meter);
    if (entry == nullptr) {
        schedule_.remove(poll.meter);
        return;
    }
    ask_for_news(*entry);
    poll_failed(*entry, BusReply::Kind::silent, std::chrono::milliseconds{0},
                std::chrono::steady_clock::now() + kAnswersWithin);
}

void Channel::ask_for_news(MeterEntry& entry) {
    if (entry.meter.profile->protocol == core::MeterProtocol::sparkplug_b) {
        for (const auto& answer : router_.births_wanted(entry.meter, env_.clock())) {
            messages_->publish(answer);
        }
    } else if (const auto asks = asking_message(entry.meter, env_.clock())) {
        messages_->publish(*asks);
    }
}

BusReply Channel::publish(const Message& message) {
    BusReply reply;
    if (!messages_) {
        reply.kind = BusReply::Kind::refused;
        reply.reason =
            "channel " + settings_.code + " carries no messages: the meter needs one of transport mqtt";
    } else if (messages_->publish(message)) {
        reply.kind = BusReply::Kind::answered;
    } else {
        reply.kind = BusReply::Kind::away;
        reply.reason = messages_->why_down();
    }
    return reply;
}

}  // namespace wutong::collector
