#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "storage/closing.hpp"
#include "storage/consumption.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/delivery_rows.hpp"
#include "storage/fenced.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_watch.hpp"
#include "storage/reversals.hpp"

namespace wutong::storage {

namespace {

struct Locked {
    StoredDelivery stored;
    bool mine = false;  ///< claimed under the fence that was asked for
};

std::optional<Locked> lock_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                                    const std::string& holder, std::int64_t epoch) {
    const auto rows = tx.exec("SELECT " WUTONG_DELIVERY_COLUMNS
                              ", d.claimed_by = $3 AND d.claim_epoch = $4 AS mine "
                              "FROM credit_delivery d JOIN meter m USING (property_id, meter_id) "
                              "WHERE d.property_id = $1 AND d.delivery_id = $2 FOR NO KEY UPDATE OF d",
                              property, id, holder, epoch);
    if (rows.empty()) {
        return std::nullopt;
    }
    return Locked{detail::read_delivery(rows[0]), get<std::optional<bool>>(rows[0], "mine").value_or(false)};
}

/// The energy register at the moment when the meter began to charge the tenant: the look came a little after
/// the write, and what the balance has lost since then was used in between. Never outside the two looks.
std::optional<core::Energy> energy_at_opening(const core::CreditDelivery& delivery,
                                              std::optional<core::Price> price) {
    if (!delivery.after) {
        return std::nullopt;
    }
    const core::Energy after = delivery.after->energy;
    if (!delivery.before || !delivery.write || !price || *price <= core::Price{0}) {
        return after;
    }
    const core::Money lost = delivery.write->balance - delivery.after->balance;
    if (lost <= core::Money{0}) {
        return after;
    }
    const core::Energy used{
        core::detail::checked_mul(lost.ten_thousandths(), 1'000, "energy used while opening") /
        price->ten_thousandths_per_kwh()};
    return std::clamp(after - used, std::min(delivery.before->energy, after), after);
}

/// The meter begins to charge: from here on its consumption is booked.
void begin_on_meter(Transaction& tx, const StoredDelivery& stored, const core::CreditDelivery& delivery,
                    core::Timestamp now) {
    std::optional<core::Price> price;
    const auto settings = nlohmann::json::parse(stored.settings);
    if (settings.contains("price_e4") && settings["price_e4"].is_number_integer()) {
        price = core::Price{settings["price_e4"].get<std::int64_t>()};
    }
    tx.exec(
        "UPDATE account_meter am SET opened_on_meter_at = $4, booked_at = $4, booked_remainder = 0, "
        "booked_energy_wh = COALESCE($5::bigint, (SELECT s.energy_wh FROM meter_state s WHERE s.property_id "
        "= $1 AND s.meter_id = $3)), "
        "booked_price_e4 = COALESCE($6::bigint, (SELECT m.price_e4 FROM meter m WHERE m.property_id = $1 AND "
        "m.meter_id = $3), "
        "(SELECT p.value::bigint FROM parameter p WHERE p.property_id = $1 AND p.key = 'price_e4' AND "
        "p.value ~ '^[0-9]{1,10}$')) "
        "WHERE property_id = $1 AND account_id = $2 AND meter_id = $3 AND unlinked_at IS NULL",
        stored.property, stored.account, stored.meter, delivery.after ? delivery.after->at : now,
        energy_at_opening(delivery, price), price);
}

/// False for the clear of a meter that was exchanged: its money went on to the new one, and what it still
/// shows is nobody's.
bool is_linked(Transaction& tx, const StoredDelivery& stored) {
    return !tx.exec(
                  "SELECT 1 FROM account_meter WHERE property_id = $1 AND account_id = $2 AND meter_id = $3 "
                  "AND unlinked_at IS NULL",
                  stored.property, stored.account, stored.meter)
                .empty();
}

/// The meter no longer belongs to the account. @return true when that closed the account
bool end_on_meter(Transaction& tx, const StoredDelivery& stored, const core::CreditDelivery& delivery,
                  core::Timestamp now) {
    // The account first: of two last meters that end at the same time, the second one then sees the first.
    tx.exec("SELECT 1 FROM account WHERE property_id = $1 AND account_id = $2 FOR NO KEY UPDATE",
            stored.property, stored.account);
    if (delivery.before) {
        // What was taken off is the balance of this look, so what had been used until then is revenue.
        book_meter_up_to(tx, stored.property, stored.account, stored.meter, delivery.before->energy,
                         delivery.before->at);
    }
    return end_link_and_close(tx, stored.property, stored.account, stored.meter, now);
}

/// The look that settled the delivery is the newest thing known of the meter: the next sale must not count
/// with the balance from before. So a delivered one counts over a look that carries a later time and the
/// number of before: a clock has jumped, and what is read next carries the time of now again. A meter that
/// counts nothing has no number in its readings, and its looks go by their times alone.
void put_look(Transaction& tx, const StoredDelivery& stored, const core::CreditLook& look, bool delivered) {
    tx.exec(
        "INSERT INTO meter_state AS s (property_id, meter_id, attempted_at, answered_at, energy_wh, "
        "energy_at, "
        "balance_e4, purchase_number, "
        "prepaid_enabled) VALUES ($1, $2, $3, $3, $4, $3, $5, $6, $7) ON CONFLICT (property_id, meter_id) DO "
        "UPDATE SET "
        "attempted_at = CASE WHEN s.answered_at > excluded.answered_at THEN excluded.attempted_at "
        "ELSE greatest(s.attempted_at, excluded.attempted_at) END, answered_at = excluded.answered_at, "
        "energy_wh = excluded.energy_wh, energy_at = excluded.energy_at, balance_e4 = excluded.balance_e4, "
        "purchase_number = "
        "excluded.purchase_number, "
        "prepaid_enabled = excluded.prepaid_enabled, changed_xid = pg_current_xact_id() "
        "WHERE s.answered_at IS NULL OR s.answered_at <= excluded.answered_at OR ($8::boolean AND "
        "s.purchase_number <> excluded.purchase_number)",
        stored.property, stored.meter, look.at, look.energy, look.balance, look.purchase_number,
        look.prepaid_enabled, delivered);
}

void raise_quarantine(Transaction& tx, const StoredDelivery& stored, const std::string& reason,
                      core::Timestamp now) {
    tx.exec(
        "INSERT INTO alarm (property_id, meter_id, kind, text, raised_at) VALUES ($1, $2, 'quarantine', "
        "left($3, 2000), $4) "
        "ON CONFLICT (property_id, kind, COALESCE(meter_id, 0), COALESCE(channel_id, 0), "
        "COALESCE(gateway_id, 0)) "
        "WHERE cleared_at IS NULL DO NOTHING",
        stored.property, stored.meter, "delivery " + std::to_string(stored.id.value) + ": " + reason, now);
}

/// @return 0 when there is nothing to book
core::EntryId book_money(Transaction& tx, const StoredDelivery& stored, const core::CreditDelivery& delivery,
                         core::Timestamp now) {
    const auto entry = core::entry_of_finished(delivery, stored.account);
    if (!entry) {
        return {};
    }
    EntryNotes notes;
    notes.account = stored.account;
    notes.meter = stored.meter;
    notes.memo = "delivery " + std::to_string(stored.id.value);
    notes.booked_at = now;
    return insert_entry(tx, stored.property, *entry, notes);
}

/// The meter did not take the opening, so what was sold on top of it while that was under way has nothing to
/// stand on: without prices and alarms of its own, perhaps with prepaid off. Its money is the tenant's again.
void refuse_queued_behind(Transaction& tx, const StoredDelivery& opening, const std::string& reason,
                          core::Timestamp now) {
    // A sale that is being made right now holds this lock, and sees the refused opening when it comes second.
    tx.exec(
        "SELECT 1 FROM account_meter WHERE property_id = $1 AND account_id = $2 AND meter_id = $3 AND "
        "unlinked_at IS NULL FOR NO KEY UPDATE",
        opening.property, opening.account, opening.meter);
    for (const auto& row :
         tx.exec("SELECT " WUTONG_DELIVERY_COLUMNS
                 "FROM credit_delivery d JOIN meter m USING (property_id, meter_id) "
                 "WHERE d.property_id = $1 AND d.meter_id = $2 AND d.account_id = $3 AND d.delivery_id > $4 "
                 "AND d.state = 'queued' AND d.kind IN ('top_up', 'refund', 'reversal') ORDER BY "
                 "d.delivery_id FOR NO KEY UPDATE OF d",
                 opening.property, opening.meter, opening.account, opening.id)) {
        const StoredDelivery behind = detail::read_delivery(row);
        core::CreditDelivery refused = behind.delivery;
        refused.state = core::DeliveryState::refused;
        refused.reason = "the opening of the meter before it was refused: " + reason;
        detail::write_delivery(tx, behind.property, behind.id, refused, now, "[]",
                               book_money(tx, behind, refused, now));
    }
}

/// Stores and books. `delivery` is `stored.delivery` some steps later, and finished.
FinishedDelivery book_outcome(Transaction& tx, const StoredDelivery& stored,
                              const core::CreditDelivery& delivery, core::Timestamp now,
                              const std::string& evidence) {
    if (!delivery.finished() || delivery.kind != stored.delivery.kind ||
        (delivery.kind != core::DeliveryKind::clear && delivery.amount != stored.delivery.amount)) {
        throw std::logic_error("delivery " + std::to_string(stored.id.value) + " was stored as " +
                               core::to_string(stored.delivery.kind) + " of " +
                               core::to_string(stored.delivery.amount) + " and can't be finished as " +
                               core::to_string(delivery.state) + " " + core::to_string(delivery.kind) +
                               " of " + core::to_string(delivery.amount));
    }
    FinishedDelivery result;
    result.state = delivery.state;
    const bool delivered = delivery.state == core::DeliveryState::delivered;
    const bool exchanged = delivery.kind == core::DeliveryKind::clear && !is_linked(tx, stored);
    if (delivered && delivery.kind == core::DeliveryKind::clear) {
        result.account_closed = end_on_meter(tx, stored, delivery, now);
    }
    if (delivered && delivery.kind == core::DeliveryKind::open) {
        begin_on_meter(tx, stored, delivery, now);
    }
    if (delivered && delivery.write && delivery.kind != core::DeliveryKind::clear) {
        tx.exec(
            "UPDATE account_meter SET purchase_number = $4 WHERE property_id = $1 AND account_id = $2 AND "
            "meter_id = $3 "
            "AND unlinked_at IS NULL",
            stored.property, stored.account, stored.meter, delivery.write->purchase_number);
    }
    if (!exchanged) {
        result.entry = book_money(tx, stored, delivery, now);
    }
    if (delivered && delivery.kind == core::DeliveryKind::reversal && stored.sale) {
        pay_reversal_back(tx, stored.property, stored.sale, core::LedgerKind::refund_payable, now);
    }
    if (result.account_closed) {
        book_closing_residue(tx, stored.property, stored.account, stored.meter, now);
    }
    if (delivery.kind == core::DeliveryKind::open && delivery.state == core::DeliveryState::refused) {
        refuse_queued_behind(tx, stored, delivery.reason, now);
    }
    if (delivery.after) {
        if (!delivery.write && delivery.state == core::DeliveryState::refused) {
            watch_look(tx, stored.property, stored.meter, *delivery.after);
        }
        put_look(tx, stored, *delivery.after, delivered);
    }
    if (delivered &&
        (delivery.kind == core::DeliveryKind::open || delivery.kind == core::DeliveryKind::clear)) {
        clear_watch(tx, stored.property, stored.meter, now);
    }
    if (delivery.state == core::DeliveryState::quarantined) {
        raise_quarantine(tx, stored, delivery.reason, now);
    }
    detail::write_delivery(tx, stored.property, stored.id, delivery, now, evidence, result.entry);
    return result;
}

NotFound no_delivery(core::PropertyId property, core::DeliveryId id) {
    return NotFound("delivery " + std::to_string(id.value) + " of property " +
                    std::to_string(property.value) + " is not there");
}

}  // namespace

FinishedDelivery finish_delivery(Transaction& tx, const Fence& fence, core::DeliveryId id,
                                 const core::CreditDelivery& delivery, core::Timestamp now,
                                 const std::string& evidence) {
    const auto locked = lock_delivery(tx, fence.property, id, fence.holder, fence.epoch);
    if (!locked) {
        throw no_delivery(fence.property, id);
    }
    const core::CreditDelivery& before = locked->stored.delivery;
    if (before.finished()) {
        return {true, before.state, locked->stored.entry, false};
    }
    if (!locked->mine) {
        throw LeaseLost("delivery " + std::to_string(id.value) + " was handed to somebody else; " +
                        detail::describe(fence));
    }
    detail::require_lease(tx, fence);
    return book_outcome(tx, locked->stored, delivery, now, evidence);
}

FinishedDelivery withdraw_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                                   const std::string& reason, core::Timestamp now) {
    const auto locked = lock_delivery(tx, property, id, "", 0);
    if (!locked) {
        throw no_delivery(property, id);
    }
    const StoredDelivery& stored = locked->stored;
    const bool claimed = tx.exec1(
                               "SELECT claimed_by IS NOT NULL AS claimed FROM credit_delivery WHERE "
                               "property_id = $1 AND delivery_id = $2",
                               property, id)[0]
                             .as<bool>();
    if (stored.delivery.state != core::DeliveryState::queued || claimed) {
        return {true, stored.delivery.state, stored.entry, false};
    }
    core::CreditDelivery refused = stored.delivery;
    refused.state = core::DeliveryState::refused;
    refused.reason = "withdrawn before it was sent: " + reason;
    return book_outcome(tx, stored, refused, now, "[]");
}

FinishedDelivery settle_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                                 bool delivered, const std::string& reason, core::Timestamp now) {
    const auto locked = lock_delivery(tx, property, id, "", 0);
    if (!locked) {
        throw no_delivery(property, id);
    }
    const StoredDelivery& stored = locked->stored;
    if (stored.delivery.state != core::DeliveryState::quarantined) {
        return {true, stored.delivery.state, stored.entry, false};
    }
    const auto step =
        core::step(stored.delivery, core::CreditRules{}, core::OperatorSettled{delivered, reason});
    FinishedDelivery result = book_outcome(tx, stored, step.delivery, now, "[]");
    tx.exec("DELETE FROM delivery_settlement WHERE property_id = $1 AND delivery_id = $2", property, id);
    // What the meter counts now is where the next delivery starts from, whoever wrote it.
    tx.exec(
        "UPDATE account_meter am SET purchase_number = s.purchase_number FROM meter_state s WHERE "
        "s.property_id = $1 AND s.meter_id = $2 "
        "AND s.purchase_number IS NOT NULL AND am.property_id = $1 AND am.meter_id = $2 AND am.unlinked_at "
        "IS NULL",
        property, stored.meter);
    clear_watch(tx, property, stored.meter, now);
    tx.exec(
        "UPDATE alarm SET cleared_at = $3 WHERE property_id = $1 AND meter_id = $2 AND kind = 'quarantine' "
        "AND cleared_at IS NULL "
        "AND NOT EXISTS (SELECT FROM credit_delivery d WHERE d.property_id = $1 AND d.meter_id = $2 AND "
        "d.state = 'quarantined')",
        property, stored.meter, now);
    return result;
}

}  // namespace wutong::storage
