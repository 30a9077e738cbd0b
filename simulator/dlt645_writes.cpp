#include <algorithm>
#include <limits>

#include "collector/protocols/bcd.hpp"
#include "simulator/dlt645_meter.hpp"
#include "simulator/wall_clock.hpp"

/// What a DL/T 645 meter lets others change.
namespace wutong::simulator {
namespace {

namespace dl = protocols::dlt645;
using protocols::Bytes;

/// The factory's password, with a level that is plain text.
constexpr int kLevelMin = 2;
constexpr int kLevelMax = 4;

bool authorised(const dl::Authority& authority) {
    return authority.level >= kLevelMin && authority.level <= kLevelMax && authority.password == 0;
}

}  // namespace

Dlt645Meter::Outcome Dlt645Meter::write(const dl::WriteData& request) {
    if (!authorised(request.authority)) {
        return std::uint16_t{dl::RefusalBit::not_authorised};
    }
    const auto shown_clock = wall_clock(meter().clock(), identity_.local_offset);
    const auto value = protocols::decode_bcd(request.data);
    switch (request.id) {
        case dl::kDate:
        case dl::kTime: {
            const bool date = request.id == dl::kDate;
            const auto clock = dl::decode_clock(date ? request.data : dl::encode_date(shown_clock),
                                                date ? dl::encode_time(shown_clock) : request.data);
            if (!std::holds_alternative<protocols::MeterClock>(clock)) {
                return std::uint16_t{dl::RefusalBit::other};
            }
            meter().set_clock(moment_of(std::get<protocols::MeterClock>(clock), identity_.local_offset));
            meter().note_write("clock");
            return Bytes{};
        }
        case dl::kAmountAlarm1:
        case dl::kAmountAlarm2: {
            if (!value || request.data.size() != 4) {
                return std::uint16_t{dl::RefusalBit::other};
            }
            auto& registers = meter().edit();
            (request.id == dl::kAmountAlarm1 ? registers.alarm_1_cents : registers.alarm_2_cents) =
                static_cast<std::uint32_t>(*value);
            meter().settle();
            meter().note_write("alarms");
            return Bytes{};
        }
        default:
            return std::uint16_t{dl::RefusalBit::no_such_data};
    }
}

Dlt645Meter::Outcome Dlt645Meter::control(const dl::ControlRelay& request) {
    if (!authorised(request.authority)) {
        return std::uint16_t{dl::RefusalBit::not_authorised};
    }
    const bool too_late = moment_of(request.valid_until, identity_.local_offset) < meter().clock();
    const auto& registers = meter().registers();
    const bool guaranteed = registers.forced && !registers.forced_open;
    if (too_late || (guaranteed && request.command == dl::RelayCommand::trip)) {
        return std::uint16_t{dl::RefusalBit::other};
    }
    switch (request.command) {
        case dl::RelayCommand::trip:
            meter().set_forced(true, true);
            break;
        case dl::RelayCommand::allow_closing:  // somebody is there and presses the button
        case dl::RelayCommand::close:
            if (!guaranteed) {
                meter().set_forced(false, false);
            }
            break;
        case dl::RelayCommand::guarantee:
            meter().set_forced(true, false);
            break;
        case dl::RelayCommand::guarantee_off:
            if (guaranteed) {
                meter().set_forced(false, false);
            }
            break;
        case dl::RelayCommand::alarm:
        case dl::RelayCommand::alarm_off:
            return Bytes{};
    }
    meter().note_write("relay");
    return Bytes{};
}

/// Takes the purchase whose number follows its own, and adds the amount.
Dlt645Meter::Outcome Dlt645Meter::purchase(const dl::Purchase& request) {
    const auto& registers = meter().registers();
    if (request.opens_account == registers.prepaid) {
        return dl::SecurityRefusalBit::other;
    }
    if (request.count == registers.purchase_number && !request.opens_account) {
        return dl::SecurityRefusalBit::repeated_purchase;
    }
    if (request.count != std::uint32_t{registers.purchase_number} + 1) {
        return dl::SecurityRefusalBit::purchase_count;
    }
    // Eight digits of hundredths.
    constexpr std::int64_t kMostCents = 99'999'999;
    if (meter().balance_cents() + std::int64_t{request.amount} > kMostCents ||
        request.count > std::numeric_limits<std::uint16_t>::max()) {
        return dl::SecurityRefusalBit::too_much;
    }
    auto& changed = meter().edit();
    if (request.opens_account) {
        changed.number_bcd = request.customer.low_first;
    } else if (changed.number_bcd != request.customer.low_first) {
        return dl::SecurityRefusalBit::customer_number;
    }
    changed.prepaid = true;
    changed.purchase_number = static_cast<std::uint16_t>(request.count);
    changed.total_purchased += request.amount;
    meter().set_balance_e10(changed.balance_e10 + MoneyE10{request.amount} * kE10PerCent);
    meter().note_write("money");
    return Bytes{};
}

}  // namespace wutong::simulator
