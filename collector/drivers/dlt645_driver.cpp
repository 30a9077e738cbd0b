#include "collector/drivers/dlt645_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "collector/drivers/dlt645_exchange.hpp"
#include "collector/drivers/dlt645_session.hpp"
#include "collector/drivers/wall_clock.hpp"
#include "collector/protocols/bcd.hpp"
#include "core/meter_items.hpp"

namespace wutong::collector {

namespace dlt645 = protocols::dlt645;

namespace {

/// Long enough for a meter whose clock is a little off, short enough for a frame that was held up on its way.
constexpr std::chrono::minutes kRelayFrameValid{10};

BusReply refused(std::string reason) {
    BusReply reply;
    reply.kind = BusReply::Kind::refused;
    reply.reason = std::move(reason);
    return reply;
}

BusReply as_reply(Dlt645Answer answer) {
    BusReply reply;
    reply.kind = answer.kind;
    reply.reason = std::move(answer.reason);
    return reply;
}

std::string no_password(const FieldMeter& meter) {
    return fmt::format("there is no password for meter {}: name it in the collector's meter_secrets file",
                       meter.code);
}

std::size_t bytes_of(const core::Block& item) {
    int bytes = 0;
    for (const auto& field : item.fields) {
        bytes = std::max(bytes, field.address + core::byte_count(field));
    }
    return static_cast<std::size_t>(bytes);
}

dlt645::Authority authority_of(const MeterSecret& secret) {
    return {secret.level, secret.password, secret.operator_code};
}

std::vector<dlt645::RelayCommand> commands_of(RelayOrder order, const core::MeterProfile& profile) {
    using Command = dlt645::RelayCommand;
    const Command close = profile.closes_by_button ? Command::allow_closing : Command::close;
    const bool guarantees = profile.guarantees_power;
    switch (order) {
        case RelayOrder::open:
            // While power is guaranteed a meter does not open.
            return guarantees ? std::vector{Command::guarantee_off, Command::trip}
                              : std::vector{Command::trip};
        case RelayOrder::stay_closed:
            return guarantees ? std::vector{close, Command::guarantee} : std::vector{close};
        case RelayOrder::follow_credit:
            return guarantees ? std::vector{Command::guarantee_off, close} : std::vector{close};
    }
    throw std::logic_error("relay order out of range");
}

constexpr std::int64_t kE4PerCent = 100;
constexpr std::int64_t kAmountMax = 99'999'999;  // eight digits of cents

/// @return hundredths, or nothing when it can't be told in eight digits
std::optional<std::uint32_t> cents(core::Money money) {
    if (money < core::Money{0} || money.ten_thousandths() % kE4PerCent != 0 ||
        money.ten_thousandths() / kE4PerCent > kAmountMax) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(money.ten_thousandths() / kE4PerCent);
}

Prepared purchase(const FieldMeter& meter, const dlt645::Address& address, const PrepaidSettings& settings,
                  const core::CreditWrite& credit) {
    const auto amount = cents(credit.amount);
    if (credit.amount < core::Money{0}) {
        return DialectFault{fmt::format(
            "meter {} only adds what is bought: credit can't be taken back from a meter of DL/T 645",
            meter.code)};
    }
    if (!amount) {
        return DialectFault{fmt::format("meter {} takes amounts of 0.01 to {}.{:02}", meter.code,
                                        kAmountMax / 100, kAmountMax % 100)};
    }
    dlt645::Purchase bought;
    bought.opens_account = settings.prepaid_enabled.value_or(false);
    bought.operator_code = meter.secret ? meter.secret->operator_code : 0;
    bought.amount = *amount;
    bought.count = credit.purchase_number;
    bought.customer = address;
    return PreparedWrite{[address, bought](MeterBus& bus) {
        return as_reply(dlt645_ask(bus, address, bought, 0, Repeat::never));
    }};
}

Prepared alarm_amounts(const FieldMeter& meter, const dlt645::Address& address,
                       const PrepaidSettings& settings) {
    if (!meter.secret) {
        return DialectFault{no_password(meter)};
    }
    std::vector<dlt645::WriteData> writes;
    for (const auto& [id, wanted] : {std::pair{dlt645::kAmountAlarm1, settings.alarm_1},
                                     std::pair{dlt645::kAmountAlarm2, settings.alarm_2}}) {
        if (!wanted) {
            continue;
        }
        const auto amount = cents(*wanted);
        if (!amount) {
            return DialectFault{fmt::format("meter {} can't hold an alarm amount of {}", meter.code,
                                            core::to_string(*wanted))};
        }
        constexpr std::size_t kBytes = 4;
        writes.push_back({id, authority_of(*meter.secret), protocols::encode_bcd(*amount, kBytes)});
    }
    if (writes.empty()) {
        return DialectFault{fmt::format(
            "of a meter of DL/T 645 the alarm amounts can be set from here; prices, overdraft and prepaid "
            "mode of meter {} are set by its maker's tool",
            meter.code)};
    }
    return PreparedWrite{[address, writes](MeterBus& bus) {
        Dlt645Answer answer;
        for (const auto& write : writes) {
            answer = dlt645_ask(bus, address, write, 0, Repeat::never);
            if (!answer.answered()) {
                break;
            }
        }
        return as_reply(std::move(answer));
    }};
}

}  // namespace

Prepared Dlt645Driver::prepare_money(const FieldMeter& meter, const PrepaidSettings& settings,
                                     const core::Values& present,
                                     const std::optional<core::CreditWrite>& credit) const {
    if (meter.profile->credit != core::CreditKind::added_counted) {
        return MeterDriver::prepare_money(meter, settings, present, credit);
    }
    const auto address = address_of(meter);
    if (!address) {
        return DialectFault{no_address(meter)};
    }
    return credit ? purchase(meter, *address, settings, *credit) : alarm_amounts(meter, *address, settings);
}

MeterReadout Dlt645Driver::read_groups(MeterBus& bus, const FieldMeter& meter, const Groups& groups) const {
    MeterReadout readout;
    readout.kind = BusReply::Kind::refused;
    readout.reason = "profile " + meter.profile->id + " has no items of this kind, or the meter none of them";
    const auto address = address_of(meter);
    if (!address) {
        readout.reason = no_address(meter);
        return readout;
    }
    Dlt645Session& session = dlt645_session_of(bus);
    core::ItemDecoder decoder;
    bool any = false;
    for (const core::Block* item : core::plan_items(*meter.profile, groups)) {
        if (session.missing.contains(item->id)) {
            continue;
        }
        auto answer = dlt645_read(bus, *address, edition_of(meter), item->id, bytes_of(*item));
        readout.at = bus.now();
        if (answer.no_such_data) {
            session.missing.insert(item->id);
            continue;
        }
        if (!answer.answered()) {
            readout.kind = answer.kind;
            readout.reason = fmt::format("{}: {}", item->name, answer.reason);
            return readout;
        }
        decoder.add(*item, answer.data);
        any = true;
    }
    if (any) {
        readout.kind = BusReply::Kind::answered;
        readout.reason.clear();
        readout.values = decoder.values();
    }
    return readout;
}

BusReply Dlt645Driver::probe(MeterBus& bus, const FieldMeter& meter) const {
    const auto address = address_of(meter);
    if (!address) {
        return refused(no_address(meter));
    }
    const auto items = core::plan_items(*meter.profile, {core::Block::Group::state});
    if (items.empty()) {
        return refused("profile " + meter.profile->id + " has no items");
    }
    return as_reply(dlt645_ask(bus, *address, dlt645::ReadData{edition_of(meter), items.front()->id, {}},
                               bytes_of(*items.front()), Repeat::allowed));
}

BusReply Dlt645Driver::switch_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order) const {
    if (meter.profile->dialect != core::CommandDialect::dlt645_relay) {
        return MeterDriver::switch_relay(bus, meter, order);
    }
    const auto address = address_of(meter);
    if (!address) {
        return refused(no_address(meter));
    }
    if (!meter.secret) {
        return refused(no_password(meter));
    }
    Dlt645Answer answer;
    for (const auto command : commands_of(order, *meter.profile)) {
        const dlt645::ControlRelay control{command, authority_of(*meter.secret),
                                           wall_clock(bus.now() + kRelayFrameValid, meter.utc_offset)};
        answer = dlt645_ask(bus, *address, control, 0, Repeat::never);
        if (!answer.answered()) {
            break;
        }
    }
    return as_reply(std::move(answer));
}

BusReply Dlt645Driver::set_clock(MeterBus& bus, const FieldMeter& meter,
                                 const protocols::MeterClock& clock) const {
    if (meter.profile->dialect != core::CommandDialect::dlt645_relay) {
        return MeterDriver::set_clock(bus, meter, clock);
    }
    const auto address = address_of(meter);
    if (!address) {
        return refused(no_address(meter));
    }
    if (!meter.secret) {
        return as_reply(dlt645_ask(bus, *address, dlt645::SetTime{clock}, 0, Repeat::never));
    }
    // Date and time are two writes; between them the day must not change.
    if (clock.hour == 23 && clock.minute == 59) {
        return refused("date and time are two writes, which are not begun in the last minute of a day");
    }
    const auto authority = authority_of(*meter.secret);
    const auto begun_at = bus.now();
    auto answer =
        dlt645_ask(bus, *address, dlt645::WriteData{dlt645::kDate, authority, dlt645::encode_date(clock)}, 0,
                   Repeat::never);
    if (answer.answered()) {
        // What the first write took must not be missing on the clock. The day is not left, see above.
        const auto later = clock_after(clock, bus.now() - begun_at);
        answer = dlt645_ask(bus, *address,
                            dlt645::WriteData{dlt645::kTime, authority,
                                              dlt645::encode_time(later.day == clock.day ? later : clock)},
                            0, Repeat::never);
    }
    return as_reply(std::move(answer));
}

}  // namespace wutong::collector
