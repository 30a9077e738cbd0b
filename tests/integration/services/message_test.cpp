#include <catch2/catch.hpp>

#include "server/messages/gammu_spool.hpp"
#include "server/messages/mail_text.hpp"
#include "server/messages/message_maker.hpp"
#include "storage/alarms.hpp"
#include "storage/message_contacts.hpp"
#include "storage/messages.hpp"
#include "storage/transaction.hpp"
#include "tests/integration/services/counter.hpp"
#include "wutong/v1/message_service.grpc.pb.h"

/// What happens becomes messages, once; where tenants want to be told; what goes over the wire.
using namespace wutong;
using namespace wutong::tests;

namespace {

using Messages = v1::MessageService::Stub;

/// A tenant with a telephone and an address, and causes that are worked on when the test says so.
struct Tenant {
    template <class Body>
    auto in(Body body) {
        return test.server().transact(site.scope(), "tenant", body);
    }
    Tenant() : site{test, "P1", 1}, meter{site.meters[0]}, account{site.account({meter})} {
        in([&](storage::Transaction& tx) {
            storage::MessageContact contact;
            contact.customer = storage::customer_of_account(tx, site.property, account);
            contact.phone = "+8613800138000";
            contact.email = "li@example.org";
            contact.wants = {core::MessageKind::alarm_1, core::MessageKind::alarm_2,
                             core::MessageKind::arrears, core::MessageKind::recharge};
            storage::put_message_contact(tx, site.property, contact, core::OperatorId{1}, at(0));
        });
    }
    void parameter(const std::string& key, const std::string& value) {
        test.as_superuser("INSERT INTO parameter (property_id, key, value) VALUES (" +
                          std::to_string(site.property.value) + ", '" + key + "', '" + value + "')");
    }
    /// A meter's level changes; then the causes are worked on.
    int level(const char* kind, std::int64_t when) {
        in([&](storage::Transaction& tx) {
            for (const char* other : {"alarm_1", "alarm_2", "arrears"}) {
                storage::clear_alarm(tx, {site.property, meter, {}, {}}, other, at(when));
            }
            if (*kind != '\0') {
                storage::raise_alarm(tx, {site.property, meter, {}, {}}, kind, "", at(when));
            }
        });
        return work(when);
    }
    int pay(std::int64_t e4, std::int64_t when) {
        const auto key = std::to_string(site.property.value) + ", " + std::to_string(meter.value) + ", " +
                         std::to_string(account.value);
        test.as_superuser(
            "INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4) VALUES (" +
            key + ", 'top_up', " + std::to_string(e4) +
            "); UPDATE credit_delivery SET state = 'delivered', finished_at = "
            "timestamptz '2026-03-01 08:00:00+00' + interval '" +
            std::to_string(when) + " s' WHERE state = 'queued'");
        return work(when);
    }
    int work(std::int64_t now) {
        int made = 0;
        for (const auto& cause :
             in([](storage::Transaction& tx) { return storage::list_message_causes(tx, 100); })) {
            made += in([&](storage::Transaction& tx) {
                return server::make_messages(tx, cause, at(now), std::chrono::hours{24});
            });
        }
        return made;
    }
    std::vector<storage::StoredMessage> all(const std::string& state = "") {
        storage::MessageFilter filter;
        filter.property = site.property;
        filter.state = state;
        return in([&](storage::Transaction& tx) { return storage::list_messages(tx, filter, 0, 100); });
    }

    TestDatabase test;
    TestSite site;
    core::MeterId meter;
    core::AccountId account;
};

}  // namespace

TEST_CASE("messages: a tenant is told each level once until credit arrives", "[services][messages]") {
    Tenant tenant;
    CHECK(tenant.level("alarm_1", 0) == 2);
    CHECK(tenant.level("", 60) == 0);
    CHECK(tenant.level("alarm_1", 120) == 0);
    CHECK(tenant.level("alarm_2", 180) == 2);
    // Nobody has sent the first yet: now it is overtaken.
    CHECK(tenant.all("given_up").size() == 2);
    CHECK(tenant.all("given_up")[0].reason.find("worse level") != std::string::npos);
    CHECK(tenant.pay(1'000'000, 3'600) == 2);
    CHECK(tenant.all("given_up").size() == 4);
    CHECK(tenant.level("", 3'660) == 0);
    CHECK(tenant.level("alarm_1", 90'000) == 2);
    const auto newest = tenant.all().at(0);
    CHECK(newest.kind == core::MessageKind::alarm_1);
    CHECK(newest.account == tenant.account);
    CHECK(newest.parts >= 1);
    // An alarm that is over before anybody looked at it is no news.
    tenant.in([&](storage::Transaction& tx) {
        storage::clear_alarm(tx, {tenant.site.property, tenant.meter, {}, {}}, "alarm_1", at(90'060));
        storage::raise_alarm(tx, {tenant.site.property, tenant.meter, {}, {}}, "arrears", "", at(90'061));
        storage::clear_alarm(tx, {tenant.site.property, tenant.meter, {}, {}}, "arrears", at(90'062));
    });
    CHECK(tenant.work(90'070) == 0);
}

TEST_CASE("messages: warnings wait for the end of the quiet hours, a recharge does not",
          "[services][messages]") {
    Tenant tenant;
    // 16:00 in Shanghai is the tests' hour zero: quiet until 17:00.
    tenant.parameter("message_quiet_from_min", "900");
    tenant.parameter("message_quiet_to_min", "1020");
    CHECK(tenant.level("arrears", 0) == 2);
    CHECK(tenant.all().at(0).due_at == at(3'600));
    CHECK(tenant.all().at(0).expires_at == at(3'600 + 86'400));
    CHECK(tenant.pay(10'000, 60) == 2);
    CHECK(tenant.all().at(0).due_at == at(60));
    CHECK(tenant.all("waiting").size() == 2);
}

TEST_CASE("messages: operators are told of alarms, not without end", "[services][messages]") {
    Tenant tenant;
    tenant.parameter("alert_phone", "+8613900139000");
    tenant.parameter("alert_language", "en");
    for (int i = 0; i < server::kOperationsPerHourMax + 5; ++i) {
        tenant.in([&](storage::Transaction& tx) {
            storage::raise_alarm(tx, {tenant.site.property, {}, {}, core::GatewayId{i + 1}}, "lost_gateway",
                                 "", at(i));
        });
        tenant.work(i);
    }
    const auto all = tenant.all();
    CHECK(all.size() == static_cast<std::size_t>(server::kOperationsPerHourMax));
    CHECK(all.at(0).body.find("gateway lost") != std::string::npos);
    CHECK(all.at(0).recipient == "+8613900139000");
}

TEST_CASE("messages: contacts, tests and retries over the API", "[services][messages]") {
    Counter counter{1};
    const auto account = counter.open_and_deliver({{counter.site.meters[0], 100'000}});
    v1::SetMessageContactRequest set;
    set.set_request_id(new_request_id());
    set.set_property_id(counter.site.property.value);
    set.set_account_id(account.account_id());
    auto& contact = *set.mutable_contact();
    contact.set_phone("13800138000");
    contact.set_language("zh");
    v1::MessageContact stored;
    auto answer = counter.client().call(&Messages::SetMessageContact, set, stored);
    CHECK(answer.fields == std::vector<std::string>{"contact.phone"});
    contact.set_phone("+8613800138000");
    contact.set_email("no address");
    CHECK(counter.client().call(&Messages::SetMessageContact, set, stored).fields ==
          std::vector<std::string>{"contact.email"});
    contact.set_email("li@example.org");
    contact.add_wants("alarm_1");
    contact.add_wants("recharge");
    stored = counter.client().must(&Messages::SetMessageContact, set);
    CHECK(stored.customer_id() == account.customer().customer_id());
    v1::GetMessageContactRequest get;
    get.set_property_id(counter.site.property.value);
    get.set_account_id(account.account_id());
    CHECK(counter.client().must(&Messages::GetMessageContact, get).wants_size() == 2);

    v1::SendTestMessageRequest test;
    test.set_request_id(new_request_id());
    test.set_property_id(counter.site.property.value);
    test.set_channel("sms");
    test.set_recipient("12");
    v1::Message message;
    CHECK(counter.client().call(&Messages::SendTestMessage, test, message).fields ==
          std::vector<std::string>{"recipient"});
    test.set_recipient("+8613800138000");
    message = counter.client().must(&Messages::SendTestMessage, test);
    CHECK(message.state() == "waiting");
    CHECK(counter.client().must(&Messages::SendTestMessage, test).message_id() == message.message_id());
    counter.database.as_superuser("UPDATE message SET state = 'failed', finished_at = now(), reason = 'no'");
    v1::RetryMessageRequest retry;
    retry.set_request_id(new_request_id());
    retry.set_property_id(counter.site.property.value);
    retry.set_message_id(message.message_id());
    CHECK(counter.client().must(&Messages::RetryMessage, retry).state() == "waiting");
    counter.database.as_superuser("UPDATE message SET state = 'sent', finished_at = now()");
    retry.set_request_id(new_request_id());
    CHECK(counter.client().call(&Messages::RetryMessage, retry, message).reason == "message_not_open");

    v1::ListMessagesRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_state("sent");
    CHECK(counter.client().must(&Messages::ListMessages, list).messages_size() == 1);
    list.set_state("lost");
    v1::ListMessagesResponse none;
    CHECK(counter.client().call(&Messages::ListMessages, list, none).fields ==
          std::vector<std::string>{"state"});
    v1::GetMessageStatusRequest status;
    status.set_property_id(counter.site.property.value);
    const auto ways = counter.client().must(&Messages::GetMessageStatus, status);
    REQUIRE(ways.ways_size() == 2);
    CHECK_FALSE(ways.ways(0).set_up());
    CHECK(ways.ways(0).has_last_sent());
    const auto viewer = counter.stack.colleague("looks", "viewer");
    set.set_request_id(new_request_id());
    CHECK(viewer->call(&Messages::SetMessageContact, set, stored).code ==
          grpc::StatusCode::PERMISSION_DENIED);
}

TEST_CASE("messages: what gammu-smsd and a mail server are given", "[services][messages]") {
    const auto one = server::gammu_backup(core::plan_sms("ab€"), "+123", 7);
    CHECK(one ==
          "[SMSBackup000]\nPDU = Submit\nNumber = \"+123\"\nState = UnSent\nText00 = 0061006220AC\nCoding = "
          "Default_No_Compression\nLength = 3\nClass = -1\nFolder = 1\n\n");
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "电";
    }
    const auto two = server::gammu_backup(core::plan_sms(text), "+123", 263);
    CHECK(two.find("Coding = Unicode_No_Compression\nLength = 67\n") != std::string::npos);
    CHECK(two.find("UDH = 050003070201\n") != std::string::npos);
    CHECK(two.find("UDH = 050003070202\n") != std::string::npos);

    storage::StoredMessage message;
    message.property = core::PropertyId{3};
    message.id = 17;
    message.attempts = 2;
    message.recipient = "+8613800138000";
    message.created_at = at(0);
    CHECK(server::GammuSpool::name_of(message) == "OUTB20260301_080000_00_+8613800138000_w3-17-2.smsbackup");

    const auto mail =
        server::mail_text({"w@example.org", "li@example.org", "余额偏低：一个很长很长很长的主题",
                           "余额 4.20元", "<wutong-3-17@example.org>", at(0)});
    CHECK(mail.find("Date: Sun, 01 Mar 2026 08:00:00 +0000\r\n") == 0);
    CHECK(mail.find("Subject: =?UTF-8?B?5L2Z6aKd5YGP5L2O77ya5LiA5Liq5b6I6ZW/5b6I6ZW/5b6I6ZW/?=\r\n "
                    "=?UTF-8?B?55qE5Li76aKY?=\r\n") != std::string::npos);
    CHECK(mail.find("\r\n\r\n5L2Z6aKdIDQuMjDlhYMNCg==\r\n") != std::string::npos);
    CHECK(std::all_of(mail.begin(), mail.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }));
}
