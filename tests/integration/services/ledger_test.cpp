#include <catch2/catch.hpp>
#include <thread>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;

namespace {

/// The last message of a verification.
v1::VerifyProgress verify(Counter& counter) {
    v1::VerifyRequest request;
    request.set_property_id(counter.site.property.value);
    grpc::ClientContext context;
    counter.client().prepare(context);
    const auto stream = counter.client().stub<Ledger>().Verify(&context, request);
    v1::VerifyProgress progress;
    while (stream->Read(&progress)) {
    }
    const auto status = stream->Finish();
    INFO(status.error_message());
    REQUIRE(status.ok());
    return progress;
}

template <class Condition>
bool wait_until(const Condition& condition) {
    for (int i = 0; i < 200; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return false;
}

}  // namespace

TEST_CASE("consumption is booked once, also across a restart, to the last fraction", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 1'000'000}});
    const auto consumed = [&] { return counter.account(account.account_id()).consumed_e4(); };

    counter.field.meter(meter).use(core::Energy{12'345});  // at 1.0000: 12.3450
    counter.field.poll(counter.site, meter);
    REQUIRE(wait_until([&] { return consumed() == 123'450; }));
    CHECK(counter.account(account.account_id()).prepaid_credit_e4() == 1'000'000 - 123'450);
    check_identity(counter.trial_balance());

    counter.stack.stop();
    counter.stack.start();
    counter.field.meter(meter).use(core::Energy{655});
    counter.field.poll(counter.site, meter);
    REQUIRE(wait_until([&] { return consumed() == 130'000; }));
    // Two more rounds of the job find nothing new.
    std::this_thread::sleep_for(std::chrono::seconds{11});
    CHECK(consumed() == 130'000);
    CHECK(counter.count("journal_entry WHERE kind = 'consumption'") == 2);
    CHECK(counter.field.meter(meter).now.balance == core::Money{1'000'000 - 130'000});
    const auto balance = counter.trial_balance();
    check_identity(balance);
    CHECK(balance.prepaid_e4() == counter.field.meter(meter).now.balance.ten_thousandths());

    v1::ListEntriesRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_account_id(account.account_id());
    const auto entries = counter.client().must(&Accounts::ListEntries, list);
    REQUIRE(entries.entries_size() == 4);
    CHECK(entries.entries(0).kind() == "consumption");
    CHECK(entries.entries(3).kind() == "sale");
    for (const auto& entry : entries.entries()) {
        std::int64_t sum = 0;
        for (const auto& posting : entry.postings()) {
            sum += posting.amount_e4();
        }
        CHECK(sum == 0);
    }
}

TEST_CASE("the journal is sealed soon, and verification finds what was tampered with", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 100'000}});
    for (int i = 0; i < 20; ++i) {
        REQUIRE(counter.try_to_sell(account.account_id(), meter, 10'000).ok());
    }
    REQUIRE(wait_until([&] { return counter.trial_balance().unsealed() == 0; }));
    const auto good = verify(counter);
    CHECK(good.finished());
    CHECK(good.intact());
    CHECK(good.checked() == 22);
    CHECK(good.total() == 22);
    CHECK(good.last_hash().size() == 64);

    const auto victim =
        counter.database
            .as_superuser("SELECT entry_id FROM journal_entry ORDER BY entry_id OFFSET 10 LIMIT 1")[0][0]
            .as<std::int64_t>();
    // Both legs of one entry, so that it still balances: only the chain can tell.
    counter.database.as_superuser(
        "ALTER TABLE posting DISABLE TRIGGER USER; UPDATE posting SET amount_e4 = amount_e4 * 2 WHERE "
        "entry_id = " +
        std::to_string(victim) + "; ALTER TABLE posting ENABLE TRIGGER USER");
    const auto bad = verify(counter);
    CHECK(bad.finished());
    CHECK_FALSE(bad.intact());
    CHECK(bad.fault_entry_id() == victim);
    CHECK_FALSE(bad.fault().empty());
}

TEST_CASE("streams end when the server stops", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 0}});
    const auto receipt =
        counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 10'000));
    v1::GetDeliveryRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_delivery_id(receipt.delivery_id());
    const auto client = counter.stack.another_client();
    grpc::ClientContext context;
    client->prepare(context);
    const auto stream = client->stub<Sales>().WatchDelivery(&context, request);
    v1::Delivery delivery;
    REQUIRE(stream->Read(&delivery));
    std::thread stopper{[&] { counter.stack.stop(); }};
    CHECK_FALSE(stream->Read(&delivery));
    CHECK(stream->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
    stopper.join();
}

TEST_CASE("readings, days and alarms are listed as they were stored", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto p = std::to_string(counter.site.property.value);
    const auto m = std::to_string(meter.value);
    counter.database.as_superuser(
        "SELECT wutong.ensure_reading_partition('2026-03-01'); "
        "INSERT INTO reading (property_id, meter_id, read_at, energy_wh, balance_e4, voltage_mv) SELECT " +
        p + ", " + m +
        ", timestamptz '2026-03-01 00:00Z' + n * interval '30 minutes', 1000 + n * 10, CASE WHEN n <> 2 THEN "
        "5000 END, "
        "CASE WHEN n = 1 THEN '{220000,221000,222000}'::bigint[] END FROM generate_series(0, 4) n; "
        "INSERT INTO daily_energy VALUES (" +
        p + ", " + m + ", '2026-03-01', 1000, 1500, now(), now()), (" + p + ", " + m +
        ", '2026-03-02', 1510, 1700, now(), now()); "
        "INSERT INTO alarm (property_id, meter_id, kind, raised_at) VALUES (" +
        p + ", " + m + ", 'lost_meter', now())");

    v1::ListReadingsRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_meter_id(meter.value);
    list.mutable_from()->set_seconds(1'772'323'200);  // 2026-03-01 00:00 UTC
    list.mutable_page()->set_size(3);
    auto page = counter.client().must(&Readings::ListReadings, list);
    REQUIRE(page.readings_size() == 3);
    CHECK(page.readings(0).energy_wh() == 1000);
    CHECK(page.readings(1).voltage_mv_size() == 3);
    CHECK(page.readings(1).voltage_mv(2) == 222'000);
    CHECK_FALSE(page.readings(2).has_balance_e4());
    list.mutable_page()->set_token(page.next_page_token());
    page = counter.client().must(&Readings::ListReadings, list);
    CHECK(page.readings_size() == 2);
    CHECK(page.next_page_token().empty());
    list.mutable_page()->set_token("rubbish");
    CHECK(counter.client().call(&Readings::ListReadings, list, page).fields ==
          std::vector<std::string>{"page.token"});

    v1::ListDailyEnergyRequest days;
    days.set_property_id(counter.site.property.value);
    days.set_meter_id(meter.value);
    days.set_from_day("2026-03-01");
    days.set_to_day("2026-03-02");
    const auto used = counter.client().must(&Readings::ListDailyEnergy, days);
    REQUIRE(used.days_size() == 2);
    CHECK(used.days(0).used_wh() == 500);
    CHECK(used.days(1).used_wh() == 200);
    days.set_to_day("2026-02-30");
    v1::ListDailyEnergyResponse none;
    CHECK(counter.client().call(&Readings::ListDailyEnergy, days, none).fields ==
          std::vector<std::string>{"to_day"});

    v1::ListAlarmsRequest alarms;
    alarms.set_property_id(counter.site.property.value);
    alarms.set_live_only(true);
    const auto live = counter.client().must(&Readings::ListAlarms, alarms);
    REQUIRE(live.alarms_size() == 1);
    CHECK(live.alarms(0).kind() == "lost_meter");
    v1::AcknowledgeAlarmRequest acknowledge;
    acknowledge.set_request_id(new_request_id());
    acknowledge.set_property_id(counter.site.property.value);
    acknowledge.set_alarm_id(live.alarms(0).alarm_id());
    CHECK(counter.client().must(&Readings::AcknowledgeAlarm, acknowledge).has_acknowledged_at());
    acknowledge.set_request_id(new_request_id());
    acknowledge.set_alarm_id(55'555);
    v1::Alarm alarm;
    CHECK(counter.client().call(&Readings::AcknowledgeAlarm, acknowledge, alarm).reason == "alarm_not_found");
}
