#include "tests/simulation/meter.hpp"

#include <algorithm>
#include <utility>

namespace wutong::simulation {

namespace {

std::uint16_t high(std::uint32_t value) {
    return static_cast<std::uint16_t>(value >> 16U);
}
std::uint16_t low(std::uint32_t value) {
    return static_cast<std::uint16_t>(value & 0xFFFFU);
}

}  // namespace

const char* to_string(Arrival arrival) {
    switch (arrival) {
        case Arrival::in_time:
            return "in time";
        case Arrival::late:
            return "late";
        case Arrival::stale:
            return "stale";
        case Arrival::foreign:
            return "foreign";
    }
    return "?";
}

SimMeter::SimMeter(core::CreditKind kind, std::uint8_t address, std::string serial, std::int64_t energy_wh)
    : kind_{kind}, address_{address}, serial_{std::move(serial)}, energy_wh_{energy_wh} {}

void SimMeter::use(std::int64_t watt_hours) {
    const bool closed = forced_ ? !forced_open_ : !prepaid_ || balance_e7_ > 0;
    if (!closed) {
        return;
    }
    if (prepaid_ && !forced_ && price_e4_ > 0) {
        watt_hours = std::min(watt_hours, (balance_e7_ + price_e4_ - 1) / price_e4_);
    }
    energy_wh_ += watt_hours;
    if (prepaid_) {
        const std::int64_t cost = watt_hours * price_e4_;
        balance_e7_ -= cost;
        cost_e7_ += cost;
    }
}

std::int64_t SimMeter::cents() const {
    return balance_e7_ >= 0 ? balance_e7_ / kCentE7 : -((-balance_e7_ + kCentE7 - 1) / kCentE7);
}

core::CreditLook SimMeter::look(core::Timestamp at) const {
    core::CreditLook look;
    look.purchase_number = kind_ == core::CreditKind::uncounted ? 0 : number_;
    look.balance = core::Money::from_cents(cents());
    look.energy = core::Energy{energy_wh_ / 10 * 10};
    look.at = at;
    look.prepaid_enabled = prepaid_;
    return look;
}

std::uint16_t SimMeter::word(std::uint16_t address) const {
    const auto energy = static_cast<std::uint32_t>(energy_wh_ / 10);
    const auto money = static_cast<std::uint32_t>(static_cast<std::int32_t>(cents()));
    switch (address) {
        case 0x0043:
        case 0x0044:
        case 0x0045: {
            const std::size_t first = static_cast<std::size_t>(address - 0x0043) * 4;
            unsigned word = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                word = word << 4U | static_cast<unsigned>(serial_[first + i] - '0');
            }
            return static_cast<std::uint16_t>(word);
        }
        case 0x0061:
            return overload_w_;
        case 0x0215:
        case 0x021B:
            return high(energy);
        case 0x0216:
        case 0x021C:
            return low(energy);
        case 0x021F:
            return high(money);
        case 0x0220:
            return low(money);
        case 0x0221:
            return static_cast<std::uint16_t>(number_);
        case 0x0224: {
            const bool credit = !prepaid_ || balance_e7_ > 0;
            const bool closed = forced_ ? !forced_open_ : credit;
            return static_cast<std::uint16_t>((credit ? 1 : 0) | (prepaid_ ? 1 << 3 : 0) |
                                              (credit ? 0 : 1 << 5) | (closed ? 1 << 13 : 0));
        }
        case 0x0225:
            return static_cast<std::uint16_t>((forced_ ? 1 << 3 : 0) | (forced_ && !forced_open_ ? 1 : 0));
        case 0x0402:
        case 0x0404:
        case 0x0406:
        case 0x0408:
            return high(price_e4_);
        case 0x0403:
        case 0x0405:
        case 0x0407:
        case 0x0409:
            return low(price_e4_);
        case 0x040A:
            return high(alarm_1_);
        case 0x040B:
            return low(alarm_1_);
        case 0x040C:
            return high(alarm_2_);
        case 0x040D:
            return low(alarm_2_);
        case 0x040E:
            return high(overdraft_);
        case 0x040F:
            return low(overdraft_);
        default:
            return 0;
    }
}

protocols::Bytes SimMeter::answer(protocols::ByteView pdu, const FrameTag& tag) {
    using protocols::ExceptionCode;
    const auto parsed = protocols::parse_request(pdu);
    if (const auto* code = std::get_if<ExceptionCode>(&parsed)) {
        return protocols::encode_exception(pdu.empty() ? std::uint8_t{0} : pdu[0], *code);
    }
    const auto& request = std::get<protocols::Request>(parsed);
    if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
        protocols::Words words(read->count);
        for (std::uint16_t i = 0; i < read->count; ++i) {
            words[i] = word(static_cast<std::uint16_t>(read->address + i));
        }
        return protocols::encode_read_reply(read->function, words);
    }
    if (const auto* write = std::get_if<protocols::WriteRequest>(&request)) {
        const auto decoded = protocols::decode_relay(*write);
        const auto* relay = std::get_if<protocols::RelayCommand>(&decoded);
        if (relay == nullptr) {
            return protocols::encode_exception(protocols::kWriteRegisters, ExceptionCode::illegal_value);
        }
        forced_ = *relay != protocols::RelayCommand::follow_prepaid;
        forced_open_ = *relay == protocols::RelayCommand::force_open;
        return protocols::encode_write_reply(write->address, 2);
    }
    const auto& vendor = std::get<protocols::VendorWriteRequest>(request);
    if (vendor.address == protocols::kMoneyRegister) {
        const auto decoded = protocols::decode_money(vendor);
        if (const auto* command = std::get_if<protocols::MoneyCommand>(&decoded)) {
            apply(*command, tag);
            return protocols::encode_vendor_reply(vendor);
        }
        return protocols::encode_exception(protocols::kVendorWrite, ExceptionCode::illegal_value);
    }
    return protocols::encode_exception(protocols::kVendorWrite, ExceptionCode::illegal_address);
}

void SimMeter::apply(const protocols::MoneyCommand& command, const FrameTag& tag) {
    const std::int64_t before_e7 = balance_e7_;
    const std::uint32_t number_before = number_;
    prepaid_ = command.prepaid_enabled.value_or(prepaid_);
    number_ = command.purchase_number.value_or(static_cast<std::uint16_t>(number_));
    if (command.prices) {
        price_e4_ = command.prices->flat;
    }
    if (command.alarms) {
        alarm_1_ = command.alarms->alarm_1;
        alarm_2_ = command.alarms->alarm_2;
    }
    overdraft_ = command.overdraft.value_or(overdraft_);
    if (command.balance) {
        balance_e7_ = *command.balance * kCentE7;
        note(tag, before_e7, number_before);
    }
}

bool SimMeter::take(const core::CreditWrite& write, const FrameTag& tag) {
    const bool opens = tag.kind == core::DeliveryKind::open;
    const bool clears = tag.kind == core::DeliveryKind::clear;
    if (kind_ == core::CreditKind::added_counted) {
        const bool in_order =
            clears ? write.purchase_number == 0
                   : write.purchase_number == number_ + (write.amount == core::Money{0} ? 0 : 1);
        if (!in_order) {
            return false;
        }
    }
    const std::int64_t before_e7 = balance_e7_;
    const std::uint32_t number_before = number_;
    balance_e7_ += write.amount.ten_thousandths() * 1'000;
    number_ = write.purchase_number;
    prepaid_ = opens || (prepaid_ && !clears);
    if (opens) {
        price_e4_ = 9'500;
    }
    note(tag, before_e7, number_before);
    return true;
}

void SimMeter::overwrite(std::int64_t cents, std::uint32_t number) {
    const std::int64_t before_e7 = balance_e7_;
    const std::uint32_t number_before = std::exchange(number_, number);
    balance_e7_ = cents * kCentE7;
    note({0, core::DeliveryKind::top_up, Arrival::foreign}, before_e7, number_before);
}

void SimMeter::note(const FrameTag& tag, std::int64_t before_e7, std::uint32_t number_before) {
    AppliedWrite applied{tag, before_e7, balance_e7_, 0, energy_wh_, number_before, number_};
    const bool known = std::any_of(writes_.begin(), writes_.end(), [&](const AppliedWrite& write) {
        return write.tag.delivery == tag.delivery;
    });
    if (tag.kind == core::DeliveryKind::open && tag.delivery != 0 && !known &&
        kind_ == core::CreditKind::absolute_counted) {
        applied.wiped_e7 = before_e7;
    }
    touched_ = touched_ || tag.arrival != Arrival::in_time;
    writes_.push_back(applied);
}

}  // namespace wutong::simulation
