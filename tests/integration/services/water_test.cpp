#include <catch2/catch.hpp>
#include <thread>

#include "storage/meter_states.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/integration/services/counter.hpp"
#include "tests/integration/services/tariff_desk.hpp"
#include "wutong/v1/device_service.grpc.pb.h"
#include "wutong/v1/held_service.grpc.pb.h"

using namespace wutong;
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

using Devices = v1::DeviceService::Stub;
using Held = v1::HeldService::Stub;

template <class Condition>
bool comes(const Condition& condition) {
    for (int i = 0; i < 400; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(25ms);
    }
    return false;
}

/// A flat with a meter of electricity and, imported, one of water.
struct Flat {
    Flat() : counter{1}, tariffs{counter}, electricity{counter.site.meters[0]} {
        v1::ImportRequest request;
        request.set_request_id(new_request_id());
        auto& file = *request.add_files();
        file.set_name("meters.csv");
        file.set_content(
            "property,building,floor,unit,channel,address,station_address,profile,serial,code,role,feeds\n"
            "TOWER,A,1,0101,BUS1,,78330000000001,cjt188-valve-water,900001,W1,prepaid,\n");
        const auto imported = counter.client().must(&Devices::Import, request);
        for (const auto& fault : imported.faults()) {
            UNSCOPED_INFO(fault.text());
        }
        REQUIRE(imported.meters() == 1);
        water = core::MeterId{meter("W1").meter_id()};
    }

    v1::Meter meter(const std::string& code) {
        v1::GetMeterRequest request;
        request.set_property_id(counter.site.property.value);
        request.set_code(code);
        return counter.client().must(&Devices::GetMeter, request);
    }
    /// As the collector stores it: litres stand where another meter has watt-hours.
    void look(std::int64_t litres, bool open) {
        storage::MeterStateRow row;
        row.property = counter.site.property;
        row.meter = water;
        row.attempted_at = wall_clock();
        row.answered_at = row.attempted_at;
        row.energy_wh = litres;
        row.relay_closed = open;
        row.alarms = std::vector<std::string>{};
        counter.database.collector().transact(storage::Scope::none(), "state", [&](storage::Transaction& tx) {
            storage::put_meter_states(tx, {row});
        });
    }
    void read(std::int64_t litres) {
        std::this_thread::sleep_until(std::chrono::ceil<std::chrono::seconds>(wall_clock() + 1us));
        storage::ReadingRow row;
        row.property = counter.site.property;
        row.meter = water;
        row.read_at = wall_clock();
        row.energy_wh = litres;
        storage::put_readings(counter.database.collector(), {row});
    }
    bool credit_comes_to(std::int64_t e4) {
        return comes([&] { return counter.account(account.account_id()).prepaid_credit_e4() == e4; });
    }
    std::string alarm() const {
        const auto rows = counter.database.as_superuser(
            "SELECT kind FROM alarm WHERE cleared_at IS NULL ORDER BY alarm_id DESC LIMIT 1");
        return rows.empty() ? "" : rows[0][0].as<std::string>();
    }

    Counter counter;
    TariffDesk tariffs;
    core::MeterId electricity, water;
    v1::Account account;
};

}  // namespace

TEST_CASE("water: litres are charged by a price per cubic metre, and the valve follows the credit",
          "[services][water]") {
    Flat flat;
    auto& counter = flat.counter;
    auto& client = counter.client();
    CHECK(flat.meter("W1").commodity() == "water");
    CHECK(flat.meter("M1").commodity() == "electricity");

    // A meter keeps what it measures, and no price of the one is taken for the other.
    v1::UpdateMeterRequest update;
    update.set_request_id(new_request_id());
    *update.mutable_meter() = flat.meter("M1");
    update.mutable_meter()->set_profile("cjt188-valve-water");
    v1::Meter changed;
    CHECK_FALSE(client.call(&Devices::UpdateMeter, update, changed).ok());
    const auto day = flat.tariffs.day(0);
    const auto power_plan = flat.tariffs.create("Power", TariffDesk::flat(day, 9'000)).plan_id();
    auto creation = flat.tariffs.creation("Water", TariffDesk::flat(day, 30'000));
    creation.set_commodity("steam");
    v1::TariffPlan refused;
    CHECK(client.call(&Tariffs::CreatePlan, creation, refused).fields ==
          std::vector<std::string>{"commodity"});
    creation.set_commodity("water");
    auto& first = *creation.mutable_version()->mutable_terms()->mutable_steps(0);
    first.set_up_to_wh(1'000);  // the first cubic metre of a month at 3.00, then 5.00
    creation.mutable_version()->mutable_terms()->add_steps()->mutable_prices()->set_flat_e4(50'000);
    creation.mutable_version()->mutable_terms()->mutable_step_rule()->set_period(
        v1::TARIFF_STEP_PERIOD_MONTH);
    const auto water_plan = client.must(&Tariffs::CreatePlan, creation);
    CHECK(water_plan.commodity() == "water");
    v1::TariffAssignment none;
    CHECK(client.call(&Tariffs::Assign, flat.tariffs.assignment(power_plan, flat.water), none).reason ==
          "other_commodity");
    v1::PreviewTariffMonthRequest month;
    month.set_property_id(counter.site.property.value);
    month.set_meter_id(flat.water.value);
    month.set_month("2026-10");
    month.mutable_source()->set_plan_id(power_plan);
    v1::TariffBill bill;
    CHECK(client.call(&Tariffs::PreviewMonth, month, bill).reason == "other_commodity");
    // Both for the whole property, from the same day: each for its own meters.
    CHECK(flat.tariffs.assign(power_plan).commodity() == "electricity");
    CHECK(flat.tariffs.assign(water_plan.plan_id()).commodity() == "water");
    const auto charged_by = [&](core::MeterId meter) {
        v1::GetMeterTariffRequest request;
        request.set_property_id(counter.site.property.value);
        request.set_meter_id(meter.value);
        return client.must(&Tariffs::GetMeterTariff, request).plan_name();
    };
    CHECK(charged_by(flat.electricity) == "Power");
    CHECK(charged_by(flat.water) == "Water");

    v1::RunServerHeldRequest held;
    held.set_request_id(new_request_id());
    held.set_property_id(counter.site.property.value);
    held.set_meter_id(flat.water.value);
    held.set_reason("water meters keep no money");
    CHECK(client.must(&Held::RunServerHeld, held).commodity() == "water");
    flat.look(12'000, true);
    auto opening = counter.opening({{flat.water, 100'000}});
    opening.mutable_meters(0)->clear_price_e4();
    opening.mutable_meters(0)->set_alarm_1_e4(50'000);
    opening.mutable_meters(0)->set_alarm_2_e4(20'000);
    flat.account = client.must(&Accounts::OpenAccount, opening).account();

    flat.read(12'500);  // half a cubic metre
    REQUIRE(flat.credit_comes_to(85'000));
    flat.read(13'600);  // the other half, and 600 l of the second step: 1.50 + 3.00
    REQUIRE(flat.credit_comes_to(40'000));
    CHECK(flat.alarm() == "alarm_1");
    flat.read(14'500);
    REQUIRE(flat.credit_comes_to(-5'000));
    REQUIRE(counter.count("command WHERE state = 'queued' AND kind = 'switch_off'") == 1);
    CHECK(counter.field.obey() == 1);
    flat.look(14'500, false);
    const auto now = flat.meter("W1");
    CHECK(now.state().energy_wh() == 14'500);
    CHECK_FALSE(now.state().relay_closed());

    // Sold to the water account: said in cubic metres, and the valve opens.
    v1::QuoteRequest question;
    question.set_property_id(counter.site.property.value);
    question.set_account_id(flat.account.account_id());
    question.set_meter_id(flat.water.value);
    question.set_amount_e4(100'000);
    const auto quote = client.must(&Sales::Quote, question);
    CHECK(quote.commodity() == "water");
    CHECK(quote.refusal().empty());
    const auto sold = client.must(&Sales::Sell, counter.sale(flat.account.account_id(), flat.water, 100'000));
    CHECK(counter.count("command WHERE state = 'queued' AND kind = 'restore_prepaid'") == 1);
    v1::GetReceiptRequest which;
    which.set_property_id(counter.site.property.value);
    which.set_sale_id(sold.sale_id());
    CHECK(client.must(&Sales::GetReceipt, which).commodity() == "water");

    v1::StatementRequest asked;
    asked.set_property_id(counter.site.property.value);
    asked.set_account_id(flat.account.account_id());
    const auto statement = client.must(&Accounts::GetStatement, asked);
    REQUIRE(statement.meters_size() == 1);
    CHECK(statement.meters(0).commodity() == "water");
    CHECK(statement.meters(0).energy_wh() == 2'000);
    bool in_litres = false;
    for (const auto& line : statement.lines()) {
        in_litres = in_litres || line.memo().find("13600 to 14500 l,") != std::string::npos;
    }
    CHECK(in_litres);
    check_identity(counter.trial_balance());
}

TEST_CASE("water: without a plan the property's price of a cubic metre counts", "[services][water]") {
    Flat flat;
    auto& client = flat.counter.client();
    v1::RunServerHeldRequest held;
    held.set_request_id(new_request_id());
    held.set_property_id(flat.counter.site.property.value);
    held.set_meter_id(flat.water.value);
    held.set_reason("water meters keep no money");
    client.must(&Held::RunServerHeld, held);
    flat.look(1'000, true);
    auto opening = flat.counter.opening({{flat.water, 100'000}});
    opening.mutable_meters(0)->clear_price_e4();
    flat.account = client.must(&Accounts::OpenAccount, opening).account();
    flat.counter.database.as_superuser(
        "INSERT INTO parameter (property_id, key, value) VALUES (1, 'water_price_e4', '40000'), (1, "
        "'price_e4', '9000')");
    flat.read(2'010);
    REQUIRE(flat.credit_comes_to(59'600));  // 1.010 m³ at 4.00
}
