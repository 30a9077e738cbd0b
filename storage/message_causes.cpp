#include "storage/message_causes.hpp"

#include <array>
#include <stdexcept>

#include "core/commodity.hpp"
#include "core/tariff_plan.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr std::array kMessageCauseNames{"level", "operations", "delivery", "sale"};

MessageCauseKind message_cause_kind(const std::string& text) {
    for (std::size_t i = 0; i < kMessageCauseNames.size(); ++i) {
        if (text == kMessageCauseNames[i]) {
            return static_cast<MessageCauseKind>(i);
        }
    }
    throw std::logic_error("\"" + text + "\" is no kind of cause");
}

// What every message to a tenant says, of a meter m on an account a.
#define WUTONG_TENANT_NEWS                                                                                 \
    "a.account_id, a.customer_id, m.meter_id, m.code AS meter_code, m.commodity, COALESCE(u.code, '') AS " \
    "unit_code, p.name AS property_name, p.currency, COALESCE(f.value, '') AS phone "
#define WUTONG_TENANT_NEWS_FROM                                                                           \
    "JOIN property p ON p.property_id = m.property_id LEFT JOIN unit u ON u.property_id = m.property_id " \
    "AND "                                                                                                \
    "u.unit_id = m.unit_id LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = "    \
    "m.meter_id LEFT JOIN parameter f ON f.property_id = m.property_id AND f.key = 'alarm_phone' "

const char* kLevelNews =
    "SELECT e.kind, e.raised_at AS at, e.cleared_at IS NULL AS standing, 0::bigint AS amount_e4, "
    "s.balance_e4, to_char(e.raised_at AT TIME ZONE p.time_zone, 'MM-DD HH24:MI') AS "
    "local_time, " WUTONG_TENANT_NEWS
    "FROM alarm e JOIN meter m ON m.property_id = e.property_id AND m.meter_id = e.meter_id "
    "JOIN account_meter l ON l.property_id = m.property_id AND l.meter_id = m.meter_id AND l.unlinked_at IS "
    "NULL JOIN account a ON a.property_id = l.property_id AND a.account_id = l.account_id AND a.state = "
    "'open' " WUTONG_TENANT_NEWS_FROM "WHERE e.property_id = $1 AND e.alarm_id = $2";

const char* kDeliveryNews =
    "SELECT 'recharge' AS kind, d.finished_at AS at, true AS standing, d.amount_e4, "
    "COALESCE(d.after_balance_e4, s.balance_e4) AS balance_e4, to_char(d.finished_at AT TIME ZONE "
    "p.time_zone, 'MM-DD HH24:MI') AS local_time, " WUTONG_TENANT_NEWS
    "FROM credit_delivery d JOIN meter m ON m.property_id = d.property_id AND m.meter_id = d.meter_id "
    "JOIN account a ON a.property_id = d.property_id AND a.account_id = d.account_id " WUTONG_TENANT_NEWS_FROM
    "WHERE d.property_id = $1 AND d.delivery_id = $2 AND d.state = 'delivered'";

// What a sale took for charges did not become credit.
const char* kSaleNews =
    "SELECT 'recharge' AS kind, d.sold_at AS at, true AS standing, d.amount_e4 - d.charged_e4 AS amount_e4, "
    "b.prepaid_credit_e4 AS balance_e4, to_char(d.sold_at AT TIME ZONE p.time_zone, 'MM-DD HH24:MI') AS "
    "local_time, " WUTONG_TENANT_NEWS
    "FROM sale d JOIN meter m ON m.property_id = d.property_id AND m.meter_id = d.meter_id "
    "JOIN held_meter h ON h.property_id = m.property_id AND h.meter_id = m.meter_id AND h.ended_at IS NULL "
    "JOIN account a ON a.property_id = d.property_id AND a.account_id = d.account_id LEFT JOIN "
    "account_balance b ON b.property_id = d.property_id AND b.account_id = d.account_id AND b.meter_id = "
    "d.meter_id " WUTONG_TENANT_NEWS_FROM
    "WHERE d.property_id = $1 AND d.sale_id = $2 AND d.amount_e4 > d.charged_e4";

core::AlarmLevel level_of_alarm(const std::string& kind) {
    for (const auto level :
         {core::AlarmLevel::alarm_1, core::AlarmLevel::alarm_2, core::AlarmLevel::arrears}) {
        if (kind == core::to_string(level)) {
            return level;
        }
    }
    return core::AlarmLevel::none;
}

}  // namespace

std::string MessageCause::name() const {
    const bool alarm = kind == MessageCauseKind::level || kind == MessageCauseKind::operations;
    return (alarm ? "alarm" : kMessageCauseNames[static_cast<std::size_t>(kind)]) + std::string{" "} +
           std::to_string(subject);
}

std::vector<MessageCause> list_message_causes(Transaction& tx, int limit) {
    std::vector<MessageCause> causes;
    // Due by the database's clock, which queued them.
    for (const auto& row : tx.exec("SELECT property_id, cause_id, kind, subject_id FROM message_cause WHERE "
                                   "due_at <= now() ORDER BY due_at, cause_id LIMIT $1",
                                   checked_limit(limit))) {
        causes.push_back({get<core::PropertyId>(row, "property_id"), get<std::int64_t>(row, "cause_id"),
                          message_cause_kind(get<std::string>(row, "kind")),
                          get<std::int64_t>(row, "subject_id")});
    }
    return causes;
}

std::int64_t count_message_causes(Transaction& tx) {
    return get<std::int64_t>(tx.exec1("SELECT count(*) AS n FROM message_cause"), "n");
}

bool take_message_cause(Transaction& tx, const MessageCause& cause) {
    return tx.exec(
                 "DELETE FROM message_cause WHERE (property_id, cause_id) IN (SELECT property_id, cause_id "
                 "FROM message_cause WHERE property_id = $1 AND cause_id = $2 FOR UPDATE SKIP LOCKED)",
                 cause.property, cause.id)
               .affected_rows() == 1;
}

void put_off_message_cause(Transaction& tx, const MessageCause& cause) {
    tx.exec(
        "UPDATE message_cause SET due_at = now() + interval '1 minute' WHERE property_id = $1 AND cause_id = "
        "$2",
        cause.property, cause.id);
}

std::optional<TenantNews> tenant_news(Transaction& tx, const MessageCause& cause) {
    const auto rows = tx.exec(cause.kind == MessageCauseKind::level      ? kLevelNews
                              : cause.kind == MessageCauseKind::delivery ? kDeliveryNews
                                                                         : kSaleNews,
                              cause.property, cause.subject);
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    TenantNews news;
    news.account = get<core::AccountId>(row, "account_id");
    news.customer = get<core::CustomerId>(row, "customer_id");
    news.meter = get<core::MeterId>(row, "meter_id");
    news.at = get<core::Timestamp>(row, "at");
    news.level = level_of_alarm(get<std::string>(row, "kind"));
    news.standing = get<bool>(row, "standing");
    news.facts.property_name = get<std::string>(row, "property_name");
    news.facts.local_time = get<std::string>(row, "local_time");
    news.facts.phone = get<std::string>(row, "phone");
    news.facts.unit_code = get<std::string>(row, "unit_code");
    news.facts.meter_code = get<std::string>(row, "meter_code");
    news.facts.commodity = core::parse_commodity(get<std::string>(row, "commodity"));
    news.facts.currency = get<std::string>(row, "currency");
    news.facts.balance = get<std::optional<core::Money>>(row, "balance_e4");
    news.facts.amount = get<core::Money>(row, "amount_e4");
    return news;
}

std::optional<OperationsNews> operations_news(Transaction& tx, const MessageCause& cause) {
    const auto rows = tx.exec(
        "SELECT e.kind, e.text, p.name AS property_name, to_char(e.raised_at AT TIME ZONE p.time_zone, "
        "'MM-DD "
        "HH24:MI') AS local_time, COALESCE(m.code, c.code, g.code, '') AS subject, (SELECT value FROM "
        "parameter WHERE property_id = $1 AND key = 'alert_phone') AS phone, (SELECT value FROM parameter "
        "WHERE property_id = $1 AND key = 'alert_email') AS email, (SELECT value FROM parameter WHERE "
        "property_id = $1 AND key = 'alert_language') AS language FROM alarm e JOIN property p ON "
        "p.property_id = e.property_id LEFT JOIN meter m ON m.property_id = e.property_id AND m.meter_id = "
        "e.meter_id LEFT JOIN channel c ON c.property_id = e.property_id AND c.channel_id = e.channel_id "
        "LEFT "
        "JOIN gateway g ON g.property_id = e.property_id AND g.gateway_id = e.gateway_id WHERE e.property_id "
        "= "
        "$1 AND e.alarm_id = $2",
        cause.property, cause.subject);
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    const auto text = [&row](const char* column) {
        return get<std::optional<std::string>>(row, column).value_or("");
    };
    OperationsNews news;
    news.phone = text("phone");
    news.email = text("email");
    news.facts.kind = core::MessageKind::operations;
    news.facts.language = text("language") == "en" ? core::MessageLanguage::en : core::MessageLanguage::zh;
    news.facts.property_name = text("property_name");
    news.facts.local_time = text("local_time");
    news.facts.alarm_kind = text("kind");
    news.facts.subject = text("subject");
    news.facts.text = text("text");
    return news;
}

std::int64_t operations_told_since(Transaction& tx, core::PropertyId property, core::Timestamp since) {
    return get<std::int64_t>(tx.exec1("SELECT count(*) AS n FROM message WHERE property_id = $1 AND kind = "
                                      "'operations' AND created_at > $2",
                                      property, since),
                             "n");
}

core::ToldLevels lock_told_levels(Transaction& tx, core::PropertyId property, core::AccountId account,
                                  core::MeterId meter) {
    tx.exec(
        "INSERT INTO message_told (property_id, account_id, meter_id) VALUES ($1, $2, $3) ON CONFLICT DO "
        "NOTHING",
        property, account, meter);
    const auto row = tx.exec1(
        "SELECT told, told_before, credit_at FROM message_told WHERE property_id = $1 AND account_id = $2 "
        "AND "
        "meter_id = $3 FOR UPDATE",
        property, account, meter);
    return {static_cast<core::AlarmLevel>(get<int>(row, "told")),
            static_cast<core::AlarmLevel>(get<int>(row, "told_before")),
            get<std::optional<core::Timestamp>>(row, "credit_at")};
}

void put_told_levels(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
                     const core::ToldLevels& told) {
    tx.exec(
        "UPDATE message_told SET told = $4, told_before = $5, credit_at = $6 WHERE property_id = $1 AND "
        "account_id = $2 AND meter_id = $3",
        property, account, meter, static_cast<int>(told.told), static_cast<int>(told.told_before),
        told.credit_at);
}

MessagePlace message_place(Transaction& tx, core::PropertyId property, core::Timestamp at) {
    const auto rows = tx.exec(
        "SELECT name, to_char($2::timestamptz AT TIME ZONE time_zone, 'MM-DD HH24:MI') AS local_time FROM "
        "property WHERE property_id = $1",
        property, at);
    if (rows.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return {get<std::string>(rows[0], "name"), get<std::string>(rows[0], "local_time")};
}

MessageRules message_rules(Transaction& tx, core::PropertyId property) {
    MessageRules rules;
    for (const auto& row :
         tx.exec("SELECT key, value::int AS value FROM parameter WHERE property_id = $1 AND key IN "
                 "('message_quiet_from_min', 'message_quiet_to_min', 'message_keep_days') AND value ~ "
                 "'^[0-9]{1,6}$'",
                 property)) {
        const auto key = get<std::string>(row, "key");
        const auto value = get<int>(row, "value");
        if (key == "message_keep_days") {
            rules.keep_days = value;
        } else {
            (key == "message_quiet_from_min" ? rules.quiet.from_minute : rules.quiet.to_minute) =
                value % core::kMinutesPerDay;
        }
    }
    return rules;
}

}  // namespace wutong::storage
