#include "storage/messages.hpp"

#include <catch2/catch.hpp>

#include "storage/alarms.hpp"
#include "storage/message_causes.hpp"
#include "storage/message_contacts.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using namespace std::chrono_literals;
using core::MessageChannel;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

namespace {

struct Outbox {
    Outbox() : site{test, "P1", 2}, account{site.account({site.meters[0]})} {}

    template <class Body>
    auto in(Body body) {
        return test.server().transact(site.scope(), "outbox", body);
    }
    std::int64_t queue(const std::string& cause, std::int64_t due = 0) {
        NewMessage message;
        message.cause = cause;
        message.recipient = "+8613800138000";
        message.kind = core::MessageKind::alarm_1;
        message.account = account;
        message.meter = site.meters[0];
        message.text = {"low", "credit is low"};
        message.due_at = at(due);
        message.expires_at = at(due + 3'600);
        return in([&](Transaction& tx) { return queue_message(tx, site.property, message, at(0)); });
    }
    std::optional<StoredMessage> take(const std::string& who, std::int64_t now, std::int64_t until = 600) {
        return in([&](Transaction& tx) {
            return take_message(tx, MessageChannel::sms, who, at(now), at(now + until));
        });
    }
    StoredMessage one(std::int64_t id) {
        MessageFilter filter;
        filter.property = site.property;
        filter.only = id;
        return in([&](Transaction& tx) { return list_messages(tx, filter, 0, 1).at(0); });
    }
    int tidy(std::int64_t now) {
        return in([&](Transaction& tx) { return tidy_messages(tx, at(now)); });
    }

    TestDatabase test;
    TestSite site;
    core::AccountId account;
};

}  // namespace

TEST_CASE("messages: a cause is queued once, taken by one, and ends once", "[messages]") {
    Outbox box;
    const auto first = box.queue("alarm 1");
    REQUIRE(first != 0);
    CHECK(box.queue("alarm 1") == 0);
    CHECK(box.one(first).state == "waiting");
    CHECK(box.one(first).account_number == "00000001");
    CHECK(box.one(first).meter_code == "M1");

    const auto taken = box.take("a", 1);
    REQUIRE(taken);
    CHECK(taken->attempts == 1);
    CHECK_FALSE(box.take("b", 1));
    box.in([&](Transaction& tx) {
        CHECK(messages_in_hand(tx, MessageChannel::sms, "a", 10).size() == 1);
        CHECK(messages_in_hand(tx, MessageChannel::sms, "b", 10).empty());
        CHECK_FALSE(finish_message(tx, *taken, "b", "sent", "", at(2)));
        CHECK(put_back_message(tx, *taken, "a", "busy", at(60)));
        CHECK_FALSE(finish_message(tx, *taken, "a", "sent", "", at(2)));
    });
    CHECK_FALSE(box.take("a", 59));
    const auto again = box.take("b", 60);
    REQUIRE(again);
    CHECK(again->reason == "busy");
    box.in([&](Transaction& tx) { CHECK(finish_message(tx, *again, "b", "sent", "", at(61))); });
    CHECK(box.one(first).state == "sent");
    CHECK(box.one(first).attempts == 2);
    box.in([&](Transaction& tx) {
        CHECK_FALSE(retry_message(tx, box.site.property, first, at(70), at(3'670)));
        CHECK(last_message_sent(tx, box.site.property, MessageChannel::sms) == at(61));
        CHECK(forget_messages(tx, box.site.property, at(61), 10) == 0);
        CHECK(forget_messages(tx, box.site.property, at(62), 10) == 1);
    });
}

TEST_CASE("messages: what somebody died with waits again, and what is too old is given up", "[messages]") {
    Outbox box;
    const auto id = box.queue("alarm 1", 100);
    CHECK_FALSE(box.take("a", 99));
    REQUIRE(box.take("a", 100, 50));
    CHECK(box.tidy(150) == 0);
    CHECK(box.tidy(151) == 1);
    CHECK(box.one(id).state == "waiting");
    box.in([&](Transaction& tx) {
        const auto backlog = message_backlog(tx, at(200));
        REQUIRE(backlog.size() == 1);
        CHECK(backlog[0].open == 1);
        CHECK(backlog[0].oldest == at(100));
        CHECK(message_backlog(tx, at(99)).empty());
    });
    CHECK(box.tidy(3'700) == 1);
    CHECK(box.one(id).state == "given_up");
    CHECK(box.one(id).reason.find("too old") == 0);
    box.in([&](Transaction& tx) {
        CHECK(retry_message(tx, box.site.property, id, at(4'000), at(5'000)));
        CHECK(overtake_level_messages(tx, box.site.property, box.account, box.site.meters[0], "paid",
                                      at(4'001)) == 1);
    });
    CHECK(box.one(id).reason == "paid");
}

TEST_CASE("messages: causes are queued where they happen, whoever writes them", "[messages]") {
    Outbox box;
    const AlarmSubject subject{box.site.property, box.site.meters[0], {}, {}};
    box.test.collector().transact(Scope::none(), "raise", [&](Transaction& tx) {
        CHECK(raise_alarm(tx, subject, "alarm_2", "balance 1.00", at(5)));
        CHECK_FALSE(raise_alarm(tx, subject, "alarm_2", "balance 0.90", at(6)));
        raise_alarm(tx, subject, "implausible", "nobody is told", at(5));
        raise_alarm(tx, subject, "quarantine", "delivery 3: who knows", at(5));
    });
    const auto key = std::to_string(box.site.property.value) + ", " +
                     std::to_string(box.site.meters[0].value) + ", " + std::to_string(box.account.value);
    box.test.as_superuser(
        "INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4) SELECT " + key +
        ", k, a FROM (VALUES ('top_up', 500000), ('refund', -100), ('clear', 0)) v(k, a)");
    box.test.collector().transact(Scope::none(), "deliver", [&](Transaction& tx) {
        tx.exec(
            "UPDATE credit_delivery SET state = 'delivered', finished_at = '2026-03-01 08:10+00', "
            "after_balance_e4 = 510000");
        tx.exec("UPDATE credit_delivery SET reason = 'again', state = 'delivered'");
    });
    const auto causes = box.in([](Transaction& tx) { return list_message_causes(tx, 10); });
    REQUIRE(causes.size() == 3);
    CHECK(causes[0].kind == MessageCauseKind::level);
    CHECK(causes[1].kind == MessageCauseKind::operations);
    CHECK(causes[2].kind == MessageCauseKind::delivery);
    CHECK(causes[2].name() == "delivery 1");

    box.in([&](Transaction& tx) {
        const auto level = tenant_news(tx, causes[0]);
        REQUIRE(level);
        CHECK(level->account == box.account);
        CHECK(level->level == core::AlarmLevel::alarm_2);
        CHECK(level->standing);
        CHECK(level->facts.local_time == "03-01 16:00");  // of the property's wall, in Shanghai
        CHECK(level->facts.unit_code == "0101");
        const auto paid = tenant_news(tx, causes[2]);
        REQUIRE(paid);
        CHECK(paid->facts.amount == core::Money{500'000});
        CHECK(paid->facts.balance == core::Money{510'000});
        const auto alarm = operations_news(tx, causes[1]);
        REQUIRE(alarm);
        CHECK(alarm->facts.subject == "M1");
        CHECK(alarm->phone.empty());
        CHECK(take_message_cause(tx, causes[0]));
        CHECK_FALSE(take_message_cause(tx, causes[0]));
        put_off_message_cause(tx, causes[1]);
        CHECK(list_message_causes(tx, 10).size() == 1);
        CHECK(count_message_causes(tx) == 2);
    });
}

TEST_CASE("messages: contacts are kept per customer, and walls hold", "[messages]") {
    Outbox box;
    TestSite other{box.test, "P2", 1};
    const auto customer = box.in([&](Transaction& tx) {
        const auto id = customer_of_account(tx, box.site.property, box.account);
        CHECK_FALSE(find_message_contact(tx, box.site.property, id));
        MessageContact contact;
        contact.customer = id;
        contact.phone = "+8613800138000";
        contact.language = core::MessageLanguage::en;
        contact.wants = {core::MessageKind::arrears, core::MessageKind::recharge};
        put_message_contact(tx, box.site.property, contact, core::OperatorId{1}, at(0));
        contact.email = "a@b.cn";
        put_message_contact(tx, box.site.property, contact, core::OperatorId{1}, at(1));
        return id;
    });
    box.queue("alarm 1");
    box.in([&](Transaction& tx) {
        const auto contact = find_message_contact(tx, box.site.property, customer).value();
        CHECK(contact.email == "a@b.cn");
        CHECK(contact.wants_it(core::MessageKind::arrears));
        CHECK_FALSE(contact.wants_it(core::MessageKind::alarm_1));
    });
    box.test.server().transact(other.scope(), "peek", [&](Transaction& tx) {
        CHECK_FALSE(find_message_contact(tx, box.site.property, customer));
        CHECK_FALSE(take_message(tx, MessageChannel::sms, "x", at(10), at(20)));
        CHECK(message_backlog(tx, at(10)).empty());
        CHECK(tidy_messages(tx, at(10'000)) == 0);
    });
    // The collector has no business with what tenants are told.
    CHECK_THROWS_AS(box.test.collector().transact(
                        Scope::none(), "peek", [&](Transaction& tx) { tx.exec("SELECT body FROM message"); }),
                    StatementFailed);
}
