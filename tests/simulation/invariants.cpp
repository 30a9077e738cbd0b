#include "tests/simulation/invariants.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/balance_difference.hpp"
#include "tests/simulation/world.hpp"

namespace wutong::simulation {

using core::DeliveryKind;
using core::DeliveryState;
using core::Money;

namespace {

constexpr std::int64_t kPrice = 9'500;
constexpr std::int64_t kRegisterStepWh = 10;

void equal(Money found, Money wanted, const char* what) {
    if (found != wanted) {
        throw Broken(fmt::format("{}: the books say {}, it should be {}", what, core::to_string(found),
                                 core::to_string(wanted)));
    }
}

bool paid_in(const core::CreditDelivery& delivery) {
    return delivery.kind != DeliveryKind::clear && delivery.amount > Money{0};
}

bool final_state(DeliveryState state) {
    return state == DeliveryState::delivered || state == DeliveryState::refused;
}

std::string name(const storage::StoredDelivery& stored) {
    return fmt::format("delivery {} ({} of {} on meter {}, {}, {} attempts{}{})", stored.id.value,
                       core::to_string(stored.delivery.kind), core::to_string(stored.delivery.amount),
                       stored.meter.value, core::to_string(stored.delivery.state), stored.delivery.attempts,
                       stored.delivery.reason.empty() ? "" : ": ", stored.delivery.reason);
}

}  // namespace

void Invariants::check(World& world) {
    check_entries(world);
    check_writes(world);
    check_numbers(world);
    Expected expected;
    std::vector<int> in_flight(world.meters.size(), 0);
    for (const auto& stored : world.store.deliveries()) {
        const auto& delivery = stored.delivery;
        if (!final_state(delivery.state) && paid_in(delivery)) {
            expected.in_flight += delivery.amount;
        }
        if (delivery.state == DeliveryState::delivered) {
            expected.delivered += delivery.amount;
            if (!paid_in(delivery)) {
                expected.taken_off -= delivery.amount;
            }
        } else if (delivery.state == DeliveryState::refused && paid_in(delivery)) {
            expected.refused += delivery.amount;
        } else if (delivery.state == DeliveryState::sending || delivery.state == DeliveryState::unknown) {
            if (++in_flight.at(world.index(stored.meter)) > 1) {
                throw Broken(
                    fmt::format("two deliveries of meter {} are under way at once", stored.meter.value));
            }
        }
        check_progress(world, stored);
    }
    check_books(world, expected);
}

/// Nothing is lost between a drawer and a meter.
void Invariants::check_books(World& world, const Expected& expected) {
    const Books books = world.store.books();
    equal(books.sum, Money{0}, "the trial balance");
    equal(books.tender, world.cashiers.cash(), "money in the drawers");
    equal(books.in_flight, expected.in_flight, "credit in flight");
    equal(books.prepaid + books.revenue + books.rounding, expected.delivered,
          "confirmed on meters, plus used");
    equal(books.unallocated + books.refund_payable,
          expected.refused + expected.taken_off - world.cashiers.paid_out(), "to be handed back");
    // The same against what the meters really hold and have charged.
    std::int64_t on_meters_e7 = 0, writes_e7 = 0;
    for (const auto& meter : world.meters) {
        on_meters_e7 += meter.balance_e7() + meter.cost_e7();
        for (const auto& write : meter.writes()) {
            on_meters_e7 += write.wiped_e7;
            writes_e7 += write.jump_e7();
        }
    }
    if (on_meters_e7 != writes_e7) {
        throw Broken("the simulated meters hold money that nobody has written");
    }
}

void Invariants::check_entries(World& world) {
    for (const auto& entry : world.store.entries_after(entries_seen_)) {
        if (!core::balanced(entry)) {
            throw Broken("the postings of an entry do not sum to zero");
        }
    }
}

/// Outcomes are final, but for an operator's word on a quarantined one.
void Invariants::check_progress(World& world, const storage::StoredDelivery& stored) {
    const auto place = static_cast<std::size_t>(stored.id.value - 1);
    if (place >= seen_.size()) {
        seen_.resize(place + 1);
    }
    Seen& seen = seen_[place];
    const DeliveryState state = stored.delivery.state;
    if (seen.state == state) {
        return;
    }
    if (final_state(seen.state) ||
        (seen.state == DeliveryState::quarantined && !settled_.contains(stored.id))) {
        throw Broken(fmt::format("{} was {} before", name(stored), core::to_string(seen.state)));
    }
    seen.state = state;
    check_outcome(world, stored);
}

/// What was booked as delivered is on the meter, once; what was refused is not.
void Invariants::check_outcome(World& world, const storage::StoredDelivery& stored) {
    const SimMeter& meter = world.meter(stored.meter);
    const auto& delivery = stored.delivery;
    if (delivery.state == DeliveryState::quarantined) {
        quarantined_meters_.insert(stored.meter);
        // Clearing a few cents off a meter that only adds reads the same before and after.
        const bool cents = meter.kind() == core::CreditKind::added_counted &&
                           delivery.kind == DeliveryKind::clear && delivery.amount >= Money{-2'000} &&
                           delivery.amount <= Money{2'000};
        const bool in_doubt = meter.kind() == core::CreditKind::uncounted || delivery.attempts >= 5 || cents;
        if (!in_doubt && !meter.touched() && !settled_meters_.contains(stored.meter)) {
            throw Broken(name(stored) + " needs an operator, and nobody but us has written to the meter");
        }
    }
    if (!final_state(delivery.state) || meter.touched() || settled_meters_.contains(stored.meter)) {
        return;
    }
    std::int64_t jumps_e7 = 0, forgiven_wh = 0;
    int writes = 0;
    for (const auto& write : meter.writes()) {
        if (write.tag.delivery == stored.id.value) {
            jumps_e7 += write.jump_e7();
            ++writes;
            if (delivery.before) {
                forgiven_wh = std::max(forgiven_wh, write.energy_wh - delivery.before->energy.watt_hours());
            }
        }
    }
    const std::int64_t amount_e7 = delivery.amount.ten_thousandths() * 1'000;
    if (delivery.state == DeliveryState::refused) {
        if (jumps_e7 != 0) {
            throw Broken(fmt::format("{} is refused, and the meter took {} ten-millionths by it",
                                     name(stored), jumps_e7));
        }
        return;
    }
    // The named remainders: a cent that was not shown, and what was used between the look and the write.
    const bool set_again = delivery.kind == DeliveryKind::open || delivery.kind == DeliveryKind::clear;
    const std::int64_t most = forgiven_wh * kPrice + (set_again ? kCentE7 : 0);
    if (jumps_e7 - amount_e7 < -kCentE7 || jumps_e7 - amount_e7 > most || (writes == 0 && amount_e7 != 0)) {
        throw Broken(
            fmt::format("{}: {} writes put {} ten-millionths on the meter, {} were sold and at most {} "
                        "may be forgiven",
                        name(stored), writes, jumps_e7, amount_e7, most));
    }
}

/// No delivery is on a meter twice by frames that somebody waited for.
void Invariants::check_writes(World& world) {
    writes_seen_.resize(world.meters.size(), 0);
    for (std::size_t m = 0; m < world.meters.size(); ++m) {
        const auto& writes = world.meters[m].writes();
        for (std::size_t& i = writes_seen_[m]; i < writes.size(); ++i) {
            const AppliedWrite& write = writes[i];
            if (write.tag.arrival != Arrival::in_time || write.tag.kind == DeliveryKind::open ||
                write.tag.kind == DeliveryKind::clear) {
                continue;
            }
            for (std::size_t earlier = i; earlier-- > 0;) {
                if (writes[earlier].tag.arrival != Arrival::in_time) {
                    break;  // whatever had been written before may be gone
                }
                if (writes[earlier].tag.delivery == write.tag.delivery) {
                    throw Broken(fmt::format("delivery {} was put on its meter twice", write.tag.delivery));
                }
            }
        }
    }
}

/// In the ledger a meter's purchase number only goes up, while it is on one account.
void Invariants::check_numbers(World& world) {
    for (const auto id : world.store.meters()) {
        if (!world.meter(id).touched() && !world.clocks_jumped && !settled_meters_.contains(id) &&
            world.store.alarmed(id, "foreign_write")) {
            throw Broken(
                fmt::format("meter {} is said to have been written to by others, and nobody has", id.value));
        }
        const auto link = world.store.link(id);
        if (!link) {
            continue;
        }
        auto& [account, number] = numbers_[id];
        const bool counts = world.meter(id).kind() != core::CreditKind::uncounted;
        if (counts && account == link->account && link->purchase_number < number &&
            !settled_meters_.contains(id)) {
            throw Broken(fmt::format("the ledger's purchase number of meter {} went from {} back to {}",
                                     id.value, number, link->purchase_number));
        }
        account = link->account;
        number = link->purchase_number;
    }
}

void Invariants::stored(World& world, const storage::Fence& fence, const collector::DeliveryWork& work) {
    if (!world.store.holds(fence)) {
        throw Broken(fmt::format("a step of delivery {} was taken from {}, who has lost the channel",
                                 work.id.value, fence.holder));
    }
}

void Invariants::finished(World& world, const storage::Fence& fence, const collector::DeliveryWork& work,
                          const std::optional<core::CreditLook>& looked) {
    if (!world.store.holds(fence)) {
        throw Broken(fmt::format("the outcome of delivery {} was taken from {}, who has lost the channel",
                                 work.id.value, fence.holder));
    }
    const auto& delivery = work.delivery;
    if (delivery.state != DeliveryState::delivered || !delivery.write || !delivery.before || !looked) {
        return;
    }
    // An own judgement of what the meter really showed: the number is ours and the balance is explained.
    const SimMeter& meter = world.meter(work.meter);
    const bool absolute = meter.kind() == core::CreditKind::absolute_counted;
    const Money start =
        absolute ? delivery.write->balance : delivery.before->balance + delivery.write->amount;
    const std::int64_t used_wh =
        looked->energy.watt_hours() - delivery.before->energy.watt_hours() + kRegisterStepWh;
    const std::int64_t over = (looked->balance - start).ten_thousandths();
    const bool ours = meter.kind() == core::CreditKind::uncounted ||
                      looked->purchase_number == delivery.write->purchase_number;
    if (!ours || over > 100 || over < -(used_wh * kPrice / 1'000 + 101)) {
        throw Broken(
            fmt::format("delivery {} is called delivered: written was number {} and {}, the meter showed "
                        "number {} and {} after {} Wh",
                        work.id.value, delivery.write->purchase_number, core::to_string(start),
                        looked->purchase_number, core::to_string(looked->balance), used_wh));
    }
}

void Invariants::settled(core::DeliveryId id, core::MeterId meter) {
    settled_.insert(id);
    settled_meters_.insert(meter);
}

bool Invariants::operator_knows(World& world, core::MeterId meter) const {
    return settled_meters_.contains(meter) || quarantined_meters_.contains(meter) ||
           world.store.alarmed(meter, "ledger_difference") || world.store.alarmed(meter, "foreign_write");
}

namespace {

/// Did a delivery of the account wait for its proof when the meter's register stood there? From its first
/// write, because its last look before a write may be younger.
bool awaited(World& world, core::MeterId meter, core::AccountId account, std::int64_t energy_wh) {
    for (const auto& stored : world.store.deliveries()) {
        const auto& delivery = stored.delivery;
        if (stored.account != account || !delivery.before || !delivery.after) {
            continue;
        }
        std::int64_t from_wh = delivery.before->energy.watt_hours();
        for (const auto& write : world.meter(meter).writes()) {
            if (write.tag.delivery == stored.id.value) {
                from_wh = std::min(from_wh, write.energy_wh);
            }
        }
        if (from_wh <= energy_wh + kRegisterStepWh &&
            energy_wh <= delivery.after->energy.watt_hours() + kRegisterStepWh) {
            return true;
        }
    }
    return false;
}

}  // namespace

/// Every meter that still belongs to somebody shows what the ledger says, within the named remainders, or a
/// person has been told.
void Invariants::check_meter_against_ledger(World& world, core::MeterId id) {
    const auto link = world.store.link(id);
    if (!link || !link->opened || !link->booked_energy || operator_knows(world, id)) {
        return;
    }
    core::AbsoluteWrites writes;
    for (const auto& stored : world.store.deliveries()) {
        if (stored.account != link->account || stored.delivery.state != DeliveryState::delivered) {
            continue;
        }
        ++writes.count;
        if (stored.delivery.before && stored.delivery.after) {
            const auto used = stored.delivery.after->energy - stored.delivery.before->energy;
            writes.used_meanwhile =
                writes.used_meanwhile + std::clamp(used, core::Energy{0}, core::Energy{1'000});
        }
    }
    writes.price = link->price;
    const SimMeter& meter = world.meter(id);
    const auto look = meter.look(world.now);
    core::BalanceFacts facts;
    facts.ledger = link->prepaid;
    facts.meter = look.balance;
    facts.look = look.energy;
    facts.booked = *link->booked_energy;
    facts.remainder = link->booked_remainder;
    facts.price = link->price;
    const auto difference = core::explain_difference(facts);
    // Rounding, and what absolute writes have forgiven: used between the look and the write.
    Money most = core::rounding_at_most(writes);
    for (const auto& stored : world.store.deliveries()) {
        if (stored.account == link->account && stored.delivery.before) {
            // Also by one that was held up and came while this delivery, or a later one that then repaired
            // it, was still waiting for its proof.
            std::int64_t forgiven_wh = 0;
            for (const auto& write : meter.writes()) {
                if (write.tag.delivery == stored.id.value &&
                    awaited(world, id, link->account, write.energy_wh)) {
                    forgiven_wh =
                        std::max(forgiven_wh, write.energy_wh - stored.delivery.before->energy.watt_hours());
                }
            }
            most += Money{forgiven_wh * kPrice / 1'000 + 1};
        }
    }
    // With clocks that jump, looks can't be put in their order, and what lies between two of them may hide.
    if (meter.touched() && world.clocks_jumped) {
        return;
    }
    // Somebody who takes money off a meter under its number is left to the two balances: a higher price looks
    // the same.
    const bool less = -difference.unexplained > most && !meter.touched();
    if (difference.unexplained > most || less) {
        for (const auto& w : meter.writes()) {
            world.trace.say(fmt::format("write by delivery {} ({}, {}): {} -> {} at {} Wh, number {}",
                                        w.tag.delivery, core::to_string(w.tag.kind), to_string(w.tag.arrival),
                                        w.before_e7, w.after_e7, w.energy_wh, w.number));
        }
        world.trace.say(fmt::format("the meter holds {} ten-millionths at {} Wh; booked up to {} Wh",
                                    meter.balance_e7(), meter.energy_wh(), facts.booked.watt_hours()));
        throw Broken(
            fmt::format("meter {} shows {} and the ledger says {}: {} is unexplained, remainders explain {} "
                        "at most, and nobody was told",
                        id.value, core::to_string(look.balance), core::to_string(link->prepaid),
                        core::to_string(difference.unexplained), core::to_string(most)));
    }
}

void Invariants::check_end(World& world) {
    for (const auto& stored : world.store.deliveries()) {
        const DeliveryState state = stored.delivery.state;
        if (!final_state(state) && state != DeliveryState::quarantined) {
            throw Broken(name(stored) + " never came to an end");
        }
    }
    for (const auto id : world.store.meters()) {
        check_meter_against_ledger(world, id);
    }
}

}  // namespace wutong::simulation
