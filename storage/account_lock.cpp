#include "storage/account_lock.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

std::optional<AccountState> lock_account(Transaction& tx, core::PropertyId property,
                                         core::AccountId account) {
    const auto rows =
        tx.exec("SELECT state FROM account WHERE property_id = $1 AND account_id = $2 FOR NO KEY UPDATE",
                property, account);
    if (rows.empty()) {
        return std::nullopt;
    }
    return parse_account_state(get<std::string>(rows[0], "state"));
}

}  // namespace wutong::storage
