#include "storage/account_changes.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

void end_link(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
              core::Timestamp now) {
    const auto rows = tx.exec(
        "UPDATE account_meter SET unlinked_at = $4 WHERE property_id = $1 AND account_id = $2 AND meter_id = "
        "$3 AND unlinked_at IS NULL",
        property, account, meter, now);
    if (rows.affected_rows() != 1) {
        throw NotFound("meter " + std::to_string(meter.value) + " is not on account " +
                       std::to_string(account.value));
    }
}

void take_unit_of(Transaction& tx, core::PropertyId property, core::MeterId meter, core::MeterId other) {
    tx.exec(
        "UPDATE meter m SET unit_id = o.unit_id FROM meter o WHERE m.property_id = $1 AND m.meter_id = $2 "
        "AND "
        "m.unit_id IS NULL AND o.property_id = $1 AND o.meter_id = $3 AND o.unit_id IS NOT NULL",
        property, meter, other);
}

void continue_link(Transaction& tx, core::PropertyId property, core::AccountId to, const AccountMeter& link,
                   core::Timestamp now) {
    tx.exec(
        "INSERT INTO account_meter (property_id, account_id, meter_id, linked_at, opened_on_meter_at, "
        "purchase_number, booked_energy_wh, booked_remainder, booked_price_e4, booked_at) VALUES ($1, $2, "
        "$3, "
        "$4, $4, $5, $6, $7, $8, $4)",
        property, to, link.meter, now, link.purchase_number, link.booked_energy, link.booked_remainder,
        link.price);
}

void close_at_once(Transaction& tx, core::PropertyId property, core::AccountId account, core::Timestamp now) {
    tx.exec("UPDATE account SET state = 'closed', closed_at = $3 WHERE property_id = $1 AND account_id = $2",
            property, account, now);
}

void insert_transfer(Transaction& tx, core::PropertyId property, const AccountTransfer& transfer,
                     core::Timestamp now) {
    tx.exec(
        "INSERT INTO account_transfer (property_id, from_account_id, to_account_id, at, operator_id, "
        "carried, "
        "reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        property, transfer.from, transfer.to, now, transfer.operator_id, transfer.carried, transfer.reason);
}

std::int64_t insert_exchange(Transaction& tx, core::PropertyId property, const MeterExchange& exchange) {
    return get<std::int64_t>(
        tx.exec1(
            "INSERT INTO meter_exchange (property_id, account_id, old_meter_id, new_meter_id, at, "
            "operator_id, reason, energy_wh, balance_e4, read_at, typed_reason, new_energy_wh, "
            "new_balance_e4, new_read_at, ledger_e4, carried_e4, left_e4, rounding_e4, debt_e4, "
            "unexplained_e4, delivery_id, clear_delivery_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
            "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) RETURNING exchange_id",
            property, exchange.account, exchange.old_meter, exchange.new_meter, exchange.at,
            exchange.operator_id, exchange.reason, exchange.energy, exchange.balance, exchange.read_at,
            exchange.typed_reason, exchange.new_energy, exchange.new_balance, exchange.new_read_at,
            exchange.ledger, exchange.money.carried, exchange.money.left_unallocated, exchange.money.rounding,
            exchange.money.debt, exchange.unexplained, exchange.delivery, null_if_none(exchange.clear)),
        "exchange_id");
}

std::vector<MeterExchange> list_exchanges(Transaction& tx, core::PropertyId property,
                                          const ExchangeFilter& filter, std::int64_t before, int limit) {
    std::vector<MeterExchange> exchanges;
    for (const auto& row : tx.exec(
             "WITH page AS MATERIALIZED (SELECT * FROM meter_exchange WHERE property_id = $1 AND exchange_id "
             "< $2 AND ($3::bigint IS NULL OR account_id = $3) AND ($4::bigint IS NULL OR old_meter_id = $4 "
             "OR new_meter_id = $4) AND ($5::bigint = 0 OR exchange_id = $5) ORDER BY exchange_id DESC LIMIT "
             "$6) "
             "SELECT x.*, a.number, o.code AS old_code, n.code AS new_code, COALESCE(NULLIF(p.full_name, "
             "''), p.name, '') AS operator_name, d.state AS delivery_state, COALESCE(c.state, '') AS "
             "clear_state FROM page x "
             "JOIN account a ON a.property_id = $1 AND a.account_id = x.account_id "
             "JOIN meter o ON o.property_id = $1 AND o.meter_id = x.old_meter_id "
             "JOIN meter n ON n.property_id = $1 AND n.meter_id = x.new_meter_id "
             "JOIN credit_delivery d ON d.property_id = $1 AND d.delivery_id = x.delivery_id "
             "LEFT JOIN credit_delivery c ON c.property_id = $1 AND c.delivery_id = x.clear_delivery_id "
             "LEFT JOIN operator p ON p.operator_id = x.operator_id ORDER BY x.exchange_id DESC",
             property, below(before), null_if_none(filter.account), null_if_none(filter.meter), filter.id,
             checked_limit(limit))) {
        MeterExchange one;
        one.id = get<std::int64_t>(row, "exchange_id");
        one.account = get<core::AccountId>(row, "account_id");
        one.old_meter = get<core::MeterId>(row, "old_meter_id");
        one.new_meter = get<core::MeterId>(row, "new_meter_id");
        one.at = get<core::Timestamp>(row, "at");
        one.operator_id = get<core::OperatorId>(row, "operator_id");
        one.reason = get<std::string>(row, "reason");
        one.typed_reason = get<std::string>(row, "typed_reason");
        one.energy = get<std::optional<core::Energy>>(row, "energy_wh");
        one.balance = get<std::optional<core::Money>>(row, "balance_e4");
        one.read_at = get<std::optional<core::Timestamp>>(row, "read_at");
        one.new_energy = get<std::optional<core::Energy>>(row, "new_energy_wh");
        one.new_balance = get<std::optional<core::Money>>(row, "new_balance_e4");
        one.new_read_at = get<std::optional<core::Timestamp>>(row, "new_read_at");
        one.ledger = get<core::Money>(row, "ledger_e4");
        one.money = {get<core::Money>(row, "carried_e4"), get<core::Money>(row, "left_e4"),
                     get<core::Money>(row, "rounding_e4"), get<core::Money>(row, "debt_e4")};
        one.unexplained = get<core::Money>(row, "unexplained_e4");
        one.delivery = get<core::DeliveryId>(row, "delivery_id");
        one.clear = get<core::DeliveryId>(row, "clear_delivery_id");
        one.account_number = get<std::string>(row, "number");
        one.old_code = get<std::string>(row, "old_code");
        one.new_code = get<std::string>(row, "new_code");
        one.operator_name = get<std::string>(row, "operator_name");
        one.delivery_state = get<std::string>(row, "delivery_state");
        one.clear_state = get<std::string>(row, "clear_state");
        exchanges.push_back(std::move(one));
    }
    return exchanges;
}

}  // namespace wutong::storage
