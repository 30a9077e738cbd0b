#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/message.hpp"
#include "core/message_text.hpp"
#include "core/time.hpp"

/// Where tenants want to be told, and what.
namespace wutong::storage {

class Transaction;

struct MessageContact {
    core::CustomerId customer;
    std::string phone;  ///< E.164; "": none
    std::string email;  ///< "": none
    core::MessageLanguage language = core::MessageLanguage::zh;
    std::vector<core::MessageKind> wants;  ///< of alarm_1, alarm_2, arrears, recharge

    [[nodiscard]] bool wants_it(core::MessageKind kind) const;
};

[[nodiscard]] std::optional<MessageContact> find_message_contact(Transaction& tx, core::PropertyId property,
                                                                 core::CustomerId customer);
/// @throws ReferenceViolation for a customer that is not there
void put_message_contact(Transaction& tx, core::PropertyId property, const MessageContact& contact,
                         core::OperatorId by, core::Timestamp at);
/// The customer whose account it is; 0: there is no such account.
[[nodiscard]] core::CustomerId customer_of_account(Transaction& tx, core::PropertyId property,
                                                   core::AccountId account);

}  // namespace wutong::storage
