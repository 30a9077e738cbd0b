#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cut_off.hpp"
#include "core/identity.hpp"
#include "core/message.hpp"
#include "core/message_text.hpp"
#include "core/time.hpp"

/// What has happened and may be worth a message. Triggers queue it in the transaction of what happened
/// (sql/migrations/0026); whoever makes the messages takes it away in the same transaction.
namespace wutong::storage {

class Transaction;

enum class MessageCauseKind {
    level,       ///< an alarm of a meter's credit
    operations,  ///< an alarm for the operators
    delivery,    ///< credit arrived at a meter
    sale,        ///< credit of a server-held meter
};

struct MessageCause {
    core::PropertyId property;
    std::int64_t id = 0;
    MessageCauseKind kind = MessageCauseKind::level;
    std::int64_t subject = 0;  ///< the alarm, delivery or sale
    /// Names the cause for ever: "alarm 17", "delivery 5", "sale 8".
    [[nodiscard]] std::string name() const;
};

/// Those that are due, oldest first. They stay until they are taken.
[[nodiscard]] std::vector<MessageCause> list_message_causes(Transaction& tx, int limit);
[[nodiscard]] std::int64_t count_message_causes(Transaction& tx);
/// Takes it away with the commit. @return false: somebody else has it
[[nodiscard]] bool take_message_cause(Transaction& tx, const MessageCause& cause);
/// After an error: to be tried again in a minute.
void put_off_message_cause(Transaction& tx, const MessageCause& cause);

/// A tenant's meter, and what there is to say. `facts` is filled but for kind and language.
struct TenantNews {
    core::AccountId account;
    core::CustomerId customer;
    core::MeterId meter;
    core::MessageFacts facts;
    core::Timestamp at;
    core::AlarmLevel level = core::AlarmLevel::none;  ///< of a cause of kind level
    bool standing = false;                            ///< likewise: the alarm is not cleared
};
/// Empty: it is about no tenant (any more). @pre the cause is no operations
[[nodiscard]] std::optional<TenantNews> tenant_news(Transaction& tx, const MessageCause& cause);

/// An alarm for the operators, and where they want to be told.
struct OperationsNews {
    core::MessageFacts facts;  ///< with language
    std::string phone, email;  ///< "": not by this
};
/// Empty: the alarm is not there any more.
[[nodiscard]] std::optional<OperationsNews> operations_news(Transaction& tx, const MessageCause& cause);
/// Messages about alarms of the property, to operators.
[[nodiscard]] std::int64_t operations_told_since(Transaction& tx, core::PropertyId property,
                                                 core::Timestamp since);

/// Locks what the tenant was told until the transaction ends.
[[nodiscard]] core::ToldLevels lock_told_levels(Transaction& tx, core::PropertyId property,
                                                core::AccountId account, core::MeterId meter);
void put_told_levels(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
                     const core::ToldLevels& told);

/// Where a message comes from, for those that are about no meter.
struct MessagePlace {
    std::string property_name;
    std::string local_time;  ///< "11-22 09:30"
};
/// @throws NotFound
[[nodiscard]] MessagePlace message_place(Transaction& tx, core::PropertyId property, core::Timestamp at);

/// Property parameters.
struct MessageRules {
    core::QuietHours quiet;
    int keep_days = 365;  ///< of messages that are over; 0: for ever
};
[[nodiscard]] MessageRules message_rules(Transaction& tx, core::PropertyId property);

}  // namespace wutong::storage
