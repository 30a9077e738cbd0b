#include "core/message_text.hpp"

#include <array>
#include <stdexcept>

#include "core/sms_parts.hpp"

namespace wutong::core {

namespace {

constexpr std::size_t kPropertyMost = 30;
constexpr std::size_t kCodeMost = 32;
constexpr std::size_t kPhoneMost = 32;
constexpr std::size_t kAlarmTextMost = 120;
constexpr std::size_t kTestTextMost = 300;

struct AlarmWords {
    std::string_view kind, zh, en;
};
constexpr std::array kAlarmWords{
    AlarmWords{"lost_gateway", "网关失联", "gateway lost"},
    AlarmWords{"lost_channel", "通道失联", "channel lost"},
    AlarmWords{"quarantine", "充值待人工处理", "a payment waits for a person"},
    AlarmWords{"foreign_write", "电表被外部写入", "meter written by others"},
    AlarmWords{"not_stored", "数据未能存储", "readings can't be stored"},
    AlarmWords{"price_unknown", "电价未知", "price not known"},
    AlarmWords{"wrong_meter", "表号不符", "another meter answers"},
    AlarmWords{"ledger_difference", "账本不平", "the ledger does not agree"},
    AlarmWords{"balance_unexplained", "余额差异无法解释", "balances differ and nobody knows why"},
    AlarmWords{"not_charged", "无法计费", "a meter can't be charged"},
    AlarmWords{"relay_fault", "继电器故障", "relay fault"},
    AlarmWords{"cover_open", "表盖被打开", "meter cover open"},
    AlarmWords{"terminal_cover_open", "端钮盖被打开", "terminal cover open"},
    AlarmWords{"messages_not_sent", "消息未能发出", "messages are not sent"},
};

std::string alarm_words(const MessageFacts& facts) {
    for (const auto& words : kAlarmWords) {
        if (words.kind == facts.alarm_kind) {
            return std::string{facts.language == MessageLanguage::zh ? words.zh : words.en};
        }
    }
    return facts.alarm_kind;
}

bool is_water(const MessageFacts& facts) {
    return facts.commodity == Commodity::water;
}

/// "1201 电表 M-1201", "1201, electricity meter M-1201"
std::string place_of(const MessageFacts& facts) {
    const auto unit = shortened(facts.unit_code, kCodeMost);
    const auto meter = shortened(facts.meter_code, kCodeMost);
    if (facts.language == MessageLanguage::zh) {
        return (unit.empty() ? "" : unit + " ") + (is_water(facts) ? "水表 " : "电表 ") + meter;
    }
    return (unit.empty() ? "" : unit + ", ") + (is_water(facts) ? "water meter " : "electricity meter ") +
           meter;
}

std::string balance_of(const MessageFacts& facts) {
    if (!facts.balance) {
        return {};
    }
    const auto amount = message_amount(*facts.balance, facts.currency, facts.language);
    return facts.language == MessageLanguage::zh ? "余额 " + amount + "，" : "balance " + amount + ". ";
}

struct Sentence {
    std::string subject, text;
};

Sentence chinese(const MessageFacts& facts) {
    const std::string supply = is_water(facts) ? "供水" : "供电";
    switch (facts.kind) {
        case MessageKind::alarm_1:
            return {"余额偏低", "余额偏低，请及时充值。"};
        case MessageKind::alarm_2:
            return {"余额不足", "余额不足，请尽快充值，用完后将停止" + supply + "。"};
        case MessageKind::arrears:
            return {"余额已用完", "余额已用完，" + supply + "将停止或已停止，请立即充值。"};
        default:
            return {"充值已到账",
                    "充值 " + message_amount(facts.amount, facts.currency, facts.language) + " 已到账。"};
    }
}

Sentence english(const MessageFacts& facts) {
    const std::string supply = is_water(facts) ? "water" : "power";
    switch (facts.kind) {
        case MessageKind::alarm_1:
            return {"Credit is low", "Credit is low, please recharge in time."};
        case MessageKind::alarm_2:
            return {"Credit is very low",
                    "Credit is very low, please recharge soon: without credit the " + supply + " goes off."};
        case MessageKind::arrears:
            return {"Credit is used up",
                    "Credit is used up, the " + supply + " goes off or is off. Please recharge now."};
        default:
            return {"Recharge arrived", "Recharge of " +
                                            message_amount(facts.amount, facts.currency, facts.language) +
                                            " has arrived."};
    }
}

std::string greeting(const MessageFacts& facts) {
    const auto name = shortened(facts.property_name, kPropertyMost);
    return facts.language == MessageLanguage::zh ? "【" + name + "】" : name + ": ";
}

MessageText to_tenant(const MessageFacts& facts) {
    const bool zh = facts.language == MessageLanguage::zh;
    const auto sentence = zh ? chinese(facts) : english(facts);
    const auto phone = shortened(facts.phone, kPhoneMost);
    MessageText out;
    if (zh) {
        out.subject = sentence.subject + "：" + place_of(facts);
        out.body = greeting(facts) + place_of(facts) + "，" + facts.local_time + " " + balance_of(facts) +
                   sentence.text + (phone.empty() ? "" : "咨询电话 " + phone + "。");
    } else {
        out.subject = sentence.subject + ": " + place_of(facts);
        out.body = greeting(facts) + place_of(facts) + ", " + facts.local_time +
                   (facts.balance ? ", " : ". ") + balance_of(facts) + sentence.text +
                   (phone.empty() ? "" : " Questions: " + phone);
    }
    return out;
}

MessageText to_operators(const MessageFacts& facts) {
    const bool zh = facts.language == MessageLanguage::zh;
    const auto words = alarm_words(facts);
    const auto subject = shortened(facts.subject, kCodeMost);
    const auto text = shortened(facts.text, kAlarmTextMost);
    MessageText out;
    out.subject = (zh ? "告警：" : "Alarm: ") + words + (subject.empty() ? "" : " " + subject);
    out.body = greeting(facts) + (zh ? "告警 " : "alarm ") + facts.local_time + (zh ? "：" : ": ") + words +
               (subject.empty() ? "" : ", " + subject) + (text.empty() ? "" : ": " + text);
    return out;
}

MessageText test_text(const MessageFacts& facts) {
    const bool zh = facts.language == MessageLanguage::zh;
    const auto text = shortened(facts.text, kTestTextMost);
    MessageText out;
    out.subject = zh ? "梧桐预付费系统测试消息" : "Test message of Wutong";
    out.body = greeting(facts) + (!text.empty() ? text
                                  : zh          ? "这是一条测试消息，" + facts.local_time + "。"
                                                : "this is a test message, " + facts.local_time + ".");
    return out;
}

}  // namespace

const char* to_string(MessageLanguage language) {
    return language == MessageLanguage::zh ? "zh" : "en";
}

MessageLanguage parse_message_language(std::string_view text) {
    if (text == "zh") {
        return MessageLanguage::zh;
    }
    if (text == "en") {
        return MessageLanguage::en;
    }
    throw std::invalid_argument("\"" + std::string{text.substr(0, 40)} + "\" is neither zh nor en");
}

MessageText message_text(const MessageFacts& facts) {
    switch (facts.kind) {
        case MessageKind::operations:
            return to_operators(facts);
        case MessageKind::test:
            return test_text(facts);
        default:
            return to_tenant(facts);
    }
}

std::string message_amount(Money money, std::string_view currency, MessageLanguage language) {
    // Whole hundredths, towards less: nobody is told of more than there is.
    const auto e4 = money.ten_thousandths();
    const auto hundredths = e4 / 100 - (e4 % 100 < 0 ? 1 : 0);
    const auto size = hundredths < 0 ? -hundredths : hundredths;
    const auto small = std::to_string(size % 100);
    std::string text = (hundredths < 0 ? "-" : "") + std::to_string(size / 100) + "." +
                       (small.size() < 2 ? "0" : "") + small;
    return language == MessageLanguage::zh && currency == "CNY" ? text + "元"
                                                                : text + " " + std::string{currency};
}

}  // namespace wutong::core
