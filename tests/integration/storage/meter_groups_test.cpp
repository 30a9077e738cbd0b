#include "storage/meter_groups.hpp"

#include <catch2/catch.hpp>

#include "storage/errors.hpp"
#include "storage/tariff_assignments.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

namespace {

std::chrono::local_days day(const char* text) {
    return parse_local_day(text);
}

struct Desk {
    Desk() : site(test, "P1", 3), other(test, "P2", 1) {}

    template <class Body>
    auto in(TestSite& where, Body body) {
        return test.server().transact(where.scope(), "groups", body);
    }
    TariffPlanId plan(const std::string& name) {
        return in(site, [&](Transaction& tx) {
            const auto id = insert_tariff_plan(tx, site.property, name, change);
            add_tariff_version(tx, site.property, id,
                               tariff_version_of(day("2026-01-01"), R"({"prices": {"flat": "0.95"}})"),
                               day("2026-01-01"), change);
            return id;
        });
    }
    MeterGroupId group(const std::string& code) {
        return in(site, [&](Transaction& tx) {
            return insert_meter_group(tx, site.property, code, "signs on the roof", change.by, change.at);
        });
    }
    void put(core::MeterId meter, std::optional<MeterGroupId> into, const char* from) {
        in(site, [&](Transaction& tx) {
            put_in_group(tx, site.property, {meter}, into, day(from), change.by, change.at);
        });
    }
    void assign(const TariffTarget& target, std::optional<TariffPlanId> plan, const char* from) {
        in(site, [&](Transaction& tx) { assign_tariff(tx, site.property, target, plan, day(from), change); });
    }
    std::optional<TariffPlanId> in_force(core::MeterId meter, const char* when) {
        const auto found =
            in(site, [&](Transaction& tx) { return tariff_in_force(tx, site.property, meter, day(when)); });
        return found ? std::optional{found->plan} : std::nullopt;
    }
    TestDatabase test;
    TestSite site;
    TestSite other;
    TariffChange change{core::OperatorId{1}, at(0)};
};

}  // namespace

TEST_CASE("meter groups: the meter's own plan, the group's, the building's, the property's",
          "[meter_groups][tariffs]") {
    Desk desk;
    const auto meter = desk.site.meters[0];
    const auto own = desk.plan("own"), shops = desk.plan("shops"), all = desk.plan("all");
    const auto group = desk.group("SHOPS");
    desk.assign({}, all, "2026-01-01");
    desk.assign({{}, {}, group}, shops, "2026-02-01");
    CHECK(desk.in_force(meter, "2026-03-01") == all);  // it is in no group
    desk.put(meter, group, "2026-03-01");
    CHECK(desk.in_force(meter, "2026-02-28") == all);
    CHECK(desk.in_force(meter, "2026-03-01") == shops);
    CHECK(desk.in_force(desk.site.meters[1], "2026-03-01") == all);
    desk.assign({meter, {}, {}}, own, "2026-04-01");
    CHECK(desk.in_force(meter, "2026-04-01") == own);
    desk.assign({meter, {}, {}}, std::nullopt, "2026-05-01");
    CHECK(desk.in_force(meter, "2026-05-01") == shops);
    // Out of the group again; the newest row of a day counts.
    desk.put(meter, std::nullopt, "2026-06-01");
    CHECK(desk.in_force(meter, "2026-06-01") == all);
    CHECK(desk.in_force(meter, "2026-05-31") == shops);
    // A group without a plan lets the wider one through.
    desk.assign({{}, {}, group}, std::nullopt, "2026-05-15");
    CHECK(desk.in_force(meter, "2026-05-20") == all);

    const auto days = desk.in(desk.site, [&](Transaction& tx) {
        return tariff_changes_between(tx, desk.site.property, meter, day("2026-01-15"), day("2026-12-31"));
    });
    CHECK(days == std::vector{day("2026-02-01"), day("2026-03-01"), day("2026-04-01"), day("2026-05-01"),
                              day("2026-05-15"), day("2026-06-01")});
    const auto coming = desk.in(desk.site, [&](Transaction& tx) {
        return tariff_coming(tx, desk.site.property, meter, day("2026-02-15"));
    });
    REQUIRE(coming);
    CHECK(coming->from == day("2026-03-01"));
    CHECK(coming->plan == shops);
    TariffAssignmentFilter of_group;
    of_group.target = TariffTarget{{}, {}, group};
    of_group.past_too = true;
    const auto rows = desk.in(desk.site, [&](Transaction& tx) {
        return list_tariff_assignments(tx, desk.site.property, of_group, day("2026-05-20"), 0, 10);
    });
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].target_code == "SHOPS");
    CHECK(rows[1].state == TariffAssignmentRow::State::past);
}

TEST_CASE("meter groups: what holds for a meter holds for the one that takes its place",
          "[meter_groups][tariffs]") {
    Desk desk;
    const auto old = desk.site.meters[0], fresh = desk.site.meters[1];
    const auto own = desk.plan("own"), next = desk.plan("next"), shops = desk.plan("shops"),
               all = desk.plan("all"), earlier = desk.plan("earlier");
    const auto group = desk.group("SHOPS"), before = desk.group("BEFORE");
    desk.assign({}, all, "2026-01-01");
    desk.assign({{}, {}, group}, shops, "2026-01-01");
    // The other meter comes from a place with terms of its own, some of them still to come.
    desk.assign({fresh, {}, {}}, earlier, "2026-01-10");
    desk.assign({fresh, {}, {}}, earlier, "2026-07-01");
    desk.put(fresh, before, "2026-01-10");
    desk.put(old, group, "2026-02-01");
    desk.assign({old, {}, {}}, own, "2026-02-01");
    desk.assign({old, {}, {}}, std::nullopt, "2026-04-01");
    desk.assign({old, {}, {}}, next, "2026-08-01");
    const auto carry = [&](const char* when) {
        desk.in(desk.site, [&](Transaction& tx) {
            carry_tariffs(tx, desk.site.property, old, fresh, day(when), desk.change);
        });
    };
    carry("2026-03-15");
    CHECK(desk.in_force(fresh, "2026-03-14") == earlier);
    for (const auto* when :
         {"2026-03-15", "2026-03-31", "2026-04-01", "2026-07-01", "2026-07-31", "2026-08-01"}) {
        INFO(when);
        CHECK(desk.in_force(fresh, when) == desk.in_force(old, when));
    }
    CHECK(desk.in_force(fresh, "2026-03-15") == own);
    CHECK(desk.in_force(fresh, "2026-07-01") == shops);
    CHECK(desk.in_force(fresh, "2026-08-01") == next);
    CHECK(desk.in_force(desk.site.meters[2], "2026-03-15") == all);
}

TEST_CASE("meter groups: members, codes and the wall around a property", "[meter_groups]") {
    Desk desk;
    const auto group = desk.group("SHOPS");
    CHECK_THROWS_AS(desk.group("shops"), UniqueViolation);
    desk.put(desk.site.meters[0], group, "2026-03-01");
    desk.put(desk.site.meters[1], group, "2026-04-01");
    const auto members = desk.in(desk.site, [&](Transaction& tx) {
        return list_group_meters(tx, desk.site.property, group, day("2026-03-15"), {}, 10);
    });
    REQUIRE(members.size() == 2);
    CHECK_FALSE(members[0].coming);
    CHECK(members[1].coming);
    CHECK(members[1].from == day("2026-04-01"));
    const auto groups = desk.in(desk.site, [&](Transaction& tx) {
        return list_meter_groups(tx, desk.site.property, day("2026-03-15"), 10);
    });
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].meters == 1);
    CHECK(desk.in(desk.site, [&](Transaction& tx) {
        return members_set_on(tx, desk.site.property, desk.site.meters, day("2026-04-01"));
    }) == std::vector{desk.site.meters[1]});
    CHECK(desk.in(desk.other,
                  [&](Transaction& tx) {
                      return list_meter_groups(tx, desk.site.property, day("2026-03-15"), 10);
                  })
              .empty());
    CHECK_THROWS(desk.put(desk.other.meters[0], group, "2026-03-01"));
    CHECK_THROWS(desk.test.as_superuser("DELETE FROM meter_group_member"));
}
