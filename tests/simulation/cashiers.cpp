#include "tests/simulation/cashiers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "storage/requests.hpp"
#include "tests/simulation/world.hpp"

namespace wutong::simulation {

using core::Money;

std::string Cashiers::fresh_id() {
    return fmt::format("00000000-0000-4000-8000-{:012}", ++ids_);
}

bool Cashiers::waiting() const {
    return std::any_of(intents_.begin(), intents_.end(),
                       [](const Intent& intent) { return !intent.answered; });
}

void Cashiers::act(World& world) {
    if (world.weather.strikes(Fault::duplicate_request)) {
        again(world, false);
    } else if (world.weather.strikes(Fault::reused_request)) {
        again(world, true);
    } else if (waiting() && world.random.chance(600)) {
        ask_again(world);
    } else {
        begin(world);
    }
}

void Cashiers::ask_again(World& world) {
    for (std::size_t i = 0; i < intents_.size(); ++i) {
        if (intents_[i].answered) {
            continue;
        }
        if (world.plants.sells_again && intents_[i].request.kind == Request::Kind::sale) {
            intents_[i].answered = true;
            Intent repeated{intents_[i].request, {}, false, false, false};
            repeated.request.id = fresh_id();
            intents_.push_back(repeated);
            // The customer pays once.
            intents_.back().counted = intents_[i].counted;
            send(world, intents_.back());
        } else {
            send(world, intents_[i]);
        }
        return;
    }
}

Request Cashiers::invent(World& world) {
    Request request;
    request.id = fresh_id();
    request.method = static_cast<core::TenderMethod>(world.random.between(1, 5));
    const auto& meters = world.store.meters();
    request.meter = meters[world.random.below(meters.size())];
    const auto link = world.store.link(request.meter);
    if (!link) {
        request.kind = Request::Kind::open;
        request.price = core::Price{9'500};
        request.amount = Money::from_cents(world.random.chance(200) ? 0 : world.random.between(1, 50'000));
        return request;
    }
    request.account = link->account;
    const auto what = world.random.between(0, 99);
    request.kind = what < 70   ? Request::Kind::sale
                   : what < 84 ? Request::Kind::refund
                   : what < 91 ? Request::Kind::payout
                               : Request::Kind::close;
    if (request.kind == Request::Kind::payout) {
        request.meter = {};
        const auto cents = world.store.payable(request.account).ten_thousandths() / 100;
        request.amount = Money::from_cents(cents > 0 ? world.random.between(1, cents) : 1);
    } else if (request.kind == Request::Kind::close) {
        request.meter = {};
    } else if (request.kind == Request::Kind::refund) {
        request.amount = Money::from_cents(world.random.between(1, 10'000));
    } else {
        // Small ones hide in what consumption explains, large ones don't.
        request.amount = Money::from_cents(world.random.chance(200) ? world.random.between(1, 20)
                                                                    : world.random.between(100, 100'000));
    }
    return request;
}

void Cashiers::begin(World& world) {
    intents_.push_back({invent(world), {}, false, false, false});
    send(world, intents_.back());
}

/// Once for each intention, however often it was asked for.
void Cashiers::count(const Intent& intent) {
    switch (intent.request.kind) {
        case Request::Kind::open:
        case Request::Kind::sale:
            cash_ += intent.request.amount;
            ++sales_;
            break;
        case Request::Kind::payout:
            cash_ -= intent.request.amount;
            paid_out_ += intent.request.amount;
            break;
        case Request::Kind::refund:
        case Request::Kind::close:
            break;
    }
}

void Cashiers::send(World& world, Intent& intent) {
    world.trace.note("counter", static_cast<int>(intent.request.kind), intent.request.meter.value,
                     intent.request.account.value, intent.request.amount.ten_thousandths());
    world.trace.say(intent.request.id + " " + intent.request.content());
    if (world.weather.strikes(Fault::database_away) || world.weather.strikes(Fault::commit_lost)) {
        world.trace.say("no answer, and nothing happened");
        return;
    }
    const Answer answer = world.store.carry_out(intent.request);
    world.trace.note(" answered", answer.delivery.value, answer.repeated ? 1 : 0);
    world.trace.say(answer.refusal);
    if (answer.repeated && !intent.done) {
        throw Broken("a request that never happened was answered as one that had: " +
                     intent.request.content());
    }
    if (!answer.repeated && intent.done) {
        throw Broken("a request was done twice: " + intent.request.content());
    }
    if (answer.repeated &&
        (answer.delivery != intent.answer.delivery || answer.account != intent.answer.account)) {
        throw Broken("the second answer to a request is not the first one: " + intent.request.content());
    }
    if (answer.refusal.empty() && !intent.done) {
        intent.done = true;
        intent.answer = answer;
        if (!intent.counted) {
            intent.counted = true;
            count(intent);
        }
    }
    if (world.weather.strikes(Fault::commit_happened)) {
        world.trace.say("it happened, and the answer is lost");
        if (answer.delivery) {
            world.coverage.met(Fault::commit_happened, world.state_of(answer.delivery));
        }
        return;
    }
    intent.answered = true;
}

void Cashiers::again(World& world, bool other_content) {
    if (intents_.empty()) {
        return;
    }
    Intent& intent = intents_[world.random.below(intents_.size())];
    if (!intent.answered || !intent.done) {
        return;
    }
    if (intent.answer.delivery) {
        world.coverage.met(other_content ? Fault::reused_request : Fault::duplicate_request,
                           world.state_of(intent.answer.delivery));
    }
    if (!other_content) {
        world.trace.say("the same request once more");
        send(world, intent);
        intent.answered = true;
        return;
    }
    Request other = intent.request;
    other.amount += Money::from_cents(100);
    world.trace.note("counter reuses an id", other.amount.ten_thousandths());
    try {
        world.store.carry_out(other);
    } catch (const storage::RequestReused&) {
        return;
    }
    throw Broken("a request id that was used for \"" + intent.request.content() + "\" was accepted for \"" +
                 other.content() + "\"");
}

}  // namespace wutong::simulation
