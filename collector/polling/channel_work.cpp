#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/database/failures.hpp"
#include "collector/polling/channel_bus.hpp"
#include "collector/polling/meter_facts.hpp"
#include "storage/errors.hpp"

namespace wutong::collector {

namespace {

/// Writes a delivery down through the database's threads; the coroutine waits, the strand does not.
class StoredJournal final : public DeliveryJournal {
public:
    StoredJournal(DatabaseWorker& database, Yield yield) : database_{database}, yield_{yield} {}

    Stored store(const DeliveryWork& work) override {
        return ask(work, [&](FieldStore& store) { return store.store_delivery(work); });
    }
    Stored finish(const DeliveryWork& work) override {
        return ask(work, [&](FieldStore& store) { return store.finish_delivery(work); });
    }
    /// Of the last rejection.
    [[nodiscard]] const std::string& why() const { return why_; }

private:
    template <class Body>
    Stored ask(const DeliveryWork& work, Body body) {
        try {
            database_.run(std::move(body), yield_);
            return Stored::yes;
        } catch (const storage::LeaseLost& lost) {
            spdlog::warn("delivery={} event=fenced reason=\"{}\"", work.id.value, lost.what());
            return Stored::fenced;
        } catch (const std::exception& error) {
            if (!passes_by_itself(error)) {
                spdlog::critical("delivery={} event=rejected reason=\"{}\"", work.id.value, error.what());
                why_ = error.what();
                return Stored::rejected;
            }
            spdlog::warn("delivery={} event=not_stored reason=\"{}\"", work.id.value, error.what());
            return Stored::away;
        }
    }

    DatabaseWorker& database_;
    Yield yield_;
    std::string why_;
};

class StoredGate final : public CommandGate {
public:
    StoredGate(DatabaseWorker& database, const CommandWork& work, Yield yield)
        : database_{database}, work_{work}, yield_{yield} {}

    Answer ask() override {
        try {
            return database_.run([this](FieldStore& store) { return store.may_send(work_); }, yield_);
        } catch (const storage::LeaseLost& lost) {
            spdlog::warn("command={} event=fenced reason=\"{}\"", work_.id.value, lost.what());
            return Answer::fenced;
        } catch (const std::exception& error) {
            if (!passes_by_itself(error)) {
                spdlog::critical("command={} event=rejected reason=\"{}\"", work_.id.value, error.what());
                return Answer::rejected;
            }
            spdlog::warn("command={} event=not_asked reason=\"{}\"", work_.id.value, error.what());
            return Answer::away;
        }
    }

private:
    DatabaseWorker& database_;
    const CommandWork& work_;
    Yield yield_;
};

}  // namespace

Channel::MeterEntry* Channel::find(core::MeterId meter) {
    const auto found = meters_.find(meter);
    return found == meters_.end() ? nullptr : &found->second;
}

std::shared_ptr<SessionSlot> Channel::session_of(core::MeterId meter) {
    const MeterEntry* entry = find(meter);
    return entry == nullptr ? std::make_shared<SessionSlot>() : entry->session;
}

void Channel::run_urgent(core::Lane than, Yield yield) {
    while (!stopping_) {
        auto work = queue_.take(than, busy_);
        if (!work) {
            return;
        }
        run_work(std::move(*work), yield);
    }
}

void Channel::run_work(Work work, Yield yield) {
    const core::MeterId meter = work.meter();
    ++depth_;
    busy_.insert(meter);
    const MeterEntry* entry = find(meter);
    // The database may know of a new address before we do: nothing is sent to the old one.
    if (entry == nullptr || (work.bus_address() != 0 && work.bus_address() != entry->meter.bus_address)) {
        put_back(work, yield);
    } else if (auto* command = std::get_if<CommandWork>(&work.content)) {
        run_command_work(std::move(*command), yield);
    } else {
        run_delivery_work(std::move(std::get<DeliveryWork>(work.content)), yield);
    }
    busy_.erase(meter);
    --depth_;
}

void Channel::put_back(const Work& work, Yield yield) {
    // The meter was taken off this channel, or has moved on it: whoever polls it now finds the row in the
    // queue.
    try {
        env_.database.run(
            [&](FieldStore& store) {
                const auto* command = std::get_if<CommandWork>(&work.content);
                return command != nullptr ? store.put_back_command(*command)
                                          : store.put_back_delivery(std::get<DeliveryWork>(work.content),
                                                                    env_.clock() + env_.rules.retry_max);
            },
            yield);
    } catch (const storage::LeaseLost&) {
        // Not ours any more: the same end.
    } catch (const std::exception& error) {
        spdlog::warn("channel={} event=not_put_back reason=\"{}\"", settings_.code, error.what());
        park(work, 1, Awaits::database);
        return;
    }
    std::visit([this](const auto& content) { env_.book.end(content); }, work.content);
}

void Channel::park(Work work, int failures, Awaits what) {
    const int doublings = std::clamp(failures - 1, 0, 16);
    const auto wait =
        std::min<std::chrono::seconds>(env_.rules.retry_max, env_.rules.retry_first * (1LL << doublings));
    parked_.push_back({std::move(work), std::chrono::steady_clock::now() + wait, what});
}

template <class Content>
void Channel::park_rejected(Content work) {
    const int rejections = ++work.rejections;
    park({std::move(work)}, rejections, Awaits::database);
}

void Channel::run_command_work(CommandWork work, Yield yield) {
    const FieldMeter meter = find(work.meter)->meter;
    CommandEnd end;
    try {
        ChannelBus bus{*this, meter, core::lane_of(work.kind), yield};
        StoredGate gate{env_.database, work, yield};
        end = run_command(work, meter, bus, gate);
    } catch (const std::exception& bug) {
        // A coroutine must not be left from inside a handler, so the row is finished below.
        spdlog::critical("channel={} command={} event=bug reason=\"{}\"", settings_.code, work.id.value,
                         bug.what());
        end = {};
        end.outcome.reason = bug.what();
        if (work.kind == core::CommandKind::set_price) {
            end.outcome.doubt = bug.what();
        }
    }
    work.sent = work.sent || end.sent;
    switch (end.stopped) {
        case CommandGate::Answer::yes:
            break;
        case CommandGate::Answer::away:
            park({std::move(work)}, 1, Awaits::database);
            return;
        case CommandGate::Answer::rejected:
            // It waits longer each time, until it expires; whoever gave it sees that then.
            park_rejected(std::move(work));
            return;
        case CommandGate::Answer::settled:
        case CommandGate::Answer::too_late:
        case CommandGate::Answer::fenced:
            env_.metrics.command(core::to_string(work.kind), "not_wanted");
            env_.book.end(work);
            return;
    }
    if (end.undecided && env_.clock() < work.given_up_at()) {
        const int failures = ++work.looks_failed;
        spdlog::warn("channel={} meter={} command={} event=price_not_read_back reason=\"{}\"", settings_.code,
                     meter.code, work.id.value, end.outcome.reason);
        park({std::move(work)}, failures, Awaits::meter);
        return;
    }
    if (end.outcome.state == core::CommandState::failed && !work.sent && down_ && !stopping_) {
        // The line broke under it. These commands can be given twice, so it waits for the line, or expires.
        queue_.push({std::move(work)});
        return;
    }
    if (end.readout) {
        if (MeterEntry* live = find(work.meter)) {
            schedule_.answered(work.meter, PollKind::state, std::chrono::steady_clock::now(),
                               std::chrono::milliseconds{0});
            heard(*live, *end.readout);
            if (work.kind == core::CommandKind::read_now || end.readout->doubt_is_new) {
                env_.sink.reading(reading_row(meter, *end.readout, "read_now"));
            }
        }
    }
    finish_command(work, end.outcome, yield);
}

void Channel::finish_command(const CommandWork& work, const CommandOutcome& outcome, Yield yield) {
    env_.metrics.command(core::to_string(work.kind), core::to_string(outcome.state));
    spdlog::info("channel={} command={} kind={} event={} reason=\"{}\"", settings_.code, work.id.value,
                 core::to_string(work.kind), core::to_string(outcome.state), outcome.reason);
    try {
        env_.database.run([&](FieldStore& store) { return store.finish_command(work, outcome); }, yield);
        env_.book.end(work);
    } catch (const storage::LeaseLost& lost) {
        spdlog::warn("command={} event=fenced reason=\"{}\"", work.id.value, lost.what());
        env_.book.end(work);
    } catch (const std::exception& error) {
        // The keeper writes it down when it can, and says so aloud when it never can.
        spdlog::warn("command={} event=result_waits reason=\"{}\"", work.id.value, error.what());
        env_.book.owe({work, outcome});
    }
}

void Channel::run_delivery_work(DeliveryWork work, Yield yield) {
    const FieldMeter meter = find(work.meter)->meter;
    DeliveryEnd end;
    std::string why;
    try {
        ChannelBus bus{*this, meter, core::Lane::credit, yield};
        StoredJournal journal{env_.database, yield};
        end = run_delivery(work, meter, bus, journal);
        why = journal.why();
    } catch (const std::exception& bug) {
        // It stays claimed and untouched until an operator, or a restart, looks at it.
        spdlog::critical("channel={} delivery={} event=bug reason=\"{}\"", settings_.code, work.id.value,
                         bug.what());
        env_.metrics.delivery("bug");
        return;
    }
    if (MeterEntry* live = end.look ? find(work.meter) : nullptr) {
        schedule_.answered(work.meter, PollKind::state, std::chrono::steady_clock::now(),
                           std::chrono::milliseconds{0});
        heard(*live, *end.look);
        if (end.kind == DeliveryEnd::Kind::finished || end.look->doubt_is_new) {
            env_.sink.reading(reading_row(meter, *end.look, "credit"));
        }
    }
    const char* outcome = "unsaved";
    switch (end.kind) {
        case DeliveryEnd::Kind::finished:
            outcome = core::to_string(work.delivery.state);
            break;
        case DeliveryEnd::Kind::later:
            outcome = "later";
            break;
        case DeliveryEnd::Kind::fenced:
            outcome = "fenced";
            break;
        case DeliveryEnd::Kind::rejected:
            outcome = "rejected";
            break;
        case DeliveryEnd::Kind::unsaved:
            break;
    }
    env_.metrics.delivery(outcome);
    spdlog::info("channel={} meter={} delivery={} kind={} event={} attempts={} reason=\"{}\"", settings_.code,
                 meter.code, work.id.value, core::to_string(work.delivery.kind), outcome,
                 work.delivery.attempts, work.delivery.reason);
    if (end.kind == DeliveryEnd::Kind::later || end.kind == DeliveryEnd::Kind::unsaved) {
        const int failures = work.looks_failed;
        park({std::move(work)}, failures,
             end.kind == DeliveryEnd::Kind::later ? Awaits::meter : Awaits::database);
        return;
    }
    if (end.kind == DeliveryEnd::Kind::rejected) {
        // Only this one waits, longer each time: the meter's number and balance say later what became of it.
        tell_alarm(meter, kNotStored, true,
                   fmt::format("delivery {}: the database will not have what was found out about it: {}",
                               work.id.value, why),
                   yield);
        park_rejected(std::move(work));
        return;
    }
    if (end.kind == DeliveryEnd::Kind::finished && end.wrong_meter) {
        tell_alarm(meter, kWrongMeter, *end.wrong_meter, work.delivery.reason, yield);
    }
    if (work.rejections > 0) {
        tell_alarm(meter, kNotStored, false, {}, yield);
    }
    env_.book.end(work);
}

void Channel::tell_alarm(const FieldMeter& meter, const char* kind, bool live, std::string text,
                         Yield yield) {
    try {
        env_.database.run([property = meter.property, id = meter.id, kind, live, text = std::move(text)](
                              FieldStore& store) { return store.tell_alarm(property, id, kind, live, text); },
                          yield);
    } catch (const std::exception& error) {
        spdlog::error("channel={} meter={} event=alarm_not_told kind={} reason=\"{}\"", settings_.code,
                      meter.code, kind, error.what());
    }
}

template <class Condition>
void Channel::unpark_if(Condition condition) {
    for (auto it = parked_.begin(); it != parked_.end();) {
        if (condition(*it)) {
            queue_.push(std::move(it->work));
            it = parked_.erase(it);
        } else {
            ++it;
        }
    }
}

void Channel::unpark(core::MeterId meter) {
    unpark_if([meter](const Parked& parked) {
        return parked.work.meter() == meter && parked.what == Awaits::meter;
    });
}

void Channel::unpark_all(core::MeterId meter) {
    unpark_if([meter](const Parked& parked) { return parked.work.meter() == meter; });
}

void Channel::expire_waiting(Yield yield) {
    const auto now = std::chrono::steady_clock::now();
    unpark_if([now](const Parked& parked) { return parked.until <= now; });
    for (const auto& command : queue_.take_expired(env_.clock())) {
        const auto reason = fmt::format("{} was not carried out in time: the channel could not be used",
                                        core::to_string(command.kind));
        CommandOutcome outcome;
        outcome.state = core::CommandState::expired;
        outcome.reason = reason;
        if (command.sent) {
            outcome.doubt = "the price was sent, and the meter could not be read for a day";
        }
        finish_command(command, outcome, yield);
    }
}

void Channel::give_back_all() {
    // The rows stay claimed under our epoch; the next sweep, or the next holder of the lease, finds them.
    for (const auto& work : queue_.take_all()) {
        std::visit([this](const auto& content) { env_.book.end(content); }, work.content);
    }
    for (const auto& parked : parked_) {
        std::visit([this](const auto& content) { env_.book.end(content); }, parked.work.content);
    }
    parked_.clear();
}

}  // namespace wutong::collector
