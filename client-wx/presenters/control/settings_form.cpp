#include "client-wx/presenters/control/settings_form.hpp"

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

// A kilowatt-hour for more than this is a slip of the finger.
constexpr std::int64_t kPriceMaxE4 = 100'0000;
constexpr std::int64_t kPowerMaxKw = 1000;

}  // namespace

SettingsForm::Checked SettingsForm::check_price() const {
    Checked checked;
    const auto e4 = parse_price(price);
    if (!e4 || *e4 <= 0) {
        checked.errors["price"] = tr("A price per kWh is needed, with at most four decimals, e.g. 1.0500.");
    } else if (*e4 > kPriceMaxE4) {
        checked.errors["price"] = tr("More than 100 a kWh is not taken; look at the decimal mark.");
    } else {
        CommandWish wish;
        wish.verb = CommandVerb::set_price;
        wish.price_e4 = *e4;
        checked.wish = wish;
    }
    return checked;
}

SettingsForm::Checked SettingsForm::check_limits() const {
    Checked checked;
    CommandWish wish;
    wish.verb = CommandVerb::set_settings;
    const auto amount = [&](const std::string& field, const std::string& typed,
                            std::optional<std::int64_t>& into) {
        if (typed.find_first_not_of(" \t") == std::string::npos) {
            return;
        }
        into = parse_money(typed);
        if (!into) {
            checked.errors[field] = tr("An amount like 40.00, or nothing to leave it as it is.");
        }
    };
    amount("alarm_1", alarm_1, wish.alarm_1_e4);
    amount("alarm_2", alarm_2, wish.alarm_2_e4);
    amount("overdraft", overdraft, wish.overdraft_e4);
    std::optional<std::int64_t> kilowatts_e4;
    amount("overload", overload_kw, kilowatts_e4);
    if (checked.errors.contains("overload")) {
        checked.errors["overload"] = tr("Kilowatts like 6 or 6.5, or nothing to leave it as it is.");
    } else if (kilowatts_e4) {
        if (*kilowatts_e4 <= 0 || *kilowatts_e4 > kPowerMaxKw * 10'000) {
            checked.errors["overload"] = tr("From 0.01 to 1000 kW.");
        } else {
            wish.overload_w = *kilowatts_e4 / 10;
        }
    }
    if (checked.errors.empty() && wish.alarm_1_e4 && wish.alarm_2_e4 && *wish.alarm_2_e4 > *wish.alarm_1_e4) {
        checked.errors["alarm_2"] = tr("Alarm 2 comes after alarm 1: its amount must not be larger.");
    }
    if (checked.errors.empty() && !wish.alarm_1_e4 && !wish.alarm_2_e4 && !wish.overdraft_e4 &&
        !wish.overload_w) {
        checked.errors["alarm_1"] = tr("Nothing is typed, so there is nothing to send.");
    }
    if (checked.errors.empty()) {
        checked.wish = wish;
    }
    return checked;
}

}  // namespace wutong::client
