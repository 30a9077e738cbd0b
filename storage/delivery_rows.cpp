#include "storage/delivery_rows.hpp"

namespace wutong::storage::detail {

namespace {

std::optional<core::CreditLook> read_look(const pqxx::row& row, const std::string& which) {
    const auto at = get<std::optional<core::Timestamp>>(row, (which + "_at").c_str());
    if (!at) {
        return std::nullopt;
    }
    core::CreditLook look;
    look.purchase_number = static_cast<std::uint32_t>(get<std::int64_t>(row, (which + "_number").c_str()));
    look.balance = get<core::Money>(row, (which + "_balance_e4").c_str());
    look.energy = get<core::Energy>(row, (which + "_energy_wh").c_str());
    look.at = *at;
    look.prepaid_enabled = get<bool>(row, (which + "_prepaid").c_str());
    return look;
}

/// A look, or a column of it that is NULL with the others.
template <class Part>
auto part(const std::optional<core::CreditLook>& look, Part member) {
    using Type = std::decay_t<decltype((*look).*member)>;
    return look ? std::optional<Type>((*look).*member) : std::nullopt;
}

}  // namespace

StoredDelivery read_delivery(const pqxx::row& row) {
    StoredDelivery stored;
    stored.property = get<core::PropertyId>(row, "property_id");
    stored.id = get<core::DeliveryId>(row, "delivery_id");
    stored.meter = get<core::MeterId>(row, "meter_id");
    stored.account = get<core::AccountId>(row, "account_id");
    stored.channel = get<core::ChannelId>(row, "channel_id");
    stored.bus_address = get<int>(row, "bus_address");
    stored.sale = get<core::SaleId>(row, "sale_id");
    stored.settings = get<std::string>(row, "settings");
    stored.entry = get<core::EntryId>(row, "entry_id");
    stored.queued_at = get<core::Timestamp>(row, "queued_at");
    stored.sent_at = get<std::optional<core::Timestamp>>(row, "sent_at");
    stored.finished_at = get<std::optional<core::Timestamp>>(row, "finished_at");
    stored.next_attempt_at = get<std::optional<core::Timestamp>>(row, "next_attempt_at");

    core::CreditDelivery& delivery = stored.delivery;
    delivery.kind = core::parse_delivery_kind(get<std::string>(row, "kind"));
    delivery.state = core::parse_delivery_state(get<std::string>(row, "state"));
    delivery.amount = get<core::Money>(row, "amount_e4");
    delivery.number_before =
        static_cast<std::uint32_t>(get<std::optional<std::int64_t>>(row, "number_before").value_or(0));
    delivery.before = read_look(row, "before");
    delivery.after = read_look(row, "after");
    if (const auto number = get<std::optional<std::int64_t>>(row, "write_number")) {
        delivery.write =
            core::CreditWrite{static_cast<std::uint32_t>(*number), get<core::Money>(row, "write_balance_e4"),
                              get<core::Money>(row, "write_amount_e4")};
    }
    delivery.attempts = get<int>(row, "attempts");
    delivery.reason = get<std::string>(row, "reason");
    return stored;
}

void write_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                    const core::CreditDelivery& delivery, core::Timestamp now, const std::string& evidence,
                    core::EntryId entry) {
    using Look = core::CreditLook;
    const auto& write = delivery.write;
    tx.exec(
        "UPDATE credit_delivery SET state = $3, amount_e4 = $4, attempts = $5, number_before = $6, reason = "
        "$7, "
        "before_number = $8, before_balance_e4 = $9, before_energy_wh = $10, before_at = $11, before_prepaid "
        "= $12, "
        "after_number = $13, after_balance_e4 = $14, after_energy_wh = $15, after_at = $16, after_prepaid = "
        "$17, "
        "write_number = $18, write_balance_e4 = $19, write_amount_e4 = $20, entry_id = $21, "
        "sent_at = CASE WHEN $3 = 'sending' THEN COALESCE(sent_at, $22) ELSE sent_at END, "
        "finished_at = CASE WHEN $3 IN ('delivered', 'refused', 'quarantined') THEN $22 END, "
        // Bounded: a meter that is tried for days must not fill the database with its frames.
        "evidence = CASE WHEN jsonb_array_length(evidence) < 200 THEN evidence || $23::jsonb ELSE evidence "
        "END "
        "WHERE property_id = $1 AND delivery_id = $2",
        property, id, core::to_string(delivery.state), delivery.amount, delivery.attempts,
        delivery.number_before, delivery.reason, part(delivery.before, &Look::purchase_number),
        part(delivery.before, &Look::balance), part(delivery.before, &Look::energy),
        part(delivery.before, &Look::at), part(delivery.before, &Look::prepaid_enabled),
        part(delivery.after, &Look::purchase_number), part(delivery.after, &Look::balance),
        part(delivery.after, &Look::energy), part(delivery.after, &Look::at),
        part(delivery.after, &Look::prepaid_enabled),
        write ? std::optional(write->purchase_number) : std::nullopt,
        write ? std::optional(write->balance) : std::nullopt,
        write ? std::optional(write->amount) : std::nullopt, null_if_none(entry), now, evidence);
}

}  // namespace wutong::storage::detail
