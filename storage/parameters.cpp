#include "storage/parameters.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kList = "SELECT key, value FROM parameter WHERE property_id = $1";
const char* kSet =
    "INSERT INTO parameter (property_id, key, value) VALUES ($1, $2, $3) "
    "ON CONFLICT (property_id, key) DO UPDATE SET value = excluded.value, changed_at = now()";

}  // namespace

std::map<std::string, std::string> list_parameters(Transaction& tx, core::PropertyId property) {
    std::map<std::string, std::string> values;
    for (const auto& row : tx.exec(kList, property)) {
        values[get<std::string>(row, "key")] = get<std::string>(row, "value");
    }
    return values;
}

void set_parameter(Transaction& tx, core::PropertyId property, const std::string& key,
                   const std::string& value) {
    tx.exec(kSet, property, key, value);
}

}  // namespace wutong::storage
