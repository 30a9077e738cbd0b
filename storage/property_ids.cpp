#include "storage/property_ids.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

std::vector<core::PropertyId> property_ids(Transaction& tx) {
    std::vector<core::PropertyId> ids;
    for (const auto& row : tx.exec("SELECT property_id FROM property ORDER BY property_id")) {
        ids.push_back(get<core::PropertyId>(row, "property_id"));
    }
    return ids;
}

}  // namespace wutong::storage
