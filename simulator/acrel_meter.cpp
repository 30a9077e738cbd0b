#include "simulator/acrel_meter.hpp"

#include <algorithm>
#include <utility>

namespace wutong::simulator {
namespace {

using protocols::ExceptionCode;

constexpr std::uint16_t kResetTripsRegister = 0x0410;
constexpr std::uint16_t kAllCircuits = 0x00FF;

std::array<std::uint8_t, 6> bcd_of(const std::string& serial) {
    std::array<std::uint8_t, 6> bcd{};
    for (std::size_t i = 0; i < 12 && i < serial.size(); ++i) {
        const auto digit = static_cast<unsigned>(serial[i] - '0') & 0x0FU;
        bcd[i / 2] = static_cast<std::uint8_t>(bcd[i / 2] | (i % 2 == 0 ? digit << 4 : digit));
    }
    return bcd;
}

protocols::Bytes refuse(std::uint8_t function, ExceptionCode code) {
    return protocols::encode_exception(function, code);
}

}  // namespace

AcrelMeter::AcrelMeter(Identity identity, PrepaidMeter meter)
    : identity_{std::move(identity)}, meter_{std::move(meter)}, box_{this} {
    meter_.edit().number_bcd = bcd_of(identity_.serial);
}

protocols::Bytes AcrelMeter::answer(protocols::ByteView pdu, core::Timestamp now) {
    meter_.advance(now);
    const auto parsed = protocols::parse_request(pdu);
    if (const auto* code = std::get_if<ExceptionCode>(&parsed)) {
        return refuse(pdu.empty() ? std::uint8_t{0} : pdu[0], *code);
    }
    const auto& request = std::get<protocols::Request>(parsed);
    if (const auto* reading = std::get_if<protocols::ReadRequest>(&request)) {
        const auto result = read(*reading);
        if (const auto* code = std::get_if<ExceptionCode>(&result)) {
            return refuse(reading->function, *code);
        }
        return protocols::encode_read_reply(reading->function, std::get<protocols::Words>(result));
    }
    if (const auto* writing = std::get_if<protocols::WriteRequest>(&request)) {
        return write(*writing);
    }
    return write(std::get<protocols::VendorWriteRequest>(request), now);
}

ReadResult AcrelMeter::read(const protocols::ReadRequest& request) const {
    if (request.function != protocols::kReadHolding) {
        return ExceptionCode::illegal_function;
    }
    for (const auto& block : acrel_blocks(identity_, meter_)) {
        if (block.covers(request)) {
            return block.part(request);
        }
    }
    return ExceptionCode::illegal_address;
}

protocols::Bytes AcrelMeter::write(const protocols::WriteRequest& request) {
    using protocols::RelayCommand;
    if (request.address != protocols::kRelayRegister || request.words.size() != 2) {
        return refuse(protocols::kWriteRegisters, ExceptionCode::illegal_address);
    }
    const auto decoded = protocols::decode_relay(request);
    const auto* command = std::get_if<RelayCommand>(&decoded);
    if (command == nullptr) {
        return refuse(protocols::kWriteRegisters, ExceptionCode::illegal_value);
    }
    meter_.set_forced(*command != RelayCommand::follow_prepaid, *command == RelayCommand::force_open);
    meter_.note_write("relay");
    return protocols::encode_write_reply(request.address, 2);
}

protocols::Bytes AcrelMeter::write(const protocols::VendorWriteRequest& request, core::Timestamp now) {
    const bool is_box = identity_.model == Model::adf300;
    const bool all = (request.address & 0x00FF) == kAllCircuits;
    if (all && !is_box) {
        return refuse(protocols::kVendorWrite, ExceptionCode::illegal_address);
    }
    const auto for_each = [&](auto&& action) {
        for (auto* circuit : all ? box_ : std::vector<AcrelMeter*>{this}) {
            circuit->meter_.advance(now);
            action(*circuit);
        }
        return protocols::encode_vendor_reply(request);
    };
    const auto block = static_cast<std::uint16_t>(request.address & 0xFF00);
    if (request.address == protocols::kMoneyRegister || request.address == protocols::kMoneyRegisterAll) {
        const auto decoded = protocols::decode_money(request);
        if (const auto* command = std::get_if<protocols::MoneyCommand>(&decoded)) {
            return for_each([&](AcrelMeter& circuit) { circuit.apply(*command); });
        }
        return refuse(protocols::kVendorWrite, ExceptionCode::illegal_value);
    }
    if (request.address == protocols::kClockRegister) {
        const auto decoded = protocols::decode_clock(request);
        if (const auto* clock = std::get_if<protocols::MeterClock>(&decoded)) {
            const std::chrono::year_month_day date{std::chrono::year{clock->year},
                                                   std::chrono::month{static_cast<unsigned>(clock->month)},
                                                   std::chrono::day{static_cast<unsigned>(clock->day)}};
            meter_.set_clock(std::chrono::sys_days{date} + std::chrono::hours{clock->hour} +
                             std::chrono::minutes{clock->minute} + std::chrono::seconds{clock->second} -
                             identity_.local_offset);
            meter_.note_write("clock");
            return protocols::encode_vendor_reply(request);
        }
        return refuse(protocols::kVendorWrite, ExceptionCode::illegal_value);
    }
    if (request.address == kResetTripsRegister) {
        return reset_trips(request) ? protocols::encode_vendor_reply(request)
                                    : refuse(protocols::kVendorWrite, ExceptionCode::illegal_value);
    }
    if (block == protocols::load_register(protocols::LoadRelay::l1)) {
        const bool one_relay = identity_.model != Model::dtsy1352;
        const auto l1 = protocols::load_register(protocols::LoadRelay::l1);
        const auto l2 = protocols::load_register(protocols::LoadRelay::l2);
        const auto l3 = protocols::load_register(protocols::LoadRelay::l3);
        const bool known =
            request.address == l1 || all || (!one_relay && (request.address == l2 || request.address == l3));
        if (!known) {
            return refuse(protocols::kVendorWrite, ExceptionCode::illegal_address);
        }
        const auto decoded = protocols::decode_load(request);
        if (const auto* load = std::get_if<protocols::DecodedLoad>(&decoded)) {
            return for_each([&](AcrelMeter& circuit) { circuit.apply(load->command); });
        }
        return refuse(protocols::kVendorWrite, ExceptionCode::illegal_value);
    }
    return refuse(protocols::kVendorWrite, ExceptionCode::illegal_address);
}

void AcrelMeter::apply(const protocols::MoneyCommand& command) {
    auto& registers = meter_.edit();
    registers.purchase_number = command.purchase_number.value_or(registers.purchase_number);
    registers.total_purchased = command.total_purchased.value_or(registers.total_purchased);
    registers.base_energy = command.base_energy.value_or(registers.base_energy);
    if (command.alarms) {
        registers.alarm_1_cents = command.alarms->alarm_1;
        registers.alarm_2_cents = command.alarms->alarm_2;
    }
    if (command.prices) {
        registers.price_e4 = {command.prices->sharp, command.prices->peak, command.prices->flat,
                              command.prices->valley};
    }
    registers.overdraft_cents = command.overdraft.value_or(registers.overdraft_cents);
    registers.extra_byte = command.extra.value_or(registers.extra_byte);
    registers.number_bcd = command.meter_number.value_or(registers.number_bcd);
    registers.prepaid = command.prepaid_enabled.value_or(registers.prepaid);
    if (command.balance) {
        meter_.set_balance_cents(*command.balance);
    }
    meter_.settle();
    meter_.note_write("money");
}

void AcrelMeter::apply(const protocols::LoadCommand& command) {
    auto& registers = meter_.edit();
    if (command.limits) {
        registers.overload_w = command.limits->power_max;
        registers.power_step_w = command.limits->power_step_max;
        registers.power_factor_limit = command.limits->power_factor;
    }
    registers.recover_minutes = command.recover_time.value_or(registers.recover_minutes);
    registers.overload_trips_allowed = command.trips_max.value_or(registers.overload_trips_allowed);
    registers.load_control = command.control ? command.control->on : registers.load_control;
    meter_.settle();
    meter_.note_write("load");
}

/// 20h at 0410h, count 4: pairs (enable, value) for L1, L2, L3, all.
bool AcrelMeter::reset_trips(const protocols::VendorWriteRequest& request) {
    if (request.data.size() != 8) {
        return false;
    }
    for (std::size_t pair = 0; pair < 4; ++pair) {
        if (request.data[2 * pair] != 0) {
            meter_.reset_overload_trips();
            meter_.note_write("reset_overload");
            return true;
        }
    }
    return true;
}

}  // namespace wutong::simulator
