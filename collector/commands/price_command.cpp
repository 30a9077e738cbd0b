#include "collector/commands/price_command.hpp"

#include <fmt/format.h>

#include "collector/commands/command_ends.hpp"
#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

namespace {

using core::CommandState;
using core::Quantity;
using Group = core::Block::Group;

constexpr int kSendsMax = 3;
constexpr int kReadsMax = 2;  ///< in a row, each repeated by the channel as often as it may

class PriceSetter {
public:
    PriceSetter(const CommandWork& work, const FieldMeter& meter, MeterBus& bus, CommandGate& gate,
                PrepaidSettings wanted)
        : meter_{meter},
          driver_{driver_of(*meter.profile)},
          bus_{bus},
          gate_{gate},
          wanted_{std::move(wanted)},
          sent_{work.sent} {}

    CommandEnd run() {
        read();
        for (int sends = 0;; ++sends) {
            if (!present_.answered()) {
                return sent_ ? undecided()
                             : ended(CommandState::failed,
                                     "the present settings could not be read: " + present_.reason);
            }
            const std::string difference = settings_difference(*meter_.profile, wanted_, present_.values);
            if (sent_ && difference.empty()) {
                return decided(CommandState::done, {});
            }
            if (sends == kSendsMax) {
                return decided(CommandState::failed, difference);
            }
            switch (const auto answer = gate_.ask()) {
                case CommandGate::Answer::yes:
                    break;
                case CommandGate::Answer::too_late:
                    return decided(CommandState::expired, "it was too late to send it again; " + difference);
                default: {
                    CommandEnd end = stopped(answer);
                    end.sent = sent_;
                    return end;
                }
            }
            const auto write = driver_.prepare_money(meter_, wanted_, present_.values, std::nullopt);
            if (const auto* wrong = std::get_if<DialectFault>(&write)) {
                return sent_ ? decided(CommandState::failed, wrong->reason)
                             : ended(CommandState::failed, wrong->reason);
            }
            const BusReply reply = std::get<PreparedWrite>(write)(bus_);
            if (reply.kind == BusReply::Kind::refused && !sent_) {
                return ended(CommandState::failed, "the meter refused: " + reply.reason);
            }
            sent_ = true;
            read();
            if (reply.kind == BusReply::Kind::refused && present_.answered()) {
                // An earlier frame, of which nothing was heard, may have been taken all the same.
                const std::string left = settings_difference(*meter_.profile, wanted_, present_.values);
                return left.empty() ? decided(CommandState::done, {})
                                    : decided(CommandState::failed, "the meter refused: " + reply.reason);
            }
        }
    }

private:
    void read() {
        for (int i = 0; i < kReadsMax; ++i) {
            present_ = driver_.read_groups(bus_, meter_, {Group::settings});
            if (present_.answered()) {
                return;
            }
        }
    }

    CommandEnd undecided() {
        CommandEnd end =
            ended(CommandState::failed,
                  "the price was sent, and the settings could not be read back: " + present_.reason);
        end.sent = true;
        end.undecided = true;
        end.outcome.doubt = end.outcome.reason;
        return end;
    }

    /// @pre the settings were read after whatever was sent
    CommandEnd decided(CommandState state, std::string reason) {
        CommandEnd end = ended(state, std::move(reason));
        end.sent = sent_;
        end.outcome.result = to_json(present_.values);
        std::optional<std::int64_t> price;
        for (const auto rate :
             {Quantity::price, Quantity::price_peak, Quantity::price_flat, Quantity::price_valley}) {
            const auto found = present_.value(rate);
            if (found && price && *found != *price) {
                end.outcome.doubt = "the meter's rates differ: " + end.outcome.result;
                return end;
            }
            price = found ? found : price;
        }
        if (!price) {
            end.outcome.doubt = "the meter does not say which price it charges";
            return end;
        }
        end.outcome.price = core::Price{*price};
        // What was used until now is charged at the old price.
        MeterReadout state_now = driver_.read_groups(bus_, meter_, {Group::state});
        if (const auto energy = state_now.value(Quantity::energy_total)) {
            end.outcome.energy = core::Energy{*energy};
            end.readout = std::move(state_now);
        }
        return end;
    }

    const FieldMeter& meter_;
    const MeterDriver& driver_;
    MeterBus& bus_;
    CommandGate& gate_;
    PrepaidSettings wanted_;
    MeterReadout present_;
    bool sent_;
};

}  // namespace

CommandEnd run_set_price(const CommandWork& work, const FieldMeter& meter, MeterBus& bus, CommandGate& gate) {
    auto parsed = parse_settings(work.arguments);
    if (const auto* wrong = std::get_if<DialectFault>(&parsed)) {
        return ended(CommandState::failed, wrong->reason);
    }
    const auto& given = std::get<PrepaidSettings>(parsed);
    if (!given.price) {
        return ended(CommandState::failed, "the arguments name no price_e4");
    }
    PrepaidSettings wanted;
    wanted.price = given.price;
    return PriceSetter{work, meter, bus, gate, std::move(wanted)}.run();
}

}  // namespace wutong::collector
