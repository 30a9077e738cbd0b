#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Meters as operators see them: what they are, where they hang, whose they are, and what was read last.
namespace wutong::storage {

/// Newest values; all absent when the meter was never asked.
struct NewestState {
    std::int64_t version = 0;  ///< transaction id of the last change; 0: no row yet
    std::optional<core::Timestamp> attempted_at, answered_at, lost_since;
    int failures = 0;
    std::optional<std::int64_t> energy_wh, balance_e4, purchase_number, power_w, voltage_mv, current_ma;
    std::optional<bool> relay_closed, prepaid_enabled, forced;
    int alarm_level = 0;
};

struct MeterRow {
    core::PropertyId property;
    core::MeterId meter;
    core::ChannelId channel;
    core::UnitId unit;
    std::string code, serial_number, profile, role;
    core::Commodity commodity = core::Commodity::electricity;  ///< stays as it was inserted
    int bus_address = 0;                                       ///< of Modbus; 0: none
    std::string station_address;                               ///< of other protocols; "": none
    std::optional<std::int64_t> price_e4, alarm_1_e4, alarm_2_e4, overdraft_e4, overload_w, balance_max_e4;
    std::optional<std::int32_t> reading_interval_s, state_interval_s;
    bool enabled = true;
    std::string channel_code, unit_code, building_code;  ///< "" where there is none
    std::string unit_name, building_name, floor_name;
    std::optional<std::int32_t> floor_number;
    core::AccountId account;  ///< of the live link
    std::string account_number, customer;
    bool opened = false;      ///< the opening for that account is confirmed: the balance is the tenant's
    bool delivering = false;  ///< credit is queued or under way
    core::Money in_flight;    ///< so much of it; refunds count negative
    /// At which use is booked, else the meter's own, else the property's parameter. Empty: none of them is
    /// set.
    std::optional<core::Price> price;
    NewestState state;
};

struct MeterFilter {
    core::UnitId unit;        ///< none: all
    core::ChannelId channel;  ///< none: all
    std::string role;         ///< "": all
};
/// By meter id, after `after`. @param limit at least 1
[[nodiscard]] std::vector<MeterRow> list_meters(Transaction& tx, core::PropertyId property,
                                                const MeterFilter& filter, core::MeterId after, int limit);
[[nodiscard]] std::optional<MeterRow> find_meter(Transaction& tx, core::PropertyId property,
                                                 core::MeterId meter);
[[nodiscard]] std::optional<MeterRow> find_meter_by_code(Transaction& tx, core::PropertyId property,
                                                         const std::string& code);
[[nodiscard]] std::optional<MeterRow> find_meter_by_serial(Transaction& tx, core::PropertyId property,
                                                           const std::string& serial_number);
/// Part of code, serial number, unit, account, customer or phone, without regard to case, in the property.
[[nodiscard]] std::vector<MeterRow> search_meters(Transaction& tx, core::PropertyId property,
                                                  const std::string& text, int limit);

/// Those of `meters` that are there, by code.
[[nodiscard]] std::vector<MeterRow> find_meters(Transaction& tx, core::PropertyId property,
                                                const std::vector<core::MeterId>& meters);

/// Ids, names and `state` are not looked at. @throws UniqueViolation, ReferenceViolation
core::MeterId insert_meter(Transaction& tx, const MeterRow& meter);
/// Many in one statement, for imports: all of one property, none with settings. @throws as insert_meter
void insert_meters(Transaction& tx, const std::vector<MeterRow>& meters);
/// All settings. @return false when there is no such meter. @throws as insert_meter
bool update_meter(Transaction& tx, const MeterRow& meter);

// ---- the wall ---------------------------------------------------------------------------------

using MeterKey = std::pair<core::PropertyId, core::MeterId>;

struct MeterChanges {
    /// Nothing that commits later can have a version below this one: ask from here next time.
    std::int64_t horizon = 0;
    /// Meters whose state has a version of at least what was asked for. Those at or above `horizon` come
    /// again next time: compare the version.
    std::vector<std::pair<MeterKey, std::int64_t>> changed;
    /// Credit is queued or under way: so much, so many times. In order.
    std::vector<std::tuple<MeterKey, core::Money, int>> delivering;
};
/// Cheap when nothing happens: two small indexes.
[[nodiscard]] MeterChanges meter_changes(Transaction& tx, std::int64_t since);

/// Enabled meters of all properties in the transaction's scope.
[[nodiscard]] std::vector<MeterRow> wall_meters(Transaction& tx);
[[nodiscard]] std::vector<MeterRow> wall_meters(Transaction& tx, const std::vector<MeterKey>& only);

}  // namespace wutong::storage
