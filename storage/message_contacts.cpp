#include "storage/message_contacts.hpp"

#include <algorithm>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// "{a,b}" of words without quotes.
std::vector<core::MessageKind> message_kinds_of(const std::string& joined) {
    std::vector<core::MessageKind> kinds;
    for (std::size_t at = 0; at < joined.size();) {
        const auto end = std::min(joined.find(',', at), joined.size());
        kinds.push_back(core::parse_message_kind(joined.substr(at, end - at)));
        at = end + 1;
    }
    return kinds;
}

}  // namespace

bool MessageContact::wants_it(core::MessageKind kind) const {
    return std::find(wants.begin(), wants.end(), kind) != wants.end();
}

std::optional<MessageContact> find_message_contact(Transaction& tx, core::PropertyId property,
                                                   core::CustomerId customer) {
    const auto rows = tx.exec(
        "SELECT COALESCE(phone, '') AS phone, COALESCE(email, '') AS email, language, "
        "array_to_string(wants, ',') AS wants FROM message_contact WHERE property_id = $1 AND customer_id = "
        "$2",
        property, customer);
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    return MessageContact{customer, get<std::string>(row, "phone"), get<std::string>(row, "email"),
                          core::parse_message_language(get<std::string>(row, "language")),
                          message_kinds_of(get<std::string>(row, "wants"))};
}

void put_message_contact(Transaction& tx, core::PropertyId property, const MessageContact& contact,
                         core::OperatorId by, core::Timestamp at) {
    std::vector<std::string> wants;
    for (const auto kind : contact.wants) {
        wants.emplace_back(core::to_string(kind));
    }
    tx.exec(
        "INSERT INTO message_contact (property_id, customer_id, phone, email, language, wants, changed_by, "
        "changed_at) VALUES ($1, $2, NULLIF($3, ''), NULLIF($4, ''), $5, $6::text[], $7, $8) ON CONFLICT "
        "(property_id, customer_id) DO UPDATE SET phone = excluded.phone, email = excluded.email, language = "
        "excluded.language, wants = excluded.wants, changed_by = excluded.changed_by, changed_at = "
        "excluded.changed_at",
        property, contact.customer, contact.phone, contact.email, core::to_string(contact.language), wants,
        by, at);
}

core::CustomerId customer_of_account(Transaction& tx, core::PropertyId property, core::AccountId account) {
    const auto rows = tx.exec("SELECT customer_id FROM account WHERE property_id = $1 AND account_id = $2",
                              property, account);
    return rows.empty() ? core::CustomerId{} : get<core::CustomerId>(rows[0], "customer_id");
}

}  // namespace wutong::storage
