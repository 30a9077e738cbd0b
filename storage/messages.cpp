#include "storage/messages.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

#define WUTONG_MESSAGE_COLUMNS                                                                         \
    "m.property_id, m.message_id, m.cause, m.channel, m.recipient, m.kind, m.account_id, m.meter_id, " \
    "m.language, m.subject, m.body, m.parts, m.state, m.reason, m.attempts, m.created_at, m.due_at, "  \
    "m.next_try_at, m.expires_at, m.finished_at "

StoredMessage stored_message(const pqxx::row& row) {
    StoredMessage message;
    message.property = get<core::PropertyId>(row, "property_id");
    message.id = get<std::int64_t>(row, "message_id");
    message.cause = get<std::string>(row, "cause");
    message.channel = core::parse_message_channel(get<std::string>(row, "channel"));
    message.recipient = get<std::string>(row, "recipient");
    message.kind = core::parse_message_kind(get<std::string>(row, "kind"));
    message.account = get<core::AccountId>(row, "account_id");
    message.meter = get<core::MeterId>(row, "meter_id");
    message.language = core::parse_message_language(get<std::string>(row, "language"));
    message.subject = get<std::string>(row, "subject");
    message.body = get<std::string>(row, "body");
    message.parts = get<int>(row, "parts");
    message.state = get<std::string>(row, "state");
    message.reason = get<std::string>(row, "reason");
    message.attempts = get<int>(row, "attempts");
    message.created_at = get<core::Timestamp>(row, "created_at");
    message.due_at = get<core::Timestamp>(row, "due_at");
    message.next_try_at = get<core::Timestamp>(row, "next_try_at");
    message.expires_at = get<core::Timestamp>(row, "expires_at");
    message.finished_at = get<std::optional<core::Timestamp>>(row, "finished_at");
    return message;
}

}  // namespace

std::int64_t queue_message(Transaction& tx, core::PropertyId property, const NewMessage& message,
                           core::Timestamp now) {
    const auto rows = tx.exec(
        "INSERT INTO message (property_id, cause, channel, recipient, kind, account_id, meter_id, language, "
        "subject, body, parts, created_at, due_at, next_try_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, "
        "$7, $8, $9, $10, $11, $12, $13, $13, $14) ON CONFLICT (property_id, cause, channel, recipient) DO "
        "NOTHING RETURNING message_id",
        property, message.cause, core::to_string(message.channel), message.recipient,
        core::to_string(message.kind), null_if_none(message.account), null_if_none(message.meter),
        core::to_string(message.language), message.text.subject, message.text.body, message.parts, now,
        message.due_at, message.expires_at);
    return rows.empty() ? 0 : get<std::int64_t>(rows[0], "message_id");
}

int overtake_level_messages(Transaction& tx, core::PropertyId property, core::AccountId account,
                            core::MeterId meter, const std::string& why, core::Timestamp now) {
    return static_cast<int>(
        tx.exec("UPDATE message SET state = 'given_up', reason = left($4, 500), finished_at = $5 WHERE "
                "property_id = $1 AND account_id = $2 AND meter_id = $3 AND state = 'waiting' AND kind IN "
                "('alarm_1', 'alarm_2', 'arrears')",
                property, account, meter, why, now)
            .affected_rows());
}

std::optional<StoredMessage> take_message(Transaction& tx, core::MessageChannel channel,
                                          const std::string& taken_by, core::Timestamp now,
                                          core::Timestamp until) {
    const auto rows = tx.exec(
        "UPDATE message m SET state = 'sending', attempts = m.attempts + 1, taken_by = left($2, 300), "
        "taken_until = $4 FROM (SELECT property_id, message_id FROM message WHERE channel = $1 AND state = "
        "'waiting' AND next_try_at <= $3 AND expires_at > $3 ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP "
        "LOCKED) n WHERE m.property_id = n.property_id AND m.message_id = n.message_id "
        "RETURNING " WUTONG_MESSAGE_COLUMNS,
        core::to_string(channel), taken_by, now, until);
    return rows.empty() ? std::nullopt : std::optional{stored_message(rows[0])};
}

std::vector<StoredMessage> messages_in_hand(Transaction& tx, core::MessageChannel channel,
                                            const std::string& taken_by, int limit) {
    std::vector<StoredMessage> messages;
    for (const auto& row : tx.exec("SELECT " WUTONG_MESSAGE_COLUMNS
                                   "FROM message m WHERE channel = $1 AND state = 'sending' AND taken_by = "
                                   "left($2, 300) ORDER BY next_try_at LIMIT $3",
                                   core::to_string(channel), taken_by, checked_limit(limit))) {
        messages.push_back(stored_message(row));
    }
    return messages;
}

bool keep_message(Transaction& tx, const StoredMessage& message, const std::string& taken_by,
                  const std::string& reason, core::Timestamp until) {
    return tx.exec(
                 "UPDATE message SET reason = left($4, 500), taken_until = $5 WHERE property_id = $1 AND "
                 "message_id = $2 AND state = 'sending' AND taken_by = left($3, 300)",
                 message.property, message.id, taken_by, reason, until)
               .affected_rows() == 1;
}

bool put_back_message(Transaction& tx, const StoredMessage& message, const std::string& taken_by,
                      const std::string& reason, core::Timestamp next_try_at) {
    return tx.exec(
                 "UPDATE message SET state = 'waiting', reason = left($4, 500), next_try_at = $5, taken_by "
                 "= NULL, taken_until = NULL WHERE property_id = $1 AND message_id = $2 AND state = "
                 "'sending' AND taken_by = left($3, 300)",
                 message.property, message.id, taken_by, reason, next_try_at)
               .affected_rows() == 1;
}

bool finish_message(Transaction& tx, const StoredMessage& message, const std::string& taken_by,
                    const std::string& state, const std::string& reason, core::Timestamp now) {
    return tx.exec(
                 "UPDATE message SET state = $4, reason = left($5, 500), finished_at = $6, taken_until = "
                 "NULL WHERE property_id = $1 AND message_id = $2 AND state = 'sending' AND taken_by = "
                 "left($3, 300)",
                 message.property, message.id, taken_by, state, reason, now)
               .affected_rows() == 1;
}

int tidy_messages(Transaction& tx, core::Timestamp now) {
    const auto freed = tx.exec(
        "UPDATE message SET state = 'waiting', next_try_at = greatest(next_try_at, taken_until), taken_by = "
        "NULL, taken_until = NULL, reason = 'whoever had it in hand did not say what became of it' WHERE "
        "state = 'sending' AND taken_until < $1",
        now);
    const auto old = tx.exec(
        "UPDATE message SET state = 'given_up', finished_at = $1, reason = left('too old to be news' || CASE "
        "WHEN reason = '' THEN '' ELSE '; ' || reason END, 500) WHERE state = 'waiting' AND expires_at <= $1",
        now);
    return static_cast<int>(freed.affected_rows() + old.affected_rows());
}

int forget_messages(Transaction& tx, core::PropertyId property, core::Timestamp before, int most) {
    return static_cast<int>(
        tx.exec(
              "DELETE FROM message WHERE property_id = $1 AND message_id IN (SELECT message_id FROM message "
              "WHERE property_id = $1 AND finished_at < $2 LIMIT $3)",
              property, before, most)
            .affected_rows());
}

std::vector<StoredMessage> list_messages(Transaction& tx, const MessageFilter& filter, std::int64_t before,
                                         int limit) {
    std::vector<StoredMessage> messages;
    for (const auto& row : tx.exec(
             "SELECT " WUTONG_MESSAGE_COLUMNS
             ", COALESCE(a.number, '') AS account_number, COALESCE(t.code, '') AS meter_code FROM message "
             "m LEFT JOIN account a ON a.property_id = m.property_id AND a.account_id = m.account_id LEFT "
             "JOIN meter t ON t.property_id = m.property_id AND t.meter_id = m.meter_id WHERE "
             "m.property_id = $1 AND ($2::bigint = 0 OR m.account_id = $2) AND ($3::text = '' OR m.state = "
             "$3 OR ($3 = 'open' AND m.state IN ('waiting', 'sending'))) AND ($4::bigint = 0 OR "
             "m.message_id = $4) AND m.message_id < $5 ORDER BY m.message_id DESC LIMIT $6",
             filter.property, filter.account, filter.state, filter.only, below(before),
             checked_limit(limit))) {
        messages.push_back(stored_message(row));
        messages.back().account_number = get<std::string>(row, "account_number");
        messages.back().meter_code = get<std::string>(row, "meter_code");
    }
    return messages;
}

bool retry_message(Transaction& tx, core::PropertyId property, std::int64_t id, core::Timestamp now,
                   core::Timestamp expires_at) {
    return tx.exec(
                 "UPDATE message SET state = 'waiting', next_try_at = $3, due_at = $3, expires_at = "
                 "greatest(expires_at, $4), finished_at = NULL, taken_by = NULL WHERE "
                 "property_id = $1 AND message_id = $2 AND state IN ('waiting', 'failed', 'given_up')",
                 property, id, now, expires_at)
               .affected_rows() == 1;
}

std::vector<MessageBacklog> message_backlog(Transaction& tx, core::Timestamp now) {
    std::vector<MessageBacklog> backlog;
    for (const auto& row : tx.exec(
             "SELECT property_id, channel, count(*) AS open, min(due_at) AS oldest, (array_agg(reason "
             "ORDER BY due_at))[1] AS reason FROM message WHERE state IN ('waiting', 'sending') AND due_at "
             "<= $1 GROUP BY 1, 2 ORDER BY 1, 2",
             now)) {
        backlog.push_back({get<core::PropertyId>(row, "property_id"),
                           core::parse_message_channel(get<std::string>(row, "channel")),
                           get<int>(row, "open"), get<core::Timestamp>(row, "oldest"),
                           get<std::string>(row, "reason")});
    }
    return backlog;
}

std::optional<core::Timestamp> last_message_sent(Transaction& tx, core::PropertyId property,
                                                 core::MessageChannel channel) {
    const auto rows = tx.exec(
        "SELECT finished_at FROM message WHERE property_id = $1 AND channel = $2 AND state = 'sent' AND "
        "finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1",
        property, core::to_string(channel));
    return rows.empty() ? std::nullopt : std::optional{get<core::Timestamp>(rows[0], "finished_at")};
}

std::vector<core::PropertyId> properties_with_message_alarm(Transaction& tx) {
    std::vector<core::PropertyId> properties;
    for (const auto& row :
         tx.exec("SELECT property_id FROM alarm WHERE kind = 'messages_not_sent' AND cleared_at IS NULL")) {
        properties.push_back(get<core::PropertyId>(row, "property_id"));
    }
    return properties;
}

}  // namespace wutong::storage
