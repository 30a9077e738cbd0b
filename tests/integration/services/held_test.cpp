#include <catch2/catch.hpp>
#include <thread>

#include "storage/meter_states.hpp"
#include "storage/parameters.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/integration/services/counter.hpp"
#include "wutong/v1/held_service.grpc.pb.h"

using namespace wutong;
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

using Held = v1::HeldService::Stub;

template <class Condition>
bool soon(const Condition& condition) {
    for (int i = 0; i < 200; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(50ms);
    }
    return false;
}

/// A counter in a building of plain meters: a register and a relay, the credit is kept here.
struct Desk {
    Desk() : counter{2}, meter{counter.site.meters[0]} {}

    v1::RunServerHeldRequest run_held() const {
        v1::RunServerHeldRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter.site.property.value);
        request.set_meter_id(meter.value);
        request.set_reason("steps of the tariff");
        return request;
    }
    Answer try_held() {
        v1::HeldMeter held;
        return counter.client().call(&Held::RunServerHeld, run_held(), held);
    }
    v1::OpenAccountRequest opening(std::int64_t first) const {
        auto request = counter.opening({{meter, first}});
        request.mutable_meters(0)->set_alarm_1_e4(50'000);
        request.mutable_meters(0)->set_alarm_2_e4(20'000);
        return request;
    }
    void guard(const std::string& kind) {
        v1::SetUnitGuardRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter.site.property.value);
        request.set_unit_code("0101");
        request.set_kind(kind);
        request.set_note("a breathing machine");
        CHECK(counter.client().must(&Held::SetUnitGuard, request).kind() == kind);
    }
    void look(std::int64_t wh, bool closed, bool prepaid = false) {
        storage::MeterStateRow row;
        row.property = counter.site.property;
        row.meter = meter;
        row.attempted_at = wall_clock();
        row.answered_at = row.attempted_at;
        row.energy_wh = wh;
        row.balance_e4 = 0;
        row.relay_closed = closed;
        row.prepaid_enabled = prepaid;
        row.alarms = std::vector<std::string>{};
        counter.database.collector().transact(storage::Scope::none(), "state", [&](storage::Transaction& tx) {
            storage::put_meter_states(tx, {row});
        });
    }
    /// A reading of the next second: charging goes by whole ones.
    void read(std::int64_t wh) {
        std::this_thread::sleep_until(std::chrono::ceil<std::chrono::seconds>(wall_clock() + 1us));
        storage::ReadingRow row;
        row.property = counter.site.property;
        row.meter = meter;
        row.read_at = wall_clock();
        row.energy_wh = wh;
        storage::put_readings(counter.database.collector(), {row});
    }
    std::int64_t credit() { return counter.account(account.account_id()).prepaid_credit_e4(); }
    bool comes_to(std::int64_t e4) {
        return soon([&] { return credit() == e4; });
    }
    /// Of the server's own orders that wait for the collector.
    [[nodiscard]] std::int64_t waiting(const std::string& kind) const {
        return counter.count("command WHERE state = 'queued' AND operator_id IS NULL AND kind = '" + kind +
                             "'");
    }
    [[nodiscard]] std::string alarm() const {
        const auto rows = counter.database.as_superuser(
            "SELECT kind FROM alarm WHERE cleared_at IS NULL ORDER BY alarm_id DESC LIMIT 1");
        return rows.empty() ? "" : rows[0][0].as<std::string>();
    }

    Counter counter;
    core::MeterId meter;
    v1::Account account;
};

}  // namespace

TEST_CASE("a server-held meter: from the first reading to the last, killed in between", "[services][held]") {
    Desk desk;
    auto& counter = desk.counter;
    auto& client = counter.client();

    // ---- opened ----
    auto nameless = desk.run_held();
    nameless.clear_reason();
    v1::HeldMeter held;
    CHECK(client.call(&Held::RunServerHeld, nameless, held).fields == std::vector<std::string>{"reason"});
    REQUIRE(desk.try_held().ok());
    CHECK(desk.try_held().reason == "already_held");
    v1::OpenAccountResponse opened;
    CHECK(client.call(&Accounts::OpenAccount, desk.opening(100'000), opened).reason == "meter_not_read");
    desk.look(10'000, true, true);
    CHECK(client.call(&Accounts::OpenAccount, desk.opening(100'000), opened).reason ==
          "meter_charges_itself");
    desk.look(10'000, true);
    opened = client.must(&Accounts::OpenAccount, desk.opening(100'000));
    CHECK(opened.delivery_ids().empty());
    CHECK(counter.count("credit_delivery") == 0);
    desk.account = opened.account();
    CHECK(desk.account.prepaid_credit_e4() == 100'000);
    CHECK(desk.account.in_flight_e4() == 0);
    CHECK(desk.account.meters(0).meter_balance_e4() == 100'000);
    CHECK(desk.try_held().reason == "meter_has_account");

    // ---- charged, warned, switched off ----
    desk.read(13'000);
    REQUIRE(desk.comes_to(70'000));
    CHECK(desk.alarm().empty());
    desk.read(16'000);
    REQUIRE(desk.comes_to(40'000));
    CHECK(desk.alarm() == "alarm_1");
    // A server that is gone when the readings come charges them once when it is back.
    counter.stack.stop();
    desk.read(17'000);
    desk.read(18'500);
    counter.stack.start();
    REQUIRE(desk.comes_to(15'000));
    CHECK(desk.alarm() == "alarm_2");
    desk.read(20'500);
    REQUIRE(desk.comes_to(-5'000));
    CHECK(desk.alarm() == "arrears");
    REQUIRE(desk.waiting("switch_off") == 1);
    CHECK(counter.field.obey() == 1);
    desk.look(20'500, false);
    CHECK(counter.account(desk.account.account_id()).meters(0).meter_balance_e4() == -5'000);
    CHECK(counter.count("journal_entry WHERE kind = 'consumption'") == 4);

    // ---- paid, and switched on again ----
    const auto request = counter.sale(desk.account.account_id(), desk.meter, 200'000);
    const auto receipt = counter.client().must(&Sales::Sell, request);
    CHECK(receipt.delivery_id() == 0);
    CHECK(receipt.delivery_state().empty());
    CHECK(counter.client().must(&Sales::Sell, request).sale_id() == receipt.sale_id());
    CHECK(desk.credit() == 195'000);
    CHECK(desk.alarm().empty());
    REQUIRE(desk.waiting("restore_prepaid") == 1);
    CHECK(counter.field.obey() == 1);
    desk.look(20'500, true);

    // ---- refunded, as far as there is credit ----
    v1::SaleReceipt refunded;
    CHECK(counter.client()
              .call(&Sales::Refund, counter.refund(desk.account.account_id(), desk.meter, 195'100), refunded)
              .reason == "above_meter_balance");
    refunded =
        counter.client().must(&Sales::Refund, counter.refund(desk.account.account_id(), desk.meter, 100'000));
    CHECK(refunded.delivery_id() == 0);
    CHECK(desk.credit() == 95'000);
    CHECK(counter.account(desk.account.account_id()).refund_payable_e4() == 100'000);
    v1::SaleReceipt taken_back;
    v1::ReverseRequest reverse;
    reverse.set_request_id(new_request_id());
    reverse.set_property_id(counter.site.property.value);
    reverse.set_sale_id(receipt.sale_id());
    reverse.set_reason("wrong meter");
    CHECK(counter.client().call(&Sales::Reverse, reverse, taken_back).reason == "not_a_sale");
    check_identity(counter.trial_balance());

    // ---- closed ----
    desk.read(21'000);
    const auto closed =
        counter.client().must(&Accounts::CloseAccount, counter.closing(desk.account.account_id())).account();
    CHECK(closed.state() == "closed");
    CHECK(closed.prepaid_credit_e4() == 0);
    CHECK(closed.refund_payable_e4() == 190'000);
    CHECK(counter.count("held_due") == 0);
    v1::RunMeterHeldRequest back;
    back.set_request_id(new_request_id());
    back.set_property_id(counter.site.property.value);
    back.set_meter_id(desk.meter.value);
    counter.client().must(&Held::RunMeterHeld, back);
    check_identity(counter.trial_balance());
}

TEST_CASE("a server-held meter: who is not switched off, and why", "[services][held]") {
    Desk desk;
    auto& counter = desk.counter;
    desk.look(10'000, true);
    REQUIRE(desk.try_held().ok());
    desk.account = counter.client().must(&Accounts::OpenAccount, desk.opening(10'000)).account();
    const auto parameter = [&](const std::string& key, const std::string& value) {
        counter.database.server().transact(counter.site.scope(), "parameter", [&](storage::Transaction& tx) {
            storage::set_parameter(tx, counter.site.property, key, value);
        });
    };

    desk.guard("medical");
    desk.read(11'500);
    REQUIRE(desk.comes_to(-5'000));
    CHECK(desk.alarm() == "arrears");
    CHECK(desk.waiting("switch_off") == 0);
    v1::ListGuardedUnitsRequest list;
    list.set_property_id(counter.site.property.value);
    CHECK(counter.client().must(&Held::ListGuardedUnits, list).units_size() == 1);

    // No longer guarded, but it is quiet, by the wall in Shanghai, until half an hour from now.
    const auto minute =
        std::chrono::floor<std::chrono::minutes>(wall_clock().time_since_epoch()).count() + 480;
    parameter("quiet_from_min", std::to_string((minute + 1'439) % 1'440));
    parameter("quiet_to_min", std::to_string((minute + 30) % 1'440));
    desk.guard("none");
    desk.read(11'600);
    REQUIRE(desk.comes_to(-6'000));
    CHECK(desk.waiting("switch_off") == 0);
    CHECK(counter.count("held_due WHERE due_at > now()") == 1);

    // The quiet hours are over: the next reading orders it. Before it is sent the tenant pays.
    parameter("quiet_to_min", std::to_string((minute + 1'439) % 1'440));
    desk.read(11'700);
    REQUIRE(desk.comes_to(-7'000));
    REQUIRE(soon([&] { return desk.waiting("switch_off") == 1; }));
    counter.client().must(&Sales::Sell, counter.sale(desk.account.account_id(), desk.meter, 100'000));
    CHECK(desk.waiting("switch_off") == 0);
    CHECK(desk.waiting("restore_prepaid") == 0);
    CHECK(counter.field.obey() == 0);

    // Backwards: nothing is charged until somebody has looked.
    desk.read(9'000);
    REQUIRE(soon([&] { return desk.alarm() == "not_charged"; }));
    v1::SaleReceipt receipt;
    v1::CloseAccountResponse closed;
    CHECK(counter.client()
              .call(&Accounts::CloseAccount, counter.closing(desk.account.account_id()), closed)
              .reason == "not_charged");
    desk.look(9'000, true);
    v1::GoOnChargingRequest go_on;
    go_on.set_request_id(new_request_id());
    go_on.set_property_id(counter.site.property.value);
    go_on.set_meter_id(desk.meter.value);
    go_on.set_reason("the meter was reset, seen on site");
    CHECK(counter.client().must(&Held::GoOnCharging, go_on).stopped().empty());
    desk.read(9'100);
    CHECK(desk.comes_to(92'000));
    check_identity(counter.trial_balance());
}
