#include "storage/money_parameters.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

std::map<std::string, std::int64_t> set_numbers(Transaction& tx, core::PropertyId property) {
    std::map<std::string, std::int64_t> numbers;
    for (const auto& row : tx.exec("SELECT key, value::bigint AS number FROM parameter WHERE property_id = "
                                   "$1 AND value ~ '^-?[0-9]{1,18}$'",
                                   property)) {
        numbers.emplace(get<std::string>(row, "key"), get<std::int64_t>(row, "number"));
    }
    return numbers;
}

}  // namespace wutong::storage
