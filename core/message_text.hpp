#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/commodity.hpp"
#include "core/message.hpp"
#include "core/quantities.hpp"

/// What messages say, in the tenant's language. Names are shortened, so that every text fits kSmsPartsMax.
namespace wutong::core {

enum class MessageLanguage { zh, en };
[[nodiscard]] const char* to_string(MessageLanguage language);
/// @throws std::invalid_argument naming the known words
[[nodiscard]] MessageLanguage parse_message_language(std::string_view text);

/// Texts are UTF-8.
struct MessageFacts {
    MessageKind kind = MessageKind::test;
    MessageLanguage language = MessageLanguage::zh;
    std::string property_name;
    std::string local_time;  ///< of the property's wall: "11-22 09:30"
    std::string phone;       ///< whom to call; "": nobody is named
    // Of a tenant's meter.
    std::string unit_code;  ///< the room; "": none
    std::string meter_code;
    Commodity commodity = Commodity::electricity;
    std::string currency = "CNY";
    std::optional<Money> balance;  ///< none: not known
    Money amount;                  ///< of a recharge
    // Of an alarm for the operators.
    std::string alarm_kind;
    std::string subject;  ///< code of the meter, channel or gateway; "": the property itself
    std::string text;     ///< what the alarm says; of a test: what somebody typed, or ""
};

struct MessageText {
    std::string subject;  ///< for mail
    std::string body;     ///< one paragraph, the whole of an SMS
};
[[nodiscard]] MessageText message_text(const MessageFacts& facts);

/// "4.20元" in Chinese where the currency is the yuan, otherwise "4.20 CNY". Rounded towards less.
[[nodiscard]] std::string message_amount(Money money, std::string_view currency, MessageLanguage language);

}  // namespace wutong::core
