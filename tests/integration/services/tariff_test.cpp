// Plans, versions and who is charged by them.
#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "tests/integration/services/tariff_desk.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

std::vector<std::string> states(Counter& counter, bool past_too) {
    v1::ListTariffAssignmentsRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_past_too(past_too);
    std::vector<std::string> out;
    const auto list = counter.client().must(&Tariffs::ListAssignments, request);
    for (const auto& one : list.assignments()) {
        out.push_back(one.effective_from() + " " + one.plan_name() + " " + one.state());
    }
    return out;
}

v1::TariffVersion with_everything(const std::string& from) {
    auto version = TariffDesk::flat(from, 0);
    auto& terms = *version.mutable_terms();
    terms.clear_steps();
    for (const std::int64_t more : {0, 1'000}) {
        auto& step = *terms.add_steps();
        step.mutable_prices()->set_peak_e4(9'000 + more);
        step.mutable_prices()->set_valley_e4(4'500 + more);
    }
    terms.mutable_steps(0)->set_up_to_wh(200'000);
    terms.mutable_step_rule()->set_period(v1::TARIFF_STEP_PERIOD_YEAR);
    terms.mutable_step_rule()->set_year_begins(7);
    auto& calendar = *terms.mutable_calendar();
    calendar.add_day_types("all days");
    for (int day = 0; day < 7; ++day) {
        calendar.add_weekdays("all days");
    }
    auto& special = *calendar.add_special_days();
    special.set_day("2027-10-01");
    special.set_day_type("all days");
    auto& season = *calendar.add_seasons();
    season.set_name("year");
    season.set_from("01-01");
    season.set_to("12-31");
    season.add_day_plans("day");
    auto& plan = *calendar.add_day_plans();
    plan.set_name("day");
    for (const auto& [begin, end, rate] :
         {std::tuple{0, 480, v1::TARIFF_RATE_VALLEY}, std::tuple{480, 1'440, v1::TARIFF_RATE_PEAK}}) {
        auto& period = *plan.add_periods();
        period.set_from_minute(begin);
        period.set_to_minute(end);
        period.set_rate(rate);
    }
    auto& fee = *terms.add_energy_charges();
    fee.set_name("management");
    fee.set_price_e4(800);
    auto& rent = *terms.add_fixed_charges();
    rent.set_name("meter rent");
    rent.set_monthly_e4(62'000);
    rent.set_spread(v1::TARIFF_SPREAD_BY_DAY);
    rent.set_untaxed(true);
    terms.mutable_minimum()->set_monthly_e4(300'000);
    terms.mutable_minimum()->set_spread(v1::TARIFF_SPREAD_WHOLE);
    terms.mutable_tax()->set_basis_points(1'300);
    terms.mutable_tax()->set_added(true);
    terms.set_deposit_e4(1'000'000);
    terms.set_overdraft_e4(500'000);
    return version;
}

}  // namespace

TEST_CASE("tariff: a plan comes back as it was given, and what was done is in the log",
          "[services][tariff]") {
    Counter counter{1};
    TariffDesk desk{counter};
    auto wanted = with_everything(desk.day(1));
    const auto made = desk.create("Shops", wanted);
    REQUIRE(made.versions_size() == 1);
    CHECK(made.versions(0).SerializeAsString() == wanted.SerializeAsString());
    CHECK(made.first_changeable() == "1970-01-01");
    CHECK(counter.count("operation_log WHERE action = 'tariff.create'") == 1);

    v1::GetTariffPlanRequest get;
    get.set_property_id(desk.property());
    get.set_name("shops");
    CHECK(counter.client().must(&Tariffs::GetPlan, get).SerializeAsString() == made.SerializeAsString());
    const auto more = counter.client().must(
        &Tariffs::AddVersion, desk.version(made.plan_id(), TariffDesk::flat(desk.day(9), 9'500)));
    CHECK(more.versions_size() == 2);
    CHECK(more.last_from() == desk.day(9));
    v1::ListTariffPlansRequest list;
    list.set_property_id(desk.property());
    list.mutable_page()->set_size(1);
    desk.create("Flats", TariffDesk::flat(desk.day(0), 5'000));
    const auto first = counter.client().must(&Tariffs::ListPlans, list);
    REQUIRE(first.plans_size() == 1);
    CHECK(first.plans(0).name() == "Flats");
    list.mutable_page()->set_token(first.next_page_token());
    const auto second = counter.client().must(&Tariffs::ListPlans, list);
    REQUIRE(second.plans_size() == 1);
    CHECK(second.plans(0).version_count() == 2);
    CHECK(second.next_page_token().empty());
}

TEST_CASE("tariff: everything that is wrong with a version is named by field, and nothing is kept",
          "[services][tariff]") {
    Counter counter{1};
    TariffDesk desk{counter};
    auto wrong = with_everything("2026-02-30");
    auto& terms = *wrong.mutable_terms();
    terms.mutable_steps(1)->mutable_prices()->clear_peak_e4();
    terms.mutable_steps(0)->mutable_prices()->set_valley_e4(-1);
    terms.mutable_calendar()->mutable_day_plans(0)->mutable_periods(1)->set_to_minute(1'400);
    terms.mutable_calendar()->set_weekdays(6, "sunday");
    terms.mutable_fixed_charges(0)->clear_spread();
    terms.mutable_tax()->set_basis_points(10'001);
    v1::CheckTariffVersionRequest check;
    check.set_property_id(desk.property());
    *check.mutable_version() = wrong;
    std::set<std::string> fields;
    const auto checked = counter.client().must(&Tariffs::CheckVersion, check);
    for (const auto& fault : checked.faults()) {
        CHECK_FALSE(fault.text().empty());
        fields.insert(fault.field());
    }
    CHECK(fields == std::set<std::string>{
                        "version.effective_from", "version.terms.steps[1].prices.peak_e4",
                        "version.terms.steps[0].prices.valley_e4",
                        "version.terms.calendar.day_plans[0].periods", "version.terms.calendar.weekdays[6]",
                        "version.terms.fixed_charges[0].spread", "version.terms.tax.basis_points"});
    v1::TariffPlan plan;
    const auto refused = counter.client().call(&Tariffs::CreatePlan, desk.creation("", wrong), plan);
    CHECK(refused.code == StatusCode::INVALID_ARGUMENT);
    CHECK(std::set<std::string>(refused.fields.begin(), refused.fields.end()).size() == fields.size() + 1);
    CHECK(counter.count("tariff_plan") == 0);
    *check.mutable_version() = with_everything(desk.day(1));
    CHECK(counter.client().must(&Tariffs::CheckVersion, check).faults().empty());
}

TEST_CASE("tariff: assigned from a day on, never into what has begun", "[services][tariff]") {
    Counter counter{2};
    TariffDesk desk{counter};
    const auto plan = desk.create("all", TariffDesk::flat(desk.day(0), 9'000)).plan_id();
    const auto late = desk.create("late", TariffDesk::flat(desk.day(5), 9'500)).plan_id();
    v1::TariffAssignment answer;
    const auto reason = [&](const v1::AssignTariffRequest& request) {
        return counter.client().call(&Tariffs::Assign, request, answer).reason;
    };
    CHECK(reason(desk.assignment(999'999)) == "tariff_plan_not_found");
    CHECK(reason(desk.assignment(late)) == "version_missing");
    CHECK(reason(desk.assignment(plan, core::MeterId{999'999})) == "meter_not_found");
    CHECK(reason(desk.assignment(plan, {}, desk.day(-1))) == "day_has_begun");
    CHECK(reason(desk.assignment(plan, {}, "tomorrow")) == "invalid_field");

    const auto request = desk.assignment(plan);
    const auto first = counter.client().must(&Tariffs::Assign, request);
    CHECK(first.state() == "in_force");
    CHECK(counter.client().must(&Tariffs::Assign, request).SerializeAsString() == first.SerializeAsString());
    auto other = request;
    other.set_plan_id(late);
    CHECK(reason(other) == "request_id_reused");
    CHECK(reason(desk.assignment(plan)) == "day_has_begun");  // a second one of today
    desk.assign(late, {}, desk.day(6));
    CHECK(desk.assign(plan, {}, desk.day(6)).state() == "coming");  // puts right what has not begun
    desk.assign(0, counter.site.meters[1], desk.day(2));
    CHECK(states(counter, false) == std::vector<std::string>{desk.day(2) + "  coming",
                                                             desk.day(6) + " all coming",
                                                             desk.day(0) + " all in_force"});
    CHECK(states(counter, true).size() == 4);

    // Somebody is charged by it now: what has begun is not changed.
    v1::TariffPlan changed;
    CHECK(counter.client()
              .call(&Tariffs::AddVersion, desk.version(plan, TariffDesk::flat(desk.day(0), 8'000)), changed)
              .reason == "day_has_begun");
    CHECK(counter.client()
              .must(&Tariffs::AddVersion, desk.version(plan, TariffDesk::flat(desk.day(1), 8'000)))
              .first_changeable() == desk.day(1));
    v1::RetireTariffPlanRequest retire;
    retire.set_request_id(new_request_id());
    retire.set_property_id(desk.property());
    retire.set_plan_id(late);
    CHECK(counter.client().must(&Tariffs::RetirePlan, retire).has_retired_at());
    CHECK(reason(desk.assignment(late, {}, desk.day(8))) == "plan_retired");
    CHECK(counter.count("operation_log WHERE action LIKE 'tariff.%'") == 8);
}

namespace {

/// 100 Wh an hour over October 2026, read on the hour.
void read_october(Counter& counter, core::MeterId meter) {
    counter.database.as_superuser(
        "SELECT ensure_reading_partition(day) FROM unnest(ARRAY['2026-09-01', '2026-10-01']::date[]) AS day");
    counter.database.as_superuser(
        "INSERT INTO reading (property_id, meter_id, read_at, energy_wh) SELECT " +
        std::to_string(counter.site.property.value) + ", " + std::to_string(meter.value) +
        ", at, 5000 + 100 * (extract(epoch FROM at - '2026-09-30 16:00Z')::bigint / 3600) "
        "FROM generate_series(timestamptz '2026-09-30 16:00Z', '2026-10-31 16:00Z', '1 hour') AS at");
}

v1::PreviewTariffMonthRequest preview(Counter& counter, const std::string& month) {
    v1::PreviewTariffMonthRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_meter_id(counter.site.meters[0].value);
    request.set_month(month);
    return request;
}

}  // namespace

TEST_CASE("tariff: a month is calculated from its readings, line by line", "[services][tariff]") {
    Counter counter{1};
    TariffDesk desk{counter};
    read_october(counter, counter.site.meters[0]);
    auto request = preview(counter, "2026-10");
    *request.mutable_source()->mutable_draft() = with_everything("2026-01-01").terms();
    const auto bill = counter.client().must(&Tariffs::PreviewMonth, request);
    CHECK(bill.energy_wh() == 74'400);
    CHECK(bill.unmeasured().empty());
    CHECK(bill.recheck().empty());
    REQUIRE(bill.lines_size() == 4);
    CHECK(bill.lines(0).rate() == v1::TARIFF_RATE_PEAK);
    CHECK(bill.lines(0).quantity_wh() == 49'600);
    CHECK(bill.lines(0).amount_e4() == 446'400);
    CHECK(bill.lines(1).amount_e4() == 111'600);
    CHECK(bill.lines(2).name() == "management");
    CHECK(bill.lines(2).amount_e4() == 59'520);
    CHECK(bill.lines(3).days() == 31);
    CHECK(bill.lines(3).amount_e4() == 62'000);
    CHECK(bill.tax_added_e4() == 80'277);  // 13 % of 61.752
    CHECK(bill.total_e4() == 446'400 + 111'600 + 59'520 + 62'000 + 80'277);
    CHECK(bill.booked_e4() + bill.below_quantum_e4() == bill.total_e4());

    // A version of a plan that begins later is looked at as if it had been in force.
    const auto plan = desk.create("flat", TariffDesk::flat(desk.day(30), 9'500));
    request = preview(counter, "2026-10");
    request.mutable_source()->set_plan_id(plan.plan_id());
    v1::TariffBill answer;
    CHECK(counter.client().call(&Tariffs::PreviewMonth, request, answer).reason == "no_version_in_force");
    request.mutable_source()->set_effective_from(desk.day(30));
    CHECK(counter.client().must(&Tariffs::PreviewMonth, request).charges_e4() == 706'800);
    request.set_month("2026-13");
    CHECK(counter.client().call(&Tariffs::PreviewMonth, request, answer).fields ==
          std::vector<std::string>{"month"});
    request.set_month("2026-08");
    CHECK(counter.client().call(&Tariffs::PreviewMonth, request, answer).reason == "no_readings");
    request.mutable_source()->mutable_draft();
    CHECK(counter.client().call(&Tariffs::PreviewMonth, request, answer).reason == "invalid_field");
}

TEST_CASE("tariff: who would charge by a version is said before it is assigned", "[services][tariff]") {
    Counter counter{3};
    TariffDesk desk{counter};
    v1::PlaceTariffVersionRequest request;
    request.set_property_id(desk.property());
    *request.mutable_source()->mutable_draft() = TariffDesk::flat("2026-01-01", 9'500).terms();
    request.mutable_page()->set_size(2);
    auto answer = counter.client().must(&Tariffs::PlaceVersion, request);
    REQUIRE(answer.groups_size() == 1);
    CHECK(answer.groups(0).placement() == "downloaded");
    CHECK(answer.groups(0).meters() == 3);
    REQUIRE(answer.groups(0).prices_size() == 1);
    CHECK(answer.groups(0).prices(0).flat_e4() == 9'500);
    CHECK(answer.meters_size() == 2);
    request.mutable_page()->set_token(answer.next_page_token());
    CHECK(counter.client().must(&Tariffs::PlaceVersion, request).meters_size() == 1);

    request.clear_page();
    *request.mutable_source()->mutable_draft() = with_everything("2026-01-01").terms();
    request.add_meter_ids(counter.site.meters[1].value);
    answer = counter.client().must(&Tariffs::PlaceVersion, request);
    CHECK(answer.groups(0).placement() == "server_held");
    CHECK(answer.groups(0).prices_size() == 0);
    CHECK(answer.groups(0).reasons_size() >= 4);
    CHECK(answer.meters_size() == 1);
    request.set_building_id(1);
    CHECK(counter.client().call(&Tariffs::PlaceVersion, request, answer).fields ==
          std::vector<std::string>{"building_id"});

    v1::GetMeterTariffRequest of;
    of.set_property_id(desk.property());
    of.set_meter_id(counter.site.meters[0].value);
    CHECK(counter.client().must(&Tariffs::GetMeterTariff, of).plan_id() == 0);
    const auto plan = desk.create("flat", TariffDesk::flat(desk.day(0), 9'500)).plan_id();
    desk.assign(plan);
    counter.client().must(&Tariffs::AddVersion, desk.version(plan, TariffDesk::flat(desk.day(3), 9'900)));
    const auto tariff = counter.client().must(&Tariffs::GetMeterTariff, of);
    CHECK(tariff.plan_name() == "flat");
    CHECK(tariff.version_from() == desk.day(0));
    CHECK(tariff.placement().placement() == "downloaded");
    CHECK(tariff.next_from() == desk.day(3));
    CHECK_FALSE(tariff.has_held_price_e4());
    // For a receipt: what was known then, and no more.
    of.mutable_at()->set_seconds(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) + 1);
    CHECK(counter.client().must(&Tariffs::GetMeterTariff, of).version_from() == desk.day(0));
    CHECK(counter.client().must(&Tariffs::GetMeterTariff, of).next_from().empty());
    of.mutable_at()->set_seconds(of.at().seconds() - 60);
    CHECK(counter.client().must(&Tariffs::GetMeterTariff, of).plan_id() == 0);
}
