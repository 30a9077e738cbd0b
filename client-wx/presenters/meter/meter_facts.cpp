#include "client-wx/presenters/meter/meter_facts.hpp"

#include <wutong/v1/account_service.pb.h>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

std::string ago(std::optional<std::chrono::milliseconds> since) {
    return since ? client::fill(tr("{} ago"), age(*since)) : tr("never");
}

std::string stale_age(std::optional<std::chrono::milliseconds> since) {
    return since && *since > kFreshFor ? client::fill(tr("{} ago"), age(*since)) : std::string{};
}

std::string relay_words(const LiveMeter& meter) {
    if (!meter.relay_closed) {
        return kDash;
    }
    if (meter.commodity == Commodity::water) {
        return *meter.relay_closed ? tr("open") : tr("shut");
    }
    if (meter.forced) {
        return *meter.relay_closed ? tr("On, guaranteed") : tr("Off, by force");
    }
    return *meter.relay_closed ? tr("On") : tr("Off");
}

std::string relay_name(const LiveMeter& meter) {
    return meter.commodity == Commodity::water ? tr("Valve") : tr("Relay");
}

std::optional<std::int64_t> daily_cost_e4(const LiveMeter& meter) {
    if (!meter.daily_use_wh || !meter.price_e4 || *meter.daily_use_wh < 0 || *meter.price_e4 < 0) {
        return std::nullopt;
    }
    // Two figures of the server; absurd ones must not overflow.
    const auto cost =
        static_cast<double>(*meter.daily_use_wh) * static_cast<double>(*meter.price_e4) / 1000.0;
    return cost < 1e15 ? std::optional{static_cast<std::int64_t>(cost)} : std::nullopt;
}

std::string outlook_words(const LiveMeter& meter) {
    const auto cost = daily_cost_e4(meter);
    if (!meter.days_left || !cost) {
        return {};
    }
    if (*meter.days_left == 0) {
        return client::fill(tr("Less than a day left at {} a day"), money(*cost));
    }
    const auto left = static_cast<unsigned>(*meter.days_left);
    return client::fill(tr_n("About {0} day left at {1} a day", "About {0} days left at {1} a day", left),
                        count(left), money(*cost));
}

std::string grouped_serial(const std::string& serial) {
    if (serial.size() % 4 != 0 || serial.size() < 8 || serial.size() > 24) {
        return serial;
    }
    std::string grouped;
    for (std::size_t i = 0; i < serial.size(); i += 4) {
        grouped += (i == 0 ? "" : " ") + serial.substr(i, 4);
    }
    return grouped;
}

BalanceWords balance_words(const v1::MeterBalances& b) {
    BalanceWords words;
    words.ledger = client::fill(tr("Ledger {}"), money(b.ledger_e4()));
    const auto part = [&](const std::string& label, bool there, std::int64_t value, Ink ink = Ink::normal) {
        if (there && value != 0) {
            words.parts.push_back({label, money_change(value), ink});
        }
    };
    // Below a cent there is nothing anybody could do about it.
    const bool unexplained =
        b.has_unexplained_e4() && (b.unexplained_e4() >= 100 || b.unexplained_e4() <= -100);
    part(tr("On its way to the meter"), true, b.in_flight_e4());
    part(tr("Used, not booked yet"), b.has_use_not_booked_e4(), b.use_not_booked_e4());
    part(tr("Rounding below 0.01"), b.has_rounding_e4(), b.rounding_e4());
    if (unexplained) {
        part(tr("Unexplained"), true, b.unexplained_e4(), Ink::danger);
    }
    if (b.has_difference_e4() && (b.difference_e4() >= 100 || b.difference_e4() <= -100)) {
        words.difference = client::fill(unexplained ? tr("{} unexplained") : tr("{} explained"),
                                        money_change(unexplained ? b.unexplained_e4() : b.difference_e4()));
        words.ink = unexplained ? Ink::danger : Ink::faint;
    }
    return words;
}

}  // namespace wutong::client
