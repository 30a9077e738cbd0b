#include "storage/consumption.hpp"

#include <algorithm>

#include "core/tariff.hpp"
#include "storage/ledger.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// What is booked of a meter's time on an account; the row is locked by whoever reads it.
struct Watermark {
    core::AccountId account;
    core::MeterId meter;
    std::string linked_at;  ///< as PostgreSQL writes it: the last part of the row's key
    core::Energy energy;
    core::Remainder remainder;
    core::Price price;
};

Watermark read_watermark(const pqxx::row& row) {
    return {get<core::AccountId>(row, "account_id"),
            get<core::MeterId>(row, "meter_id"),
            get<std::string>(row, "linked_at"),
            get<core::Energy>(row, "booked_energy_wh"),
            get<core::Remainder>(row, "booked_remainder"),
            get<core::Price>(row, "booked_price_e4")};
}

/// Books from the watermark up to `energy` >= watermark and moves the watermark. @return the amount
core::Money book(Transaction& tx, core::PropertyId property, const Watermark& mark, core::Energy energy,
                 core::Timestamp at) {
    const core::Charge charge = core::charge({mark.price}, energy - mark.energy, mark.remainder);
    if (charge.amount > core::Money{0}) {
        EntryNotes notes;
        notes.account = mark.account;
        notes.meter = mark.meter;
        notes.booked_at = at;
        notes.memo = std::to_string(mark.energy.watt_hours()) + " to " + std::to_string(energy.watt_hours()) +
                     " Wh at " + core::to_string(core::Money{mark.price.ten_thousandths_per_kwh()});
        insert_entry(tx, property, core::consumption_entry(mark.account, charge.amount), notes);
    }
    tx.exec(
        "UPDATE account_meter SET booked_energy_wh = $5, booked_remainder = $6, booked_at = $7 "
        "WHERE property_id = $1 AND account_id = $2 AND meter_id = $3 AND linked_at = $4::timestamptz",
        property, mark.account, mark.meter, mark.linked_at, energy, charge.remainder, at);
    return charge.amount;
}

std::optional<Watermark> lock_opened_link(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    const auto rows = tx.exec(
        "SELECT account_id, meter_id, linked_at::text AS linked_at, booked_energy_wh, booked_remainder, "
        "booked_price_e4 "
        "FROM account_meter WHERE property_id = $1 AND meter_id = $2 AND unlinked_at IS NULL AND "
        "opened_on_meter_at IS NOT NULL "
        "AND booked_energy_wh IS NOT NULL AND booked_price_e4 IS NOT NULL FOR NO KEY UPDATE",
        property, meter);
    return rows.empty() ? std::nullopt : std::optional(read_watermark(rows[0]));
}

}  // namespace

BookingReport book_consumption(Transaction& tx, core::PropertyId property, core::MeterId after, int limit) {
    const auto rows = tx.exec(
        "SELECT am.account_id, am.meter_id, am.linked_at::text AS linked_at, am.booked_energy_wh, "
        "am.booked_remainder, "
        "am.booked_price_e4, s.energy_wh, s.answered_at "
        "FROM account_meter am JOIN meter_state s ON s.property_id = am.property_id AND s.meter_id = "
        "am.meter_id "
        "WHERE am.property_id = $1 AND am.meter_id > $2 AND am.unlinked_at IS NULL AND am.opened_on_meter_at "
        "IS NOT NULL "
        "AND am.booked_energy_wh IS NOT NULL "
        "AND s.energy_wh <> am.booked_energy_wh AND s.answered_at > am.opened_on_meter_at "
        "ORDER BY am.meter_id LIMIT $3 FOR NO KEY UPDATE OF am SKIP LOCKED",
        property, after, checked_limit(limit));
    BookingReport report;
    report.meters = static_cast<int>(rows.size());
    for (const auto& row : rows) {
        const auto meter = get<core::MeterId>(row, "meter_id");
        const auto account = get<core::AccountId>(row, "account_id");
        const auto booked = get<core::Energy>(row, "booked_energy_wh");
        const auto energy = get<core::Energy>(row, "energy_wh");
        report.last = meter;
        if (energy < booked) {
            report.skipped.push_back({meter, account, booked, energy, "the energy register went backwards"});
            continue;
        }
        if (!get<std::optional<core::Price>>(row, "booked_price_e4")) {
            report.skipped.push_back({meter, account, booked, energy, "no price is known for it"});
            continue;
        }
        try {
            const core::Money amount =
                book(tx, property, read_watermark(row), energy, get<core::Timestamp>(row, "answered_at"));
            report.energy = report.energy + (energy - booked);
            report.amount += amount;
            report.entries += amount > core::Money{0} ? 1 : 0;
        } catch (const core::QuantityOverflow& error) {
            // Figures that can't be energy used: nothing was written for this meter, and the others go on.
            report.skipped.push_back({meter, account, booked, energy, error.what()});
        }
    }
    if (rows.size() < static_cast<std::size_t>(limit)) {
        report.last = {};
    }
    return report;
}

void change_booked_price(Transaction& tx, core::PropertyId property, core::MeterId meter, core::Price price,
                         std::optional<core::Energy> energy, core::Timestamp at, core::CommandId command,
                         std::optional<core::Timestamp> sent_at) {
    const auto mark = lock_opened_link(tx, property, meter);
    if (mark && !energy) {
        const auto rows = tx.exec(
            "SELECT energy_wh FROM meter_state WHERE property_id = $1 AND meter_id = $2", property, meter);
        energy = rows.empty() ? std::nullopt : get<std::optional<core::Energy>>(rows[0], "energy_wh");
    }
    if (mark && energy && *energy > mark->energy) {
        book(tx, property, *mark, *energy, at);
    }
    if (mark && mark->price != price) {
        tx.exec(
            "INSERT INTO price_change (property_id, account_id, meter_id, command_id, at, price_before_e4, "
            "price_e4, energy_wh, energy_sent_wh) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
            "(SELECT r.energy_wh FROM reading r WHERE r.property_id = $1 AND r.meter_id = $3 AND r.read_at "
            "<= "
            "$9 AND r.read_at > $9::timestamptz - interval '32 days' AND r.energy_wh IS NOT NULL ORDER BY "
            "r.read_at DESC LIMIT 1))",
            property, mark->account, meter, null_if_none(command), at, mark->price, price,
            std::max(mark->energy, energy.value_or(mark->energy)), sent_at);
    }
    tx.exec(
        "UPDATE account_meter SET booked_price_e4 = $3 WHERE property_id = $1 AND meter_id = $2 AND "
        "unlinked_at IS NULL "
        "AND opened_on_meter_at IS NOT NULL",
        property, meter, price);
}

core::Money book_meter_up_to(Transaction& tx, core::PropertyId property, core::AccountId account,
                             core::MeterId meter, core::Energy energy, core::Timestamp at) {
    const auto mark = lock_opened_link(tx, property, meter);
    if (!mark || mark->account != account || energy <= mark->energy) {
        return core::Money{0};
    }
    return book(tx, property, *mark, energy, at);
}

}  // namespace wutong::storage
