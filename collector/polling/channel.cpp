#include "collector/polling/channel.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/coroutine/attributes.hpp>

namespace wutong::collector {

namespace {

/// Room for a delivery, a command and a poll on top of each other, with logs and JSON; pages that are not
/// touched cost nothing.
constexpr std::size_t kStackBytes = 512 * 1024;
/// An idle channel still looks at the clock now and then: losses, health, the watchdog's beat.
constexpr std::chrono::seconds kIdleWake{1};

}  // namespace

Channel::Channel(boost::asio::io_context& context, ChannelEnvironment& environment,
                 storage::PolledChannel settings)
    : env_{environment},
      strand_{boost::asio::make_strand(context)},
      timer_{strand_},
      id_{settings.id},
      settings_{std::move(settings)},
      metrics_{env_.metrics.channel(std::to_string(settings_.property.value), settings_.code)},
      schedule_{env_.rules.schedule},
      upkeep_{env_.rules.upkeep},
      known_since_{env_.clock()},
      done_{done_promise_.get_future().share()} {}

Channel::~Channel() = default;

void Channel::start() {
    boost::asio::spawn(
        strand_, [self = shared_from_this()](Yield yield) { self->run_guarded(yield); },
        boost::coroutines::attributes{kStackBytes});
}

void Channel::configure(storage::PolledChannel settings, std::vector<ChannelMeter> meters) {
    boost::asio::post(strand_, [self = shared_from_this(), settings = std::move(settings),
                                meters = std::move(meters)]() mutable {
        self->apply(std::move(settings), std::move(meters));
    });
}

void Channel::submit(Work work) {
    boost::asio::post(strand_, [self = shared_from_this(), work = std::move(work)]() mutable {
        self->queue_.push(std::move(work));
        if (self->stopping_) {
            self->give_back_all();
        }
        self->wake();
    });
}

void Channel::stop() {
    stopping_ = true;
    boost::asio::post(strand_, [self = shared_from_this()] { self->wake(); });
}

void Channel::abort() {
    boost::asio::post(strand_, [self = shared_from_this()] {
        if (self->client_) {
            self->client_->close();
        }
        if (self->messages_) {
            self->messages_->close();
        }
        self->wake();
    });
}

void Channel::apply(storage::PolledChannel settings, std::vector<ChannelMeter> meters) {
    const auto now = std::chrono::steady_clock::now();
    const core::Timestamp clock = env_.clock();
    storage::PolledChannel line_before = settings_;
    // These are not the line's: changing them needs no new connection.
    line_before.answer_timeout = settings.answer_timeout;
    line_before.retries = settings.retries;
    if (!settings.transport.starts_with("gateway_")) {
        line_before.epoch = settings.epoch;  // a gateway of ours has to hear of it
    }
    line_before.code = settings.code;
    line_before.gateway = settings.gateway;
    const bool line_changed = line_before != settings;
    settings_ = std::move(settings);

    std::set<core::MeterId> named;
    for (auto& polled : meters) {
        const core::MeterId id = polled.meter.id;
        named.insert(id);
        const auto found = meters_.find(id);
        bool is_new = false;
        if (found == meters_.end()) {
            MeterEntry entry;
            // Its silence counts from now on: while we were away nobody asked it.
            entry.heard_at = polled.lost ? polled.answered_at.value_or(clock) : clock;
            entry.lost = polled.lost;
            entry.meter = std::move(polled.meter);
            entry.intervals = polled.intervals;
            entry.lost_after = polled.lost_after;
            entry.unbalance = polled.unbalance;
            learn_register(entry, polled);
            meters_.emplace(id, std::move(entry));
            is_new = true;
        } else {
            const FieldMeter& before = found->second.meter;
            if (before.profile != polled.meter.profile || before.bus_address != polled.meter.bus_address ||
                before.station_address != polled.meter.station_address) {
                found->second.session = std::make_shared<SessionSlot>();
            }
            found->second.meter = std::move(polled.meter);
            found->second.intervals = polled.intervals;
            found->second.lost_after = polled.lost_after;
            found->second.unbalance = polled.unbalance;
            learn_register(found->second, polled);
        }
        if (speaks_mqtt()) {
            schedule_.put(id, expected(polled.intervals), now);
            if (is_new) {
                schedule_.answered(id, PollKind::reading, now, std::chrono::milliseconds{0});
            }
        } else {
            schedule_.put(id, polled.intervals, now);
            upkeep_.put(id, upkeep_of(meters_.at(id).meter), now);
        }
    }
    std::erase_if(meters_, [&](const auto& entry) {
        if (named.contains(entry.first)) {
            return false;
        }
        schedule_.remove(entry.first);
        upkeep_.remove(entry.first);
        unpark_all(entry.first);  // so that it is put back
        return true;
    });
    if (line_changed || (client_ && client_plain_ != plain())) {
        renew_client_ = true;
    }
    renew_topics_ = true;
    wake();
}

void Channel::run_guarded(Yield yield) {
    try {
        spdlog::info("channel={} event=started transport={} endpoint={} epoch={}", settings_.code,
                     settings_.transport, settings_.endpoint, settings_.epoch);
        run(yield);
        spdlog::info("channel={} event=stopped", settings_.code);
    } catch (const std::exception& error) {
        // A bug. The other channels go on, and the watchdog restarts the service because this one beats no
        // more.
        spdlog::critical("channel={} event=failed reason=\"{}\"", settings_.code, error.what());
    }
    stopping_ = true;
    give_back_all();
    if (client_) {
        client_->close();
    }
    if (messages_) {
        messages_->close();
    }
    done_promise_.set_value();
}

void Channel::run(Yield yield) {
    while (!stopping_) {
        beats_.fetch_add(1, std::memory_order_relaxed);
        expire_waiting(yield);
        report_health();
        const auto now = std::chrono::steady_clock::now();
        end_recording_that_is_over();
        if (renew_client_ || (!client_ && !messages_)) {
            renew_line();
        }
        bool more_messages = false;
        if (messages_) {
            follow_line();
            more_messages = run_messages();
        } else if (down_ && now >= reopen_at_) {
            down_ = false;
        }
        if (!down_ && (client_ || messages_)) {
            if (auto work = queue_.take(std::nullopt, busy_)) {
                run_work(std::move(*work), yield);
                continue;
            }
            if (const auto poll = schedule_.next(now)) {
                if (!run_upkeep(false, yield)) {
                    run_poll(*poll, yield);
                }
                continue;
            }
            if (run_upkeep(true, yield)) {
                continue;
            }
        }
        if (more_messages) {
            continue;
        }
        wait_until(next_wake(), yield);
    }
}

void Channel::renew_line() {
    renew_client_ = false;
    if (client_) {
        client_->close();
        client_.reset();
    }
    if (messages_) {
        messages_->close();
        messages_.reset();
    }
    try {
        if (speaks_mqtt()) {
            make_line();
        } else {
            make_client();
        }
        down_ = false;
    } catch (const std::exception& error) {
        spdlog::error("channel={} event=unusable reason=\"{}\"", settings_.code, error.what());
        client_.reset();
        messages_.reset();
        down_ = true;
        reopen_at_ = std::chrono::steady_clock::now() + env_.rules.reopen_max;
    }
}

SteadyTime Channel::next_wake() const {
    const auto now = std::chrono::steady_clock::now();
    SteadyTime wake_at = now + kIdleWake;
    if (down_) {
        // A line of messages says itself when it is back.
        wake_at = messages_ ? wake_at : std::min(wake_at, reopen_at_);
    } else if (const auto due = schedule_.next_due()) {
        wake_at = std::min(wake_at, *due);
    }
    if (const auto due = down_ ? std::nullopt : upkeep_.next_due()) {
        wake_at = std::min(wake_at, *due);
    }
    for (const auto& parked : parked_) {
        wake_at = std::min(wake_at, parked.until);
    }
    return wake_at;
}

void Channel::wait_until(SteadyTime until, Yield yield) {
    timer_.expires_at(until);
    boost::system::error_code cancelled;
    timer_.async_wait(yield[cancelled]);
}

}  // namespace wutong::collector
