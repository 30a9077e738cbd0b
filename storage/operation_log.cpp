#include "storage/operation_log.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr std::size_t kTargetMax = 300;

/// At most `maximum` characters of UTF-8, never half of one.
std::string cut(const std::string& text, std::size_t maximum) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
        if (begins && ++characters > maximum) {
            return text.substr(0, i);
        }
    }
    return text;
}

}  // namespace

std::string log_target(const std::string& target) {
    return cut(target, kTargetMax);
}

void append_operation_log(Transaction& tx, const OperationLogEntry& entry) {
    tx.exec(
        "INSERT INTO operation_log (property_id, operator_id, action, target, details, request_id) "
        "VALUES ($1, $2, $3, $4, $5::jsonb, $6)",
        entry.property, null_if_none(entry.operator_id), entry.action, log_target(entry.target),
        entry.details, entry.request_id.empty() ? SqlValue(nullptr) : SqlValue(entry.request_id));
}

std::vector<OperationLogEntry> list_operation_log(Transaction& tx, const OperationLogFilter& filter,
                                                  std::int64_t before, int limit) {
    std::vector<OperationLogEntry> entries;
    for (const auto& row :
         tx.exec("SELECT property_id, log_id, at, operator_id, action, target, details::text AS details, "
                 "COALESCE(request_id::text, '') AS request_id FROM operation_log "
                 "WHERE property_id = $1 AND log_id < $2 AND ($3::bigint IS NULL OR operator_id = $3) "
                 "AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5) "
                 "AND ($7 = '' OR action = $7) ORDER BY log_id DESC LIMIT $6",
                 filter.property, below(before), null_if_none(filter.operator_id), filter.from, filter.to,
                 checked_limit(limit), filter.action)) {
        OperationLogEntry entry;
        entry.property = get<core::PropertyId>(row, "property_id");
        entry.log_id = get<std::int64_t>(row, "log_id");
        entry.at = get<core::Timestamp>(row, "at");
        entry.operator_id = get<core::OperatorId>(row, "operator_id");
        entry.action = get<std::string>(row, "action");
        entry.target = get<std::string>(row, "target");
        entry.details = get<std::string>(row, "details");
        entry.request_id = get<std::string>(row, "request_id");
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace wutong::storage
