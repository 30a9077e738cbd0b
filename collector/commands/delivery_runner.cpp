#include "collector/commands/delivery_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "collector/commands/relay_command.hpp"

namespace wutong::collector {

namespace {

using core::Quantity;
using Group = core::Block::Group;

constexpr int kStepsMax = 64;  ///< core::step ends long before; a bound all the same
constexpr int kSettingsAttemptsMax = 3;

core::CreditRules credit_rules(const FieldMeter& meter) {
    core::CreditRules rules;
    rules.kind = meter.profile->credit;
    rules.quantum = meter.profile->credit_quantum;
    rules.energy_quantum = meter.profile->energy_quantum;
    rules.balance_max = meter.profile->balance_max;
    rules.number_max = meter.profile->number_max;
    rules.price = meter.price;
    return rules;
}

/// One run of one delivery.
class Runner {
public:
    Runner(DeliveryWork& work, const FieldMeter& meter, MeterBus& bus, DeliveryJournal& journal)
        : work_{work},
          meter_{meter},
          driver_{driver_of(*meter.profile)},
          bus_{bus},
          journal_{journal},
          credit_{credit_rules(meter)} {}

    DeliveryEnd run() {
        if (work_.delivery.finished()) {
            // Only the booking is owed; the meter was left as it has to be.
            return finish();
        }
        if (auto wrong = prepare()) {
            return refuse(std::move(*wrong), work_.delivery.state != core::DeliveryState::queued);
        }
        core::DeliveryStep next = core::step(work_.delivery, credit_, core::Restarted{});
        for (int steps = 0; steps < kStepsMax; ++steps) {
            const core::CreditDelivery before = std::exchange(work_.delivery, next.delivery);
            if (std::holds_alternative<core::Look>(next.action)) {
                next = core::step(work_.delivery, credit_, look());
            } else if (const auto* write = std::get_if<core::Write>(&next.action)) {
                auto prepared = driver_.prepare_money(meter_, settings_, present_.values, write->write);
                if (auto* wrong = std::get_if<DialectFault>(&prepared)) {
                    // The attempt that core::step has counted is not going to be made.
                    work_.delivery = before;
                    return refuse(std::move(wrong->reason), before.attempts > 0);
                }
                if (const auto stored = store(); stored != DeliveryJournal::Stored::yes) {
                    // Nothing was sent, so nothing was tried: an hour without a database must not use the
                    // attempts up.
                    work_.delivery = before;
                    return end(stored, DeliveryEnd::Kind::later);
                }
                next = core::step(work_.delivery, credit_, send(std::get<PreparedWrite>(prepared)));
            } else if (std::holds_alternative<core::TryLater>(next.action)) {
                return later();
            } else {
                return done(before);
            }
        }
        throw std::logic_error("a credit delivery did not come to an end");
    }

private:
    /// Reads what the rules need and the arguments allow. @return why the delivery can't be done at all
    std::optional<std::string> prepare() {
        auto parsed = parse_settings(work_.settings);
        if (auto* wrong = std::get_if<DialectFault>(&parsed)) {
            return wrong->reason;
        }
        settings_ = std::get<PrepaidSettings>(parsed);
        if (work_.delivery.kind == core::DeliveryKind::open) {
            settings_.prepaid_enabled = true;
        } else if (work_.delivery.kind == core::DeliveryKind::clear && !settings_.prepaid_enabled) {
            settings_.prepaid_enabled = false;
        }
        const bool holds_credit =
            credit_.kind != core::CreditKind::none && credit_.kind != core::CreditKind::server_held;
        if (holds_credit && meter_.profile->dialect == core::CommandDialect::none) {
            return fmt::format("profile {} says that the meter holds credit but not how it is written",
                               meter_.profile->id);
        }
        if (auto other = holds_credit ? wrong_meter() : std::nullopt) {
            return other;
        }
        if (settings_.price) {
            credit_.price = std::max(credit_.price, *settings_.price);
        }
        if (holds_credit && meter_.profile->has(Quantity::price)) {
            present_ = driver_.read_groups(bus_, meter_, {Group::settings});
            price_unread_ = !present_.answered();
            for (const auto rate :
                 {Quantity::price, Quantity::price_peak, Quantity::price_flat, Quantity::price_valley}) {
                if (const auto price = present_.value(rate)) {
                    credit_.price = std::max(credit_.price, core::Price{*price});
                }
            }
        }
        return std::nullopt;
    }

    /// On a wrong address another meter would take the money. @return what answers there instead
    std::optional<std::string> wrong_meter() {
        const MeterIdentity identity = driver_.identify(bus_, meter_);
        serial_unread_ = identity.unread;
        if (identity.says != core::SerialNumberSays::nothing) {
            wrong_meter_ = identity.says == core::SerialNumberSays::another_meter;
        }
        if (identity.says != core::SerialNumberSays::another_meter) {
            return std::nullopt;
        }
        return fmt::format(
            "another meter answers at address {}: its serial number is {}, the one of meter {} is {}; "
            "correct "
            "the address or the serial number",
            meter_.bus_address, identity.text, meter_.code, meter_.serial_number);
    }

    core::DeliveryEvent look() {
        MeterReadout readout = driver_.read_groups(bus_, meter_, {Group::state});
        const auto look = credit_look(readout);
        // Without the price nobody can tell what flowed meanwhile, and what is right would be quarantined.
        if (serial_unread_ || price_unread_ || !look) {
            ++work_.looks_failed;
            return core::LookFailed{};
        }
        work_.looks_failed = 0;
        look_ = std::move(readout);
        return core::Looked{*look};
    }

    /// Nothing unless all of it was read.
    [[nodiscard]] std::optional<core::CreditLook> credit_look(const MeterReadout& readout) const {
        const auto balance = readout.value(Quantity::balance);
        const auto energy = readout.value(Quantity::energy_total);
        const auto number = readout.value(Quantity::purchase_number);
        const bool counted = credit_.kind == core::CreditKind::absolute_counted ||
                             credit_.kind == core::CreditKind::added_counted;
        if (!readout.answered() || !balance || !energy || (counted && !number)) {
            return std::nullopt;
        }
        core::CreditLook look;
        look.purchase_number = static_cast<std::uint32_t>(number.value_or(0));
        look.balance = core::Money{*balance};
        look.energy = core::Energy{*energy};
        look.at = readout.at;
        look.prepaid_enabled = readout.value(Quantity::prepaid_enabled).value_or(1) != 0;
        return look;
    }

    core::DeliveryEvent send(const PreparedWrite& write) {
        const BusReply reply = write(bus_);
        switch (reply.kind) {
            case BusReply::Kind::answered:
                return core::WriteAnswered{};
            case BusReply::Kind::refused:
                return core::WriteRefused{reply.reason};
            case BusReply::Kind::silent:
            case BusReply::Kind::garbled:
            case BusReply::Kind::away:
                break;
        }
        return core::WriteUnanswered{};
    }

    /// What an opening sets besides the money, and what a clearing leaves behind. A crash in here is met
    /// again: the row is not finished yet, the next run looks, finds the money right and comes here once
    /// more.
    void complete() {
        std::string difference;
        if (work_.delivery.kind == core::DeliveryKind::open) {
            difference = complete_settings();
            if (look_ && look_->value(Quantity::forced_enabled).value_or(0) != 0) {
                const auto relay = set_relay(bus_, meter_, RelayOrder::follow_credit, [] { return true; });
                difference += relay.reason;
                keep_look(relay.readout);
            }
        } else if (work_.delivery.kind == core::DeliveryKind::clear && settings_.switch_off) {
            const auto relay = set_relay(bus_, meter_, RelayOrder::open, [] { return true; });
            difference = relay.reason;
            keep_look(relay.readout);
        }
        if (!difference.empty()) {
            work_.delivery.reason = "the money is right, but: " + difference;
        }
    }

    void keep_look(const MeterReadout& readout) {
        if (readout.answered()) {
            look_ = readout;
        }
    }

    std::string complete_settings() {
        PrepaidSettings wanted = settings_;
        wanted.prepaid_enabled.reset();  // the look has said so already
        std::string difference;
        for (int attempt = 0; attempt < kSettingsAttemptsMax; ++attempt) {
            if (wanted.overload_w) {
                const auto overload = driver_.prepare_overload(meter_, *wanted.overload_w);
                if (const auto* wrong = std::get_if<DialectFault>(&overload)) {
                    return wrong->reason;
                }
                std::get<PreparedWrite>(overload)(bus_);
            }
            if (attempt > 0) {
                const auto money = driver_.prepare_money(meter_, wanted, present_.values, std::nullopt);
                if (const auto* write = std::get_if<PreparedWrite>(&money)) {
                    (*write)(bus_);
                }
            }
            const MeterReadout read = driver_.read_groups(bus_, meter_, {Group::settings});
            difference = read.answered() ? settings_difference(*meter_.profile, wanted, read.values)
                                         : "the settings could not be read back: " + read.reason;
            if (difference.empty()) {
                break;
            }
        }
        return difference;
    }

    DeliveryJournal::Stored store() {
        keep_frames();
        const auto stored = journal_.store(work_);
        if (stored == DeliveryJournal::Stored::yes) {
            work_.frames.clear();
        }
        return stored;
    }

    void keep_frames() {
        auto fresh = bus_.take_frames();
        work_.frames.insert(work_.frames.end(), std::make_move_iterator(fresh.begin()),
                            std::make_move_iterator(fresh.end()));
    }

    DeliveryEnd end(DeliveryJournal::Stored stored, DeliveryEnd::Kind when_stored) {
        switch (stored) {
            case DeliveryJournal::Stored::yes:
                return {when_stored, wrong_meter_, std::move(look_)};
            case DeliveryJournal::Stored::fenced:
                return {DeliveryEnd::Kind::fenced, wrong_meter_, std::move(look_)};
            case DeliveryJournal::Stored::rejected:
                return {DeliveryEnd::Kind::rejected, wrong_meter_, std::move(look_)};
            case DeliveryJournal::Stored::away:
                break;
        }
        return {DeliveryEnd::Kind::unsaved, wrong_meter_, std::move(look_)};
    }

    DeliveryEnd later() { return end(store(), DeliveryEnd::Kind::later); }

    /// Does `complete` write to the meter?
    [[nodiscard]] bool more_to_write() const {
        return work_.delivery.kind == core::DeliveryKind::open ||
               (work_.delivery.kind == core::DeliveryKind::clear && settings_.switch_off);
    }

    /// @param before the delivery one step earlier
    DeliveryEnd done(const core::CreditDelivery& before) {
        if (work_.delivery.state == core::DeliveryState::delivered && more_to_write()) {
            // First proof that the meter is still ours to write to.
            const core::CreditDelivery after = std::exchange(work_.delivery, before);
            if (const auto stored = store(); stored != DeliveryJournal::Stored::yes) {
                return end(stored, DeliveryEnd::Kind::later);
            }
            work_.delivery = after;
            complete();
            look_again();
        }
        return finish();
    }

    /// What was written besides the money was read back too. If that look shows that the money has changed
    /// under it (a frame that came late, somebody else), the look before is no proof any more.
    void look_again() {
        core::CreditDelivery& delivery = work_.delivery;
        const auto look = look_ ? credit_look(*look_) : std::nullopt;
        if (!look || !delivery.before || !delivery.write ||
            core::explained(*delivery.before, *look, *delivery.write, credit_)) {
            return;
        }
        delivery.state = core::DeliveryState::quarantined;
        delivery.after = look;
        delivery.reason = fmt::format(
            "the money had arrived, and then it changed: written were purchase number {} and {}, the "
            "meter now says {} and {}",
            delivery.write->purchase_number, core::to_string(delivery.write->balance), look->purchase_number,
            core::to_string(look->balance));
    }

    /// @param sent_before something went out earlier: only an operator can say what became of it
    DeliveryEnd refuse(std::string reason, bool sent_before) {
        work_.delivery.state = sent_before ? core::DeliveryState::quarantined : core::DeliveryState::refused;
        work_.delivery.reason = std::move(reason);
        return finish();
    }

    DeliveryEnd finish() {
        keep_frames();
        return end(journal_.finish(work_), DeliveryEnd::Kind::finished);
    }

    DeliveryWork& work_;
    const FieldMeter& meter_;
    const MeterDriver& driver_;
    MeterBus& bus_;
    DeliveryJournal& journal_;
    core::CreditRules credit_;
    PrepaidSettings settings_;
    MeterReadout present_;
    std::optional<MeterReadout> look_;
    bool price_unread_ = false;
    bool serial_unread_ = false;
    std::optional<bool> wrong_meter_;
};

}  // namespace

DeliveryEnd run_delivery(DeliveryWork& work, const FieldMeter& meter, MeterBus& bus,
                         DeliveryJournal& journal) {
    return Runner{work, meter, bus, journal}.run();
}

}  // namespace wutong::collector
