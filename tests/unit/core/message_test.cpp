#include "core/message.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "core/message_text.hpp"
#include "core/sms_parts.hpp"

using namespace wutong::core;
using std::chrono::minutes;

namespace {

std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

std::size_t parts(const std::string& text) {
    return plan_sms(text).parts.size();
}

Timestamp minute(int number) {
    return Timestamp{} + std::chrono::hours{24 * 365 * 50} + minutes{number};
}

MessageFacts low_credit(MessageLanguage language) {
    MessageFacts facts;
    facts.kind = MessageKind::alarm_2;
    facts.language = language;
    facts.property_name = language == MessageLanguage::zh ? "梧桐物业" : "Plane Tree House";
    facts.local_time = "11-22 09:30";
    facts.unit_code = "1201";
    facts.meter_code = "M-1201";
    facts.balance = Money{42'000};
    return facts;
}

}  // namespace

TEST_CASE("sms: the 7-bit alphabet holds 160 septets alone and 153 in each of several", "[message]") {
    CHECK(plan_sms("hello @£$€{}").alphabet == SmsAlphabet::gsm7);
    CHECK(parts(repeated("a", 160)) == 1);
    CHECK(parts(repeated("a", 161)) == 2);
    CHECK(parts(repeated("a", 306)) == 2);
    CHECK(parts(repeated("a", 307)) == 3);
    // A character of the extension table takes two septets, and is never torn.
    CHECK(parts(repeated("€", 80)) == 1);
    CHECK(parts(repeated("€", 81)) == 2);
    const auto plan = plan_sms(repeated("€", 100));
    REQUIRE(plan.parts.size() == 2);
    CHECK(plan.parts[0].size() == 76);
    CHECK(plan.parts[1].size() == 24);
    CHECK(plan_sms("`").alphabet == SmsAlphabet::ucs2);
    CHECK(plan_sms("ç").alphabet == SmsAlphabet::ucs2);  // the large one is in the alphabet, this one is not
    CHECK(plan_sms("Ç").alphabet == SmsAlphabet::gsm7);
}

TEST_CASE("sms: UCS-2 holds 70 units alone and 67 in each of several, and pairs stay together", "[message]") {
    CHECK(parts(repeated("电", 70)) == 1);
    CHECK(parts(repeated("电", 71)) == 2);
    CHECK(parts(repeated("电", 134)) == 2);
    CHECK(parts(repeated("电", 135)) == 3);
    const auto plan = plan_sms(repeated("电", 66) + "😀" + repeated("水", 10));
    REQUIRE(plan.parts.size() == 2);
    CHECK(plan.parts[0].size() == 66);
    CHECK(plan.parts[1].size() == 12);
    CHECK(plan.parts[1].substr(0, 2) == u"😀");
    std::u16string whole;
    for (const auto& part : plan.parts) {
        whole += part;
    }
    CHECK(whole.size() == 78);
}

TEST_CASE("sms: what can't be sent is refused with the reason", "[message]") {
    CHECK_THROWS_WITH(plan_sms(""), Catch::Contains("needs a text"));
    CHECK_THROWS_WITH(plan_sms(repeated("电", 67 * kSmsPartsMax + 1)), Catch::Contains("takes 9 SMS"));
    CHECK(parts(repeated("电", 67 * kSmsPartsMax)) == kSmsPartsMax);
    for (const char* bad :
         {"ab\xC3", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE7\x94\x41"}) {
        CHECK_THROWS_WITH(plan_sms(bad), Catch::Contains("not UTF-8"));
    }
    CHECK(utf8_of(characters_of("aé电😀")) == "aé电😀");
    CHECK(shortened("电表电表", 3) == "电表…");
    CHECK(shortened("电表", 2) == "电表");
}

TEST_CASE("message: telephones and addresses", "[message]") {
    for (const char* good : {"+8613800138000", "+4915112345678", "+1234567"}) {
        CHECK(is_telephone(good));
    }
    for (const char* bad : {"", "13800138000", "+", "+0123456789", "+12345", "+1234567890123456", "+86 138",
                            "+86138a0138000"}) {
        CHECK_FALSE(is_telephone(bad));
    }
    for (const char* good : {"a@b.cn", "first.last+meter@mail.example.org"}) {
        CHECK(is_mail_address(good));
    }
    for (const char* bad : {"", "a", "a@", "@b.cn", "a@b", "a b@c.cn", "a@b..cn", "a@b.cn\r\nRCPT TO:<x@y.z>",
                            "a@-b.cn", "-a@b.cn", "a,b@c.cn", "a@b.cn.", "<a@b.cn>"}) {
        CHECK_FALSE(is_mail_address(bad));
    }
}

TEST_CASE("message: each level is told once in a credit period", "[message]") {
    ToldLevels told;
    const auto hear = [&told](AlarmLevel level, int at, bool standing = true) {
        const auto verdict = judge_level(told, level, minute(at), standing);
        told = verdict.told;
        return verdict.tell;
    };
    CHECK_FALSE(hear(AlarmLevel::alarm_1, 0, false));  // over before anybody looked
    CHECK(hear(AlarmLevel::alarm_1, 1));
    CHECK_FALSE(hear(AlarmLevel::alarm_1, 2));  // hovers
    CHECK(hear(AlarmLevel::arrears, 3));        // two steps at once
    CHECK_FALSE(hear(AlarmLevel::alarm_2, 4));  // better than what was told
    CHECK_FALSE(hear(AlarmLevel::arrears, 5));

    SECTION("little credit is no news, more use is") {
        told = after_credit(told, minute(10));
        CHECK_FALSE(hear(AlarmLevel::alarm_2, 11));
        CHECK(hear(AlarmLevel::arrears, 40));
    }
    SECTION("much credit begins anew") {
        told = after_credit(told, minute(10));
        CHECK(hear(AlarmLevel::alarm_1, 1'000));
        CHECK(hear(AlarmLevel::alarm_2, 1'001));
    }
    SECTION("a worse level is told right after credit") {
        told = {AlarmLevel::alarm_1, AlarmLevel::none, minute(0)};
        told = after_credit(told, minute(10));
        CHECK(hear(AlarmLevel::alarm_2, 11));
    }
    SECTION("two payments in a row don't forget what was told before them") {
        told = after_credit(told, minute(10));
        told = after_credit(told, minute(12));
        CHECK_FALSE(hear(AlarmLevel::alarm_2, 13));
    }
}

TEST_CASE("message: trying again takes longer each time, at most an hour", "[message]") {
    CHECK(message_pause(1) == minutes{1});
    CHECK(message_pause(4) == minutes{8});
    CHECK(message_pause(7) == minutes{60});
    CHECK(message_pause(1'000'000) == minutes{60});
}

TEST_CASE("message: what tenants and operators read", "[message]") {
    auto facts = low_credit(MessageLanguage::zh);
    CHECK(message_text(facts).body ==
          "【梧桐物业】1201 电表 M-1201，11-22 09:30 余额 4.20元，余额不足，请尽快充值，用完后将停止供电。");
    CHECK(message_text(facts).subject == "余额不足：1201 电表 M-1201");
    CHECK(parts(message_text(facts).body) == 1);
    facts.kind = MessageKind::recharge;
    facts.commodity = Commodity::water;
    facts.amount = Money{1'000'000};
    facts.phone = "0755-1234567";
    CHECK(message_text(facts).body ==
          "【梧桐物业】1201 水表 M-1201，11-22 09:30 余额 4.20元，充值 100.00元 已到账。咨询电话 "
          "0755-1234567。");

    auto english = low_credit(MessageLanguage::en);
    english.currency = "EUR";
    CHECK(message_text(english).body ==
          "Plane Tree House: 1201, electricity meter M-1201, 11-22 09:30, balance 4.20 EUR. Credit is very "
          "low, "
          "please recharge soon: without credit the power goes off.");
    english.balance.reset();
    english.kind = MessageKind::arrears;
    CHECK(message_text(english).body ==
          "Plane Tree House: 1201, electricity meter M-1201, 11-22 09:30. Credit is used up, the power goes "
          "off or "
          "is off. Please recharge now.");

    english.kind = MessageKind::operations;
    english.alarm_kind = "lost_gateway";
    english.subject = "G-3";
    CHECK(message_text(english).body == "Plane Tree House: alarm 11-22 09:30: gateway lost, G-3");
}

TEST_CASE("message: amounts are never more than there is", "[message]") {
    CHECK(message_amount(Money{42'099}, "CNY", MessageLanguage::zh) == "4.20元");
    CHECK(message_amount(Money{-42'001}, "CNY", MessageLanguage::en) == "-4.21 CNY");
    CHECK(message_amount(Money{-5}, "EUR", MessageLanguage::zh) == "-0.01 EUR");
    CHECK(message_amount(Money{0}, "CNY", MessageLanguage::en) == "0.00 CNY");
}

TEST_CASE("message: the longest names still fit", "[message]") {
    for (const auto kind : {MessageKind::alarm_1, MessageKind::alarm_2, MessageKind::arrears,
                            MessageKind::recharge, MessageKind::operations, MessageKind::test}) {
        for (const auto language : {MessageLanguage::zh, MessageLanguage::en}) {
            MessageFacts facts = low_credit(language);
            facts.kind = kind;
            facts.property_name = repeated("业", 200);
            facts.unit_code = repeated("室", 32);
            facts.meter_code = repeated("表", 32);
            facts.phone = repeated("1", 32);
            facts.balance = Money{-9'000'000'000'000'000};
            facts.amount = Money{9'000'000'000'000'000};
            facts.subject = repeated("表", 100);
            facts.text = repeated("文", 2'000);
            CHECK(parts(message_text(facts).body) <= kSmsPartsMax);
        }
    }
}
