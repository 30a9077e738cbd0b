#include "server/services/parameter_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/message.hpp"

namespace wutong::server {

namespace {

constexpr std::int64_t kMoneyMax = 10'000'000'000'000;
constexpr std::int64_t kPhoneBytes = 32;
constexpr std::int64_t kMailBytes = 254;
constexpr std::int64_t kSentenceBytes = 120;
constexpr std::int64_t kHoursBytes = 60;
constexpr std::int64_t kLanguageBytes = 2;

/// UTF-8 without control characters.
bool can_be_shown(const std::string& text) {
    int follow = 0;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (follow > 0) {
            if ((byte & 0xC0U) != 0x80U) {
                return false;
            }
            --follow;
        } else if (byte < 0x20 || byte == 0x7F || (byte & 0xC0U) == 0x80U || byte > 0xF4) {
            return false;
        } else {
            follow = byte < 0x80 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        }
    }
    return follow == 0;
}

/// One of "zh|en".
bool is_choice(const std::string& value, const std::string& choices) {
    return !value.empty() && value.find('|') == std::string::npos &&
           ("|" + choices + "|").find("|" + value + "|") != std::string::npos;
}

std::vector<FieldViolation> check_text_parameter(const ParameterRule& rule, const std::string& field,
                                                 const std::string& value) {
    if (rule.choices != nullptr && !is_choice(value, rule.choices)) {
        return {{field, fmt::format("must be one of {}", rule.choices)}};
    }
    if (value.size() > static_cast<std::size_t>(rule.most)) {
        return {{field, fmt::format("has {} bytes; at most {} fit", value.size(), rule.most)}};
    }
    if (rule.allowed != nullptr && value.find_first_not_of(rule.allowed) != std::string::npos) {
        return {{field, "may have digits, +, - and spaces"}};
    }
    if (!can_be_shown(value)) {
        return {{field, "has characters that can't be shown"}};
    }
    if (rule.may_be != nullptr && !value.empty() && !rule.may_be(value)) {
        return {{field, rule.should_be}};
    }
    return {};
}

}  // namespace

const std::vector<ParameterRule>& parameter_rules() {
    static const std::vector<ParameterRule> kRules{
        {"price_e4", "10000", 0, 1'000'000'000, "1/10000 per kWh", "Price of a kilowatt-hour"},
        {"water_price_e4", "50000", 0, 1'000'000'000, "1/10000 per m³", "Price of a cubic metre of water"},
        {"alarm_1_e4", "200000", 0, kMoneyMax, "1/10000", "First alarm at this balance; 0: none"},
        {"alarm_2_e4", "50000", 0, kMoneyMax, "1/10000", "Second alarm at this balance; 0: none"},
        {"overdraft_e4", "0", 0, kMoneyMax, "1/10000", "Debt that is allowed before a meter switches off"},
        {"overload_w", "0", 0, 100'000'000, "W", "A meter switches off above this load; 0: never"},
        {"balance_max_e4", "0", 0, kMoneyMax, "1/10000",
         "Most that a meter may hold after a sale; 0: no limit of ours"},
        {"reading_interval_s", "1800", 10, 86'400, "s", "How often whole readings are taken"},
        {"state_interval_s", "60", 1, 86'400, "s", "How often state and balance are read"},
        {"lost_after_s", "120", 10, 86'400, "s", "Without an answer for so long a meter is lost"},
        {"voltage_unbalance_pct", "4", 0, 200, "%",
         "Three phases are unbalanced when a voltage is so far from their mean; 0: not looked at"},
        {"current_unbalance_pct", "0", 0, 200, "%", "The same of currents, from 5 A on; 0: not looked at"},
        {"command_expiry_s", "600", 10, 86'400, "s",
         "A command that was not sent by then is not sent any more"},
        {"close_switches_off", "0", 0, 1, "", "1: closing an account also switches the meter off"},
        {"shift_required", "0", 0, 1, "", "1: money is taken and paid out in an open cashier's shift only"},
        {"settle_persons", "2", 1, 2, "",
         "How many operators have to say the same before a quarantined delivery is settled"},
        {"proof_hour", "3", 0, 23, "h",
         "When each night's proof of the two balances is taken, by the property's clock"},
        {"quiet_from_min", "0", 0, 1'439, "min",
         "Nobody is switched off by the server from this minute of the day on, e.g. 1320 = 22:00"},
        {"quiet_to_min", "0", 0, 1'439, "min",
         "Until this minute; the same as quiet_from_min: no quiet hours"},
        {"held_stale_s", "7200", 60, 604'800, "s",
         "With a reading older than this the server switches nobody off"},
        {"history_hot_months", "13", 3, 1'200, "months",
         "Readings older than so many whole months move into the archive; they stay to be read"},
        {"history_instant_months", "0", 0, 1'200, "months",
         "Power, voltage and current of archived readings are forgotten after so long; 0: never"},
        {"history_reading_months", "0", 0, 1'200, "months",
         "Archived readings are forgotten after so long, days and months stay; 0: never"},
        {"history_request_days", "90", 0, 3'650, "days",
         "For so long the same request gets its first answer again; 0: for ever"},
        {"history_alarm_months", "0", 0, 1'200, "months",
         "Cleared alarms are forgotten after so long; 0: never"},
        {"history_event_months", "0", 0, 1'200, "months",
         "Events of meters that are over are forgotten after so long, at least 14; 0: never"},
        {"history_hold", "0", 0, 1, "", "1: readings stay where they are and nothing is forgotten, until 0"},
        {"message_quiet_from_min", "0", 0, 1'439, "min",
         "Warnings of low credit wait from this minute of the day on, e.g. 1320 = 22:00"},
        {"message_quiet_to_min", "0", 0, 1'439, "min",
         "Until this minute; the same as message_quiet_from_min: no quiet hours"},
        {"message_keep_days", "365", 0, 3'650, "days",
         "Messages that are over are forgotten after so long; 0: never"},
        {"alert_phone", "", kPhoneBytes, kPhoneBytes, "",
         "Operators are told of alarms by SMS to this number, +8613800138000", "0123456789+", nullptr,
         core::is_telephone, "must be a number with its country's, as +8613800138000"},
        {"alert_email", "", kMailBytes, kMailBytes, "", "Operators are told of alarms at this address",
         nullptr, nullptr, core::is_mail_address, "must be a mail address"},
        {"alert_language", "zh", kLanguageBytes, kLanguageBytes, "", "What they are told in: zh or en",
         nullptr, "zh|en"},
        {"alarm_phone", "", kPhoneBytes, kPhoneBytes, "", "Whom to call; digits, + - and spaces"},
        {"kiosk_pay_where_zh", "", kSentenceBytes, kSentenceBytes, "",
         "Where tenants pay, in Chinese, as the kiosk says it", nullptr},
        {"kiosk_pay_where_en", "", kSentenceBytes, kSentenceBytes, "",
         "Where tenants pay, in English, as the kiosk says it", nullptr},
        {"kiosk_pay_hours", "", kHoursBytes, kHoursBytes, "", "When they can pay there, e.g. 08:00–20:00",
         nullptr},
        {"kiosk_language", "zh", kLanguageBytes, kLanguageBytes, "", "What a kiosk begins with: zh or en",
         nullptr, "zh|en"},
    };
    return kRules;
}

std::vector<FieldViolation> check_parameter(const std::string& key, const std::string& value) {
    const auto& rules = parameter_rules();
    const auto field = fmt::format("values[{}]", key.substr(0, 64));
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const auto& one) { return key == one.key; });
    if (rule == rules.end()) {
        std::string known;
        for (const auto& one : rules) {
            known += (known.empty() ? "" : ", ") + std::string{one.key};
        }
        return {{field, "there is no such parameter; known are: " + known}};
    }
    if (rule->least == rule->most) {
        return check_text_parameter(*rule, field, value);
    }
    std::int64_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || read.ec != std::errc{} || read.ptr != value.data() + value.size() ||
        number < rule->least || number > rule->most) {
        return {{field, fmt::format("\"{}\" is not a whole number from {} to {}{}{}", value.substr(0, 40),
                                    rule->least, rule->most, *rule->unit != '\0' ? " " : "", rule->unit)}};
    }
    return {};
}

}  // namespace wutong::server
