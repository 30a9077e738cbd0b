#include "collector/polling/meter_facts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/meter_status.hpp"

namespace wutong::collector {

namespace {

using core::Quantity;

std::optional<bool> flag(const MeterReadout& readout, Quantity quantity) {
    const auto value = readout.value(quantity);
    return value ? std::optional{*value != 0} : std::nullopt;
}

bool is_set(const MeterReadout& readout, Quantity quantity) {
    return readout.value(quantity).value_or(0) != 0;
}

core::AlarmLevel alarm_level(const MeterReadout& readout) {
    if (is_set(readout, Quantity::arrears_flag)) {
        return core::AlarmLevel::arrears;
    }
    if (is_set(readout, Quantity::alarm_2_flag)) {
        return core::AlarmLevel::alarm_2;
    }
    if (is_set(readout, Quantity::alarm_1_flag)) {
        return core::AlarmLevel::alarm_1;
    }
    const auto balance = readout.value(Quantity::balance);
    if (balance && !readout.value(Quantity::arrears_flag)) {
        // A meter that holds credit but raises no flags: from the amounts, as far as it tells them.
        const auto money = [&](Quantity quantity) {
            return core::Money{readout.value(quantity).value_or(0)};
        };
        return core::alarm_level(core::Money{*balance}, money(Quantity::alarm_1), money(Quantity::alarm_2),
                                 money(Quantity::overdraft));
    }
    return core::AlarmLevel::none;
}

std::vector<std::int64_t> phases(const MeterReadout& readout, Quantity a, Quantity b, Quantity c) {
    std::vector<std::int64_t> values;
    if (const auto first = readout.value(a)) {
        values.push_back(*first);
        const auto second = readout.value(b);
        const auto third = readout.value(c);
        if (second && third) {
            values.push_back(*second);
            values.push_back(*third);
        }
    }
    return values;
}

/// What has no column of its own, by quantity name.
std::string other_values(const MeterReadout& readout) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [quantity, value] : readout.values) {
        switch (quantity) {
            case Quantity::energy_total:
            case Quantity::volume_total:
            case Quantity::balance:
            case Quantity::purchase_number:
            case Quantity::power_total:
            case Quantity::voltage_a:
            case Quantity::current_a:
            case Quantity::relay_closed:
            case Quantity::prepaid_enabled:
            case Quantity::forced_enabled:
                break;
            default:
                object[core::to_string(quantity)] = value;
        }
    }
    return object.dump();
}

}  // namespace

storage::MeterStateRow state_row(const FieldMeter& meter, const MeterReadout& readout) {
    storage::MeterStateRow row;
    row.property = meter.property;
    row.meter = meter.id;
    row.attempted_at = readout.at;
    row.answered_at = readout.at;
    row.energy_wh = readout.register_value();
    row.register_doubted = readout.register_unusable;
    row.doubt = readout.doubt ? readout.doubt->text : std::string{};
    row.balance_e4 = readout.value(Quantity::balance);
    row.purchase_number = readout.value(Quantity::purchase_number);
    row.power_w = readout.value(Quantity::power_total);
    if (!row.power_w) {
        row.power_w = readout.value(Quantity::power_a);
    }
    row.voltage_mv = readout.value(Quantity::voltage_a);
    row.current_ma = readout.value(Quantity::current_a);
    row.relay_closed = flag(readout, Quantity::relay_closed);
    row.prepaid_enabled = flag(readout, Quantity::prepaid_enabled);
    row.forced = flag(readout, Quantity::forced_enabled);
    row.alarm_level = static_cast<int>(alarm_level(readout));
    row.flags = other_values(readout);
    return row;
}

storage::MeterStateRow silent_row(const FieldMeter& meter, core::Timestamp at, int failures, bool lost) {
    storage::MeterStateRow row;
    row.property = meter.property;
    row.meter = meter.id;
    row.attempted_at = at;
    row.failures = failures;
    row.lost = lost;
    return row;
}

storage::ReadingRow reading_row(const FieldMeter& meter, const MeterReadout& readout,
                                const std::string& source) {
    storage::ReadingRow row;
    row.property = meter.property;
    row.meter = meter.id;
    row.read_at = readout.at;
    if (!readout.register_unusable) {
        row.energy_wh = readout.register_value();
        row.sharp_wh = readout.value(Quantity::energy_sharp);
        row.peak_wh = readout.value(Quantity::energy_peak);
        row.flat_wh = readout.value(Quantity::energy_flat);
        row.valley_wh = readout.value(Quantity::energy_valley);
        row.reverse_wh = readout.value(Quantity::energy_reverse);
    }
    if (readout.doubt_is_new) {
        row.doubted = readout.doubt;
    }
    row.balance_e4 = readout.value(Quantity::balance);
    row.purchase_number = readout.value(Quantity::purchase_number);
    row.power_w = readout.value(Quantity::power_total);
    row.reactive_var = readout.value(Quantity::reactive_power_total);
    row.power_factor_e3 = readout.value(Quantity::power_factor);
    row.frequency_mhz = readout.value(Quantity::frequency);
    row.voltage_mv = phases(readout, Quantity::voltage_a, Quantity::voltage_b, Quantity::voltage_c);
    row.current_ma = phases(readout, Quantity::current_a, Quantity::current_b, Quantity::current_c);
    row.relay_closed = flag(readout, Quantity::relay_closed);
    row.source = source;
    return row;
}

std::vector<std::string> live_alarms(const storage::MeterStateRow& state) {
    std::vector<std::string> alarms;
    // The levels follow each other: who is in arrears has passed the amounts before, and one alarm says it
    // all. A meter that nobody prepays has no credit that could run out.
    const auto level = static_cast<core::AlarmLevel>(state.alarm_level);
    if (level != core::AlarmLevel::none && state.prepaid_enabled.value_or(true)) {
        alarms.emplace_back(core::to_string(level));
    }
    if (!state.doubt.empty()) {
        alarms.emplace_back("implausible");
    }
    return alarms;
}

}  // namespace wutong::collector
