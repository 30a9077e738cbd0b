#include "core/message.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wutong::core {

namespace {

constexpr std::array kMessageKinds{MessageKind::alarm_1,  MessageKind::alarm_2,    MessageKind::arrears,
                                   MessageKind::recharge, MessageKind::operations, MessageKind::test};
constexpr std::size_t kMailAddressMost = 254;  // RFC 5321 4.5.3.1.3, without the angle brackets
constexpr std::size_t kMailLocalMost = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Words between dots: none of them empty, each made of letters, digits and what `besides` has.
bool is_dotted(std::string_view text, std::string_view besides) {
    char before = '.';
    for (const char c : text) {
        if (c == '.' ? before == '.' : !is_letter_or_digit(c) && besides.find(c) == std::string_view::npos) {
            return false;
        }
        before = c;
    }
    return before != '.';
}

}  // namespace

const char* to_string(MessageKind kind) {
    switch (kind) {
        case MessageKind::alarm_1:
            return "alarm_1";
        case MessageKind::alarm_2:
            return "alarm_2";
        case MessageKind::arrears:
            return "arrears";
        case MessageKind::recharge:
            return "recharge";
        case MessageKind::operations:
            return "operations";
        case MessageKind::test:
            break;
    }
    return "test";
}

MessageKind parse_message_kind(std::string_view text) {
    for (const auto kind : kMessageKinds) {
        if (text == to_string(kind)) {
            return kind;
        }
    }
    throw std::invalid_argument("\"" + std::string{text.substr(0, 40)} +
                                "\" is no kind of message; known are alarm_1, alarm_2, arrears, recharge, "
                                "operations and test");
}

MessageKind message_kind(AlarmLevel level) {
    switch (level) {
        case AlarmLevel::alarm_1:
            return MessageKind::alarm_1;
        case AlarmLevel::alarm_2:
            return MessageKind::alarm_2;
        case AlarmLevel::arrears:
            return MessageKind::arrears;
        case AlarmLevel::none:
            break;
    }
    throw std::logic_error("nobody is told that there is no alarm");
}

const char* to_string(MessageChannel channel) {
    return channel == MessageChannel::sms ? "sms" : "email";
}

MessageChannel parse_message_channel(std::string_view text) {
    if (text == "sms") {
        return MessageChannel::sms;
    }
    if (text == "email") {
        return MessageChannel::email;
    }
    throw std::invalid_argument("\"" + std::string{text.substr(0, 40)} + "\" is neither sms nor email");
}

bool is_telephone(std::string_view text) {
    return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
           std::all_of(text.begin() + 1, text.end(), is_digit);
}

bool is_mail_address(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || text.size() > kMailAddressMost || at > kMailLocalMost) {
        return false;
    }
    const auto domain = text.substr(at + 1);
    return is_dotted(text.substr(0, at), "!#$%&'*+-/=?^_`{|}~") && is_dotted(domain, "-") &&
           domain.find('.') != std::string_view::npos && domain.front() != '-' && text.front() != '-';
}

LevelVerdict judge_level(const ToldLevels& told, AlarmLevel level, Timestamp raised_at, bool standing) {
    LevelVerdict verdict;
    verdict.told = told;
    if (!standing) {
        verdict.why_not = "the alarm is over";
        return verdict;
    }
    if (level <= told.told) {
        verdict.why_not = "it was told since credit last arrived";
        return verdict;
    }
    verdict.told.told = level;
    verdict.tell = level > told.told_before || !told.credit_at || raised_at - *told.credit_at >= kAfterCredit;
    if (!verdict.tell) {
        verdict.why_not = "credit has just arrived, and its message says the balance";
    }
    return verdict;
}

ToldLevels after_credit(const ToldLevels& told, Timestamp arrived_at) {
    // Several payments in a row: what was told before the first of them still counts.
    const bool in_a_row = told.credit_at && arrived_at - *told.credit_at < kAfterCredit;
    return {AlarmLevel::none, in_a_row ? std::max(told.told, told.told_before) : told.told, arrived_at};
}

std::chrono::seconds message_pause(int attempts) {
    const std::chrono::minutes pause{1LL << std::clamp(attempts - 1, 0, 10)};
    return std::min<std::chrono::seconds>(pause, std::chrono::hours{1});
}

}  // namespace wutong::core
