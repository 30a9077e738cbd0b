#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/accounts.hpp"
#include "storage/fence.hpp"
#include "tests/support/test_database.hpp"

/// A small building to test with, planted as a superuser: one property, one channel leased to "collector-1"
/// under epoch 1, meters with a state, all in one unit.
namespace wutong::tests {

/// 2026-03-01 08:00:00 UTC and seconds after it: tests have their own time.
inline core::Timestamp at(std::int64_t seconds) {
    return core::Timestamp{std::chrono::seconds{1'772'352'000 + seconds}};
}

/// A request id that is different for each n.
inline std::string uuid(int n) {
    std::string digits = std::to_string(n);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

struct TestSite {
    core::PropertyId property;
    core::ChannelId channel;
    std::vector<core::MeterId> meters;
    storage::Fence fence;

    TestSite(TestDatabase& database, const std::string& code, int meter_count) : database_(database) {
        const auto id = [&](const std::string& sql) {
            return database.as_superuser(sql)[0][0].as<std::int64_t>();
        };
        property.value =
            id("INSERT INTO property (code, name) VALUES ('" + code + "', 'Tower') RETURNING property_id");
        const std::string p = std::to_string(property.value);
        const auto building = id("INSERT INTO building (property_id, code, name) VALUES (" + p +
                                 ", 'A', 'A') RETURNING building_id");
        const auto floor = id("INSERT INTO floor (property_id, building_id, number, name) VALUES (" + p +
                              ", " + std::to_string(building) + ", 1, '1F') RETURNING floor_id");
        const auto unit = id("INSERT INTO unit (property_id, floor_id, code) VALUES (" + p + ", " +
                             std::to_string(floor) + ", '0101') RETURNING unit_id");
        channel.value =
            id("INSERT INTO channel (property_id, code, transport, endpoint, lease_holder, lease_epoch, "
               "lease_until) VALUES (" +
               p +
               ", 'BUS1', 'serial', '/dev/ttyS9', 'collector-1', 1, now() + interval '1 hour') RETURNING "
               "channel_id");
        fence = {property, channel, "collector-1", 1};
        for (int i = 1; i <= meter_count; ++i) {
            const std::string n = std::to_string(i);
            meters.push_back(
                core::MeterId{id("INSERT INTO meter (property_id, channel_id, unit_id, code, serial_number, "
                                 "profile, bus_address) VALUES (" +
                                 p + ", " + std::to_string(channel.value) + ", " + std::to_string(unit) +
                                 ", 'M" + n + "', '" + std::to_string(property.value * 1'000'000 + i) +
                                 "', 'acrel-ddsy1352', " + n + ") RETURNING meter_id")});
        }
    }

    [[nodiscard]] storage::Scope scope() const { return storage::Scope::of({property}); }

    /// An open account of a new customer with these meters linked, nothing on the meters yet.
    core::AccountId account(const std::vector<core::MeterId>& linked) {
        return database_.server().transact(scope(), "test account", [&](storage::Transaction& tx) {
            const auto customer = storage::create_customer(tx, property, {{}, "Li Wei", "13800000000", ""});
            const auto made = storage::open_account(tx, property, customer, "");
            for (const auto meter : linked) {
                storage::link_meter(tx, property, made, meter);
            }
            return made;
        });
    }

    /// As if a delivery of kind open had been confirmed, and the meter been read.
    void opened(core::MeterId meter, core::Energy energy, core::Price price, core::Money balance) {
        const std::string key = "property_id = " + std::to_string(property.value) +
                                " AND meter_id = " + std::to_string(meter.value);
        database_.as_superuser(
            "UPDATE account_meter SET opened_on_meter_at = '2026-03-01 08:00:00+00', purchase_number = 1, "
            "booked_energy_wh = " +
            std::to_string(energy.watt_hours()) + ", booked_price_e4 = " +
            std::to_string(price.ten_thousandths_per_kwh()) + " WHERE unlinked_at IS NULL AND " + key);
        read(meter, energy, balance, at(0));
    }

    /// The meter's newest state, as a collector would have written it.
    void read(core::MeterId meter, core::Energy energy, core::Money balance, core::Timestamp when) {
        database_.as_superuser(
            "INSERT INTO meter_state (property_id, meter_id, answered_at, energy_wh, balance_e4, "
            "purchase_number) VALUES (" +
            std::to_string(property.value) + ", " + std::to_string(meter.value) +
            ", 'epoch'::timestamptz + " + std::to_string(when.time_since_epoch().count()) +
            " * interval '1 microsecond', " + std::to_string(energy.watt_hours()) + ", " +
            std::to_string(balance.ten_thousandths()) +
            ", 1) ON CONFLICT (property_id, meter_id) DO UPDATE SET answered_at = excluded.answered_at, "
            "energy_wh = excluded.energy_wh, balance_e4 = excluded.balance_e4");
    }

private:
    TestDatabase& database_;
};

}  // namespace wutong::tests
