#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/message.hpp"
#include "core/message_text.hpp"
#include "core/time.hpp"

/// Messages on their way out. A message waits, is taken by one server, and ends as sent, failed (nobody will
/// ever take it) or given up (too old, or overtaken). What a server that died had in hand is anybody's again
/// after a while, so a message may be sent twice and is never lost.
namespace wutong::storage {

class Transaction;

struct StoredMessage {
    core::PropertyId property;
    std::int64_t id = 0;
    std::string cause;  ///< "alarm 17", "delivery 5", "sale 8", "test <uuid>"
    core::MessageChannel channel = core::MessageChannel::sms;
    std::string recipient;
    core::MessageKind kind = core::MessageKind::test;
    core::AccountId account;
    core::MeterId meter;
    core::MessageLanguage language = core::MessageLanguage::zh;
    std::string subject, body;
    int parts = 1;
    std::string state;  ///< waiting | sending | sent | failed | given_up
    std::string reason;
    int attempts = 0;
    core::Timestamp created_at, due_at, next_try_at, expires_at;
    std::optional<core::Timestamp> finished_at;
    std::string account_number, meter_code;  ///< in lists
};

struct NewMessage {
    std::string cause;
    core::MessageChannel channel = core::MessageChannel::sms;
    std::string recipient;
    core::MessageKind kind = core::MessageKind::test;
    core::AccountId account{};  ///< 0: of no tenant
    core::MeterId meter{};
    core::MessageLanguage language = core::MessageLanguage::zh;
    core::MessageText text{};
    int parts = 1;
    core::Timestamp due_at, expires_at;
};
/// @return 0: it was queued before, by the same cause for the same recipient
std::int64_t queue_message(Transaction& tx, core::PropertyId property, const NewMessage& message,
                           core::Timestamp now);

/// Gives up what waits for a tenant about a meter's level: something newer says more. What a server has in
/// hand goes on. @return how many
int overtake_level_messages(Transaction& tx, core::PropertyId property, core::AccountId account,
                            core::MeterId meter, const std::string& why, core::Timestamp now);

// ---- for whoever sends ------------------------------------------------------------------------------
/// Takes the message of the channel that has waited longest, of all properties. Empty: none is due.
/// @param until when it is anybody's again
[[nodiscard]] std::optional<StoredMessage> take_message(Transaction& tx, core::MessageChannel channel,
                                                        const std::string& taken_by, core::Timestamp now,
                                                        core::Timestamp until);
/// What this one has in hand, in the order in which it came.
[[nodiscard]] std::vector<StoredMessage> messages_in_hand(Transaction& tx, core::MessageChannel channel,
                                                          const std::string& taken_by, int limit);
/// Keeps it for longer. @return false: somebody else has it, or it is over
bool keep_message(Transaction& tx, const StoredMessage& message, const std::string& taken_by,
                  const std::string& reason, core::Timestamp until);
/// Both: @return false: it was in somebody else's hand or over, and nothing was changed
bool put_back_message(Transaction& tx, const StoredMessage& message, const std::string& taken_by,
                      const std::string& reason, core::Timestamp next_try_at);
/// @param state sent | failed | given_up
bool finish_message(Transaction& tx, const StoredMessage& message, const std::string& taken_by,
                    const std::string& state, const std::string& reason, core::Timestamp now);
/// What was in hand of somebody who is gone waits again; what is too old is given up. @return how many
/// changed
int tidy_messages(Transaction& tx, core::Timestamp now);
/// Of one property, over since before a time. @return how many
int forget_messages(Transaction& tx, core::PropertyId property, core::Timestamp before, int most);

// ---- for people --------------------------------------------------------------------------------------
struct MessageFilter {
    core::PropertyId property;
    core::AccountId account{};  ///< 0: any
    std::string state{};        ///< "": any; "open": waiting or sending
    std::int64_t only = 0;      ///< one message; 0: any
};
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredMessage> list_messages(Transaction& tx, const MessageFilter& filter,
                                                       std::int64_t before, int limit);
/// A failed, given up or waiting one is tried at once. @return false: it is in hand or was sent
bool retry_message(Transaction& tx, core::PropertyId property, std::int64_t id, core::Timestamp now,
                   core::Timestamp expires_at);

struct MessageBacklog {
    core::PropertyId property;
    core::MessageChannel channel = core::MessageChannel::sms;
    int open = 0;  ///< waiting or sending, and due
    core::Timestamp oldest;
    std::string reason;  ///< of the oldest
};
/// Of each property in scope and channel that has something open.
[[nodiscard]] std::vector<MessageBacklog> message_backlog(Transaction& tx, core::Timestamp now);
[[nodiscard]] std::optional<core::Timestamp> last_message_sent(Transaction& tx, core::PropertyId property,
                                                               core::MessageChannel channel);
/// Those in scope where the alarm messages_not_sent stands.
[[nodiscard]] std::vector<core::PropertyId> properties_with_message_alarm(Transaction& tx);

}  // namespace wutong::storage
