// The collector's side of the store in memory: claims, steps, outcomes, use.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/meter_watch.hpp"
#include "core/tariff.hpp"
#include "tests/simulation/memory_store.hpp"

namespace wutong::simulation {

using core::DeliveryKind;
using core::DeliveryState;
using core::Energy;
using core::Money;

storage::Fence MemoryStore::take_channel(const std::string& holder) {
    holder_ = holder;
    ++epoch_;
    return {{1}, {1}, holder_, epoch_};
}

bool MemoryStore::holds(const storage::Fence& fence) {
    return fence.holder == holder_ && fence.epoch == epoch_;
}

std::vector<storage::StoredDelivery> MemoryStore::claim(const storage::Fence& fence, core::Timestamp now,
                                                        int limit) {
    std::vector<storage::StoredDelivery> taken;
    if (!holds(fence) && !plants_.fence_ignored) {
        return taken;
    }
    for (auto& stored : rows_) {
        if (static_cast<int>(taken.size()) == limit) {
            break;
        }
        Claim& claim = claim_of(stored.id);
        const bool mine = claim.holder == fence.holder && claim.epoch == fence.epoch;
        if (!unfinished(stored.delivery.state) || mine ||
            (stored.next_attempt_at && *stored.next_attempt_at > now)) {
            continue;
        }
        // In order, one at a time, and nothing behind one that waits for an operator.
        const bool behind = std::any_of(rows_.begin(), rows_.end(), [&](const auto& other) {
            return other.meter == stored.meter && other.id != stored.id &&
                   (unfinished(other.delivery.state) || other.delivery.state == DeliveryState::quarantined) &&
                   (other.delivery.state != DeliveryState::queued || other.id < stored.id);
        });
        if (behind && !plants_.queue_not_in_order) {
            continue;
        }
        claim = {fence.holder, fence.epoch};
        stored.next_attempt_at.reset();
        if (stored.delivery.state == DeliveryState::queued) {
            const LinkRow* link = live_link(stored.meter);
            stored.delivery.number_before =
                link == nullptr ? 0 : static_cast<std::uint32_t>(link->purchase_number);
        }
        taken.push_back(stored);
    }
    return taken;
}

void MemoryStore::require_claim(const storage::Fence& fence, core::DeliveryId id) {
    const auto& claim = claim_of(id);
    const bool mine = claim.holder == fence.holder && claim.epoch == fence.epoch;
    if (plants_.fence_ignored && unfinished(row(id).delivery.state)) {
        return;
    }
    if (!mine || !unfinished(row(id).delivery.state)) {
        throw storage::LeaseLost("delivery " + std::to_string(id.value) + " is not claimed by " +
                                 fence.holder);
    }
    if (!holds(fence)) {
        throw storage::LeaseLost("the channel is no longer leased to " + fence.holder);
    }
}

void MemoryStore::store_step(const storage::Fence& fence, core::DeliveryId id,
                             const core::CreditDelivery& delivery, core::Timestamp /*now*/) {
    if (delivery.finished()) {
        throw std::logic_error("a finished delivery has to be stored by finish");
    }
    require_claim(fence, id);
    if (delivery.state == DeliveryState::sending && delivery.before) {
        watch(row(id).meter, *delivery.before, false, false);
    }
    const DeliveryKind kind = row(id).delivery.kind;
    row(id).delivery = delivery;
    row(id).delivery.kind = kind;
}

void MemoryStore::put_back(const storage::Fence& fence, core::DeliveryId id, core::Timestamp next_attempt) {
    require_claim(fence, id);
    claim_of(id) = {};
    row(id).next_attempt_at = next_attempt;
}

int MemoryStore::put_back_forgotten(const storage::Fence& fence,
                                    const std::vector<core::DeliveryId>& in_hand) {
    int forgotten = 0;
    for (const auto& stored : rows_) {
        Claim& claim = claim_of(stored.id);
        if (unfinished(stored.delivery.state) && claim.holder == fence.holder && claim.epoch == fence.epoch &&
            std::find(in_hand.begin(), in_hand.end(), stored.id) == in_hand.end()) {
            claim = {};
            ++forgotten;
        }
    }
    return forgotten;
}

storage::FinishedDelivery MemoryStore::finish(const storage::Fence& fence, core::DeliveryId id,
                                              const core::CreditDelivery& delivery, core::Timestamp now) {
    storage::StoredDelivery& stored = row(id);
    if (stored.delivery.finished()) {
        if (plants_.books_twice && stored.delivery.state == delivery.state) {
            book_money(stored, delivery);
        }
        return {true, stored.delivery.state, stored.entry, false};
    }
    require_claim(fence, id);
    return book_outcome(stored, delivery, now);
}

storage::FinishedDelivery MemoryStore::settle(core::DeliveryId id, bool delivered, const std::string& reason,
                                              core::Timestamp now) {
    storage::StoredDelivery& stored = row(id);
    if (stored.delivery.state != DeliveryState::quarantined) {
        return {true, stored.delivery.state, stored.entry, false};
    }
    const auto step =
        core::step(stored.delivery, core::CreditRules{}, core::OperatorSettled{delivered, reason});
    const auto result = book_outcome(stored, step.delivery, now);
    if (const auto state = states_.find(stored.meter); state != states_.end()) {
        if (LinkRow* link = live_link(stored.meter)) {
            link->purchase_number = state->second.purchase_number;
        }
    }
    alarms_.erase({stored.meter, "foreign_write"});
    const bool more = std::any_of(rows_.begin(), rows_.end(), [&](const auto& other) {
        return other.meter == stored.meter && other.delivery.state == DeliveryState::quarantined;
    });
    if (!more) {
        alarms_.erase({stored.meter, "quarantine"});
    }
    return result;
}

core::EntryId MemoryStore::book_money(const storage::StoredDelivery& stored,
                                      const core::CreditDelivery& delivery) {
    auto entry = core::entry_of_finished(delivery, stored.account);
    if (!entry || (plants_.release_forgotten && entry->kind == core::EntryKind::release)) {
        return {};
    }
    return insert(std::move(*entry), stored.account, stored.meter);
}

storage::FinishedDelivery MemoryStore::book_outcome(storage::StoredDelivery& stored,
                                                    const core::CreditDelivery& delivery,
                                                    core::Timestamp now) {
    if (!delivery.finished() || delivery.kind != stored.delivery.kind ||
        (delivery.kind != DeliveryKind::clear && delivery.amount != stored.delivery.amount)) {
        throw std::logic_error("a delivery that can't be finished so");
    }
    storage::FinishedDelivery result;
    result.state = delivery.state;
    const bool delivered = delivery.state == DeliveryState::delivered;
    if (delivered && delivery.kind == DeliveryKind::clear) {
        result.account_closed = end_on_meter(stored, delivery);
    }
    if (delivered && delivery.kind == DeliveryKind::open) {
        begin_on_meter(stored, delivery, now);
    }
    LinkRow* link = live_link(stored.meter);
    if (delivered && delivery.write && delivery.kind != DeliveryKind::clear && link != nullptr &&
        link->account == stored.account) {
        link->purchase_number = delivery.write->purchase_number;
    }
    result.entry = book_money(stored, delivery);
    stored.delivery = delivery;
    stored.entry = result.entry;
    stored.finished_at = now;
    if (result.account_closed) {
        book_residue(stored.account, stored.meter);
    }
    if (delivery.kind == DeliveryKind::open && delivery.state == DeliveryState::refused) {
        refuse_behind(stored, delivery.reason, now);
    }
    if (delivery.after) {
        if (!delivery.write && delivery.state == DeliveryState::refused) {
            watch(stored.meter, *delivery.after, false, false);
        }
        put_look(stored.meter, *delivery.after, delivered);
    }
    if (delivered && (delivery.kind == DeliveryKind::open || delivery.kind == DeliveryKind::clear)) {
        alarms_.erase({stored.meter, "foreign_write"});
    }
    if (delivery.state == DeliveryState::quarantined) {
        alarms_.insert({stored.meter, "quarantine"});
    }
    return result;
}

void MemoryStore::begin_on_meter(const storage::StoredDelivery& stored, const core::CreditDelivery& delivery,
                                 core::Timestamp now) {
    LinkRow* link = live_link(stored.meter);
    if (link == nullptr || link->account != stored.account) {
        return;
    }
    const auto settings = nlohmann::json::parse(stored.settings);
    const core::Price price{settings.value("price_e4", std::int64_t{0})};
    link->opened_at = delivery.after ? delivery.after->at : now;
    link->price = price;
    link->booked_remainder = core::Remainder{0};
    if (!delivery.after) {
        if (const auto state = states_.find(stored.meter); state != states_.end()) {
            link->booked_energy = state->second.energy;
        }
        return;
    }
    // The meter has charged between the write and the look: what the balance has lost says since when.
    const Energy after = delivery.after->energy;
    link->booked_energy = after;
    if (delivery.before && delivery.write && price > core::Price{0}) {
        const Money lost = delivery.write->balance - delivery.after->balance;
        if (lost > Money{0}) {
            const Energy used{lost.ten_thousandths() * 1'000 / price.ten_thousandths_per_kwh()};
            link->booked_energy = std::clamp(after - used, std::min(delivery.before->energy, after), after);
        }
    }
}

bool MemoryStore::end_on_meter(const storage::StoredDelivery& stored, const core::CreditDelivery& delivery) {
    LinkRow* link = live_link(stored.meter);
    if (link == nullptr || link->account != stored.account) {
        return false;
    }
    if (delivery.before && link->opened_at && link->booked_energy && link->price &&
        delivery.before->energy > *link->booked_energy) {
        book_use(*link, delivery.before->energy);
    }
    link->unlinked = true;
    auto& state = accounts_.at(static_cast<std::size_t>(stored.account.value - 1));
    const bool last = std::none_of(links_.begin(), links_.end(), [&](const LinkRow& other) {
        return other.account == stored.account && !other.unlinked;
    });
    if (state != AccountState::closing || !last) {
        return false;
    }
    state = AccountState::closed;
    return true;
}

void MemoryStore::book_residue(core::AccountId account, core::MeterId meter) {
    const Money residue = balance(account, core::LedgerKind::prepaid_credit);
    if (residue == Money{0}) {
        return;
    }
    core::AbsoluteWrites writes;
    for (const auto& stored : rows_) {
        if (stored.account == account && stored.delivery.state == DeliveryState::delivered) {
            ++writes.count;
            if (stored.delivery.before && stored.delivery.after) {
                const Energy used = stored.delivery.after->energy - stored.delivery.before->energy;
                writes.used_meanwhile = writes.used_meanwhile + std::clamp(used, Energy{0}, Energy{1'000});
            }
        }
    }
    for (const auto& link : links_) {
        if (link.account == account && link.price) {
            writes.price = std::max(writes.price, *link.price);
        }
    }
    const Money most = core::rounding_at_most(writes);
    if (residue <= most && -residue <= most) {
        insert(core::rounding_entry(account, residue), account, meter);
    } else {
        alarms_.insert({meter, "ledger_difference"});
    }
}

void MemoryStore::refuse_behind(const storage::StoredDelivery& opening, const std::string& reason,
                                core::Timestamp now) {
    for (auto& stored : rows_) {
        const bool on_top =
            stored.delivery.kind != DeliveryKind::open && stored.delivery.kind != DeliveryKind::clear;
        if (stored.meter == opening.meter && stored.account == opening.account && opening.id < stored.id &&
            stored.delivery.state == DeliveryState::queued && on_top) {
            stored.delivery.state = DeliveryState::refused;
            stored.delivery.reason = "the opening of the meter before it was refused: " + reason;
            stored.entry = book_money(stored, stored.delivery);
            stored.finished_at = now;
        }
    }
}

void MemoryStore::put_reading(core::MeterId meter, const core::CreditLook& look, bool counted) {
    watch(meter, look, true, counted);
    put_look(meter, look, false);
}

/// A delivered one counts over a look with a later time and another number: a clock has jumped.
void MemoryStore::put_look(core::MeterId meter, const core::CreditLook& look, bool delivered) {
    const auto [state, fresh] = states_.try_emplace(meter, look);
    const bool moved = state->second.purchase_number != look.purchase_number;
    if (!fresh && (state->second.at <= look.at || (delivered && moved))) {
        state->second = look;
    }
}

/// @param reading not a look that a delivery is based on
void MemoryStore::watch(core::MeterId meter, const core::CreditLook& look, bool reading, bool counted) {
    const auto state = states_.find(meter);
    const LinkRow* link = live_link(meter);
    if (plants_.readings_not_watched || link == nullptr || !link->opened_at || state == states_.end() ||
        state->second.at > look.at) {
        return;
    }
    // While our own write may be on the meter, its number says whether it is.
    const bool written = !counted || look.purchase_number != link->purchase_number;
    const bool deliverys_own = std::any_of(rows_.begin(), rows_.end(), [&](const auto& stored) {
        const DeliveryState now = stored.delivery.state;
        return stored.meter == meter &&
               (now == DeliveryState::quarantined ||
                ((now == DeliveryState::sending || now == DeliveryState::unknown) && written));
    });
    if (reading && deliverys_own) {
        return;
    }
    core::WatchRules rules;
    rules.ledger_number = link->purchase_number;
    if (look.prepaid_enabled && state->second.prepaid_enabled) {
        rules.price = link->price;
    }
    core::CreditFigures now{{}, look.balance, look.energy};
    if (reading && counted) {
        now.number = look.purchase_number;
    }
    if (!core::written_by_others({{}, state->second.balance, state->second.energy}, now, rules).empty()) {
        alarms_.insert({meter, "foreign_write"});
    }
}

int MemoryStore::book_use(LinkRow& link, Energy energy) {
    const core::Charge charge =
        core::charge({*link.price}, energy - *link.booked_energy, link.booked_remainder);
    if (!plants_.use_booked_twice) {
        link.booked_energy = energy;
        link.booked_remainder = charge.remainder;
    }
    if (charge.amount == Money{0}) {
        return 0;
    }
    insert(core::consumption_entry(link.account, charge.amount), link.account, link.meter);
    return 1;
}

int MemoryStore::book_consumption() {
    int entries = 0;
    for (auto& link : links_) {
        const auto state = states_.find(link.meter);
        if (link.unlinked || !link.opened_at || !link.booked_energy || !link.price ||
            state == states_.end() || state->second.at <= *link.opened_at ||
            state->second.energy <= *link.booked_energy) {
            continue;
        }
        entries += book_use(link, state->second.energy);
    }
    return entries;
}

}  // namespace wutong::simulation
