#include "collector/protocols/acrel_frames.hpp"

#include <stdexcept>

#include "collector/protocols/acrel_fields.hpp"

namespace wutong::protocols {
namespace {

using detail::FieldFault;
using detail::FieldReader;
using detail::FieldWriter;

constexpr std::array kLoadRegisters{std::uint16_t{0x0400}, std::uint16_t{0x040D}, std::uint16_t{0x041A},
                                    std::uint16_t{0x04FF}};

void require_size(const VendorWriteRequest& request, std::size_t size, const char* what) {
    if (request.data.size() != size) {
        throw FieldFault(std::string{what} + " has " + std::to_string(request.data.size()) +
                         " bytes, must have " + std::to_string(size));
    }
}

std::string register_text(std::uint16_t address) {
    const std::array bytes{static_cast<std::uint8_t>(address >> 8),
                           static_cast<std::uint8_t>(address & 0xFF)};
    return "register " + to_hex(bytes) + "h";
}

MoneyCommand read_money(FieldReader& in) {
    MoneyCommand command;
    // Every field is read whether it is enabled or not: the layout is fixed.
    const bool prepaid = in.flag("prepaid switch");
    if (prepaid) {
        command.prepaid_enabled = in.boolean("prepaid switch");
    } else {
        in.get8();
    }
    const auto word32 = [&] { return in.get32(); };
    in.field(command.balance, "balance", [&] { return static_cast<std::int32_t>(in.get32()); });
    in.field(command.purchase_number, "purchase number", [&] { return in.get16(); });
    in.field(command.total_purchased, "total", word32);
    in.field(command.base_energy, "base energy", word32);
    in.field(command.alarms, "alarms", [&] {
        MoneyCommand::Alarms alarms;
        alarms.alarm_1 = in.get32();
        alarms.alarm_2 = in.get32();
        return alarms;
    });
    in.field(command.prices, "prices", [&] {
        MoneyCommand::Prices prices;
        prices.sharp = in.get32();
        prices.peak = in.get32();
        prices.flat = in.get32();
        prices.valley = in.get32();
        return prices;
    });
    in.field(command.overdraft, "overdraft", word32);
    in.field(command.extra, "extra byte", [&] { return in.get8(); });
    in.field(command.meter_number, "meter number", [&] {
        std::array<std::uint8_t, 6> number{};
        for (auto& byte : number) {
            byte = in.get8();
        }
        return number;
    });
    return command;
}

LoadCommand read_load(FieldReader& in) {
    LoadCommand command;
    const auto control = in.get8();
    if (control > 1 && control != 0xFF) {
        throw FieldFault("enable flag of the load control is " + std::to_string(control) +
                         ", must be 0, 1 or 255");
    }
    if (control != 0) {
        command.control = LoadCommand::Switch{in.boolean("load control"), control == 0xFF};
    } else {
        in.get8();
    }
    in.field(command.limits, "load limits", [&] {
        LoadCommand::Limits limits;
        limits.power_max = in.get16();
        limits.power_step_max = in.get16();
        limits.power_factor = in.get16();
        return limits;
    });
    in.field(command.recover_time, "recover time", [&] { return in.get8(); });
    in.field(command.trips_max, "trip limit", [&] { return in.get16(); });
    in.field(command.unnamed_word, "unnamed word", [&] { return in.get16(); });
    in.field(command.unnamed_byte, "unnamed byte", [&] { return in.get8(); });
    return command;
}

}  // namespace

VendorWriteRequest encode_money(const MoneyCommand& command, Circuits circuits) {
    VendorWriteRequest request{circuits == Circuits::all ? kMoneyRegisterAll : kMoneyRegister,
                               Bytes(kMoneyBytes, 0)};
    FieldWriter out{request.data};
    out.flag(command.prepaid_enabled.has_value());
    out.put8(command.prepaid_enabled.value_or(false) ? 1 : 0);
    out.flag(command.balance.has_value());
    out.put32(static_cast<std::uint32_t>(command.balance.value_or(0)));
    out.flag(command.purchase_number.has_value());
    out.put16(command.purchase_number.value_or(0));
    out.flag(command.total_purchased.has_value());
    out.put32(command.total_purchased.value_or(0));
    out.flag(command.base_energy.has_value());
    out.put32(command.base_energy.value_or(0));
    out.flag(command.alarms.has_value());
    const auto alarms = command.alarms.value_or(MoneyCommand::Alarms{});
    out.put32(alarms.alarm_1);
    out.put32(alarms.alarm_2);
    out.flag(command.prices.has_value());
    const auto prices = command.prices.value_or(MoneyCommand::Prices{});
    out.put32(prices.sharp);
    out.put32(prices.peak);
    out.put32(prices.flat);
    out.put32(prices.valley);
    out.flag(command.overdraft.has_value());
    out.put32(command.overdraft.value_or(0));
    out.flag(command.extra.has_value());
    out.put8(command.extra.value_or(0));
    out.flag(command.meter_number.has_value());
    for (const auto byte : command.meter_number.value_or(std::array<std::uint8_t, 6>{})) {
        out.put8(byte);
    }
    return request;
}

std::variant<MoneyCommand, DecodeFault> decode_money(const VendorWriteRequest& request) {
    if (request.address != kMoneyRegister && request.address != kMoneyRegisterAll) {
        return DecodeFault{register_text(request.address) + " is not the money command"};
    }
    try {
        require_size(request, kMoneyBytes, "money command");
        FieldReader in{request.data};
        return read_money(in);
    } catch (const FieldFault& fault) {
        return DecodeFault{fault.what()};
    }
}

WriteRequest encode_relay(RelayCommand command) {
    switch (command) {
        case RelayCommand::force_closed:
            return {kRelayRegister, {1, 0}};
        case RelayCommand::force_open:
            return {kRelayRegister, {1, 1}};
        case RelayCommand::follow_prepaid:
            return {kRelayRegister, {0, 0}};
    }
    throw std::invalid_argument("relay command out of range");
}

std::variant<RelayCommand, DecodeFault> decode_relay(const WriteRequest& request) {
    if (request.address != kRelayRegister || request.words.size() != 2) {
        return DecodeFault{std::to_string(request.words.size()) + " registers at " +
                           register_text(request.address) + " are not the relay command"};
    }
    const auto enable = request.words[0];
    const auto command = request.words[1];
    if (enable > 1 || command > 1) {
        return DecodeFault{"forced control " + std::to_string(enable) + ", command " +
                           std::to_string(command) + ": both must be 0 or 1"};
    }
    if (enable == 0) {
        return RelayCommand::follow_prepaid;
    }
    return command == 0 ? RelayCommand::force_closed : RelayCommand::force_open;
}

std::uint16_t load_register(LoadRelay relay) {
    return kLoadRegisters.at(static_cast<std::size_t>(relay));
}

VendorWriteRequest encode_load(const LoadCommand& command, LoadRelay relay) {
    VendorWriteRequest request{load_register(relay), Bytes(kLoadBytes, 0)};
    FieldWriter out{request.data};
    const auto control = command.control.value_or(LoadCommand::Switch{});
    out.flag(command.control.has_value(), control.all_relays ? 0xFF : 1);
    out.put8(control.on ? 1 : 0);
    out.flag(command.limits.has_value());
    const auto limits = command.limits.value_or(LoadCommand::Limits{});
    out.put16(limits.power_max);
    out.put16(limits.power_step_max);
    out.put16(limits.power_factor);
    out.flag(command.recover_time.has_value());
    out.put8(command.recover_time.value_or(0));
    out.flag(command.trips_max.has_value());
    out.put16(command.trips_max.value_or(0));
    out.flag(command.unnamed_word.has_value());
    out.put16(command.unnamed_word.value_or(0));
    out.flag(command.unnamed_byte.has_value());
    out.put8(command.unnamed_byte.value_or(0));
    return request;
}

std::variant<DecodedLoad, DecodeFault> decode_load(const VendorWriteRequest& request) {
    for (std::size_t i = 0; i < kLoadRegisters.size(); ++i) {
        if (request.address != kLoadRegisters[i]) {
            continue;
        }
        try {
            require_size(request, kLoadBytes, "load command");
            FieldReader in{request.data};
            return DecodedLoad{static_cast<LoadRelay>(i), read_load(in)};
        } catch (const FieldFault& fault) {
            return DecodeFault{fault.what()};
        }
    }
    return DecodeFault{register_text(request.address) + " is not the load command"};
}

VendorWriteRequest encode_clock(const MeterClock& clock) {
    const auto day_of_week = weekday(clock);
    VendorWriteRequest request{kClockRegister, Bytes(kClockBytes, 0)};
    FieldWriter out{request.data};
    for (const int value :
         {clock.second, clock.minute, clock.hour, day_of_week, clock.day, clock.month, clock.year - 2000}) {
        out.put8(static_cast<std::uint8_t>(value));
    }
    return request;
}

std::variant<MeterClock, DecodeFault> decode_clock(const VendorWriteRequest& request) {
    if (request.address != kClockRegister) {
        return DecodeFault{register_text(request.address) + " is not the clock"};
    }
    if (request.data.size() != kClockBytes) {
        return DecodeFault{"clock has " + std::to_string(request.data.size()) + " bytes, must have 10"};
    }
    const auto& data = request.data;
    const MeterClock clock{2000 + data[6], data[5], data[4], data[2], data[1], data[0]};
    if (auto fault = clock_fault(clock); !fault.empty()) {
        return DecodeFault{std::move(fault)};
    }
    return clock;
}

}  // namespace wutong::protocols
