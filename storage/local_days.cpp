#include "storage/local_days.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

LocalDays local_days(Transaction& tx, core::PropertyId property, core::Timestamp now, int count) {
    const auto rows = tx.exec(
        "SELECT to_char(today - ($3::int - 1), 'YYYY-MM-DD') AS first, to_char(today, 'YYYY-MM-DD') AS today "
        "  FROM (SELECT ($2::timestamptz AT TIME ZONE time_zone)::date AS today FROM property "
        "         WHERE property_id = $1) AS p",
        property, now, count);
    if (rows.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return {get<std::string>(rows[0], "first"), get<std::string>(rows[0], "today")};
}

}  // namespace wutong::storage
