#include "client-wx/presenters/parameters/parameter_words.hpp"

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

ParameterWords parameter_words(const std::string& key, const std::string& meaning, const std::string& unit) {
    const auto is = [&](const char* one) { return key == one; };
    if (is("price_e4")) {
        return {tr("Price of a kilowatt-hour"), tr("For meters without a price of their own"),
                currency_sign() + tr(" per kWh")};
    }
    if (is("water_price_e4")) {
        return {tr("Price of a cubic metre of water"), tr("For water meters without a price of their own"),
                currency_sign() + tr(" per m³")};
    }
    if (is("alarm_1_e4")) {
        return {tr("Alarm 1 at"), tr("First warning when the balance falls to this; 0: none"),
                currency_sign()};
    }
    if (is("alarm_2_e4")) {
        return {tr("Alarm 2 at"), tr("Second warning, below the first; 0: none"), currency_sign()};
    }
    if (is("overdraft_e4")) {
        return {tr("Overdraft"), tr("Debt that is allowed before the meter switches off"), currency_sign()};
    }
    if (is("balance_max_e4")) {
        return {tr("A meter holds at most"), tr("Sales that would go above are refused; 0: no limit"),
                currency_sign()};
    }
    if (is("overload_w")) {
        return {tr("Switches off above"), tr("Load at which a meter switches off by itself; 0: never"), "W"};
    }
    if (is("state_interval_s")) {
        return {tr("State and balance every"), tr("How fresh the wall of meters is"), "s"};
    }
    if (is("reading_interval_s")) {
        return {tr("Whole readings every"), tr("Energy, power and voltages for charts and reports"), "s"};
    }
    if (is("lost_after_s")) {
        return {tr("Lost after"), tr("Without an answer for so long a meter counts as lost"), "s"};
    }
    if (is("voltage_unbalance_pct")) {
        return {tr("Voltages are unbalanced from"),
                tr("So far from the mean of three phases, until half of it; 0: not watched"), "%"};
    }
    if (is("current_unbalance_pct")) {
        return {tr("Currents are unbalanced from"), tr("The same, from 5 A on; 0: not watched"), "%"};
    }
    if (is("command_expiry_s")) {
        return {tr("Commands expire after"), tr("What was not sent by then is not sent any more"), "s"};
    }
    if (is("close_switches_off")) {
        return {tr("Closing switches off"), tr("The meters of a closed account are switched off"), ""};
    }
    if (is("alarm_phone")) {
        return {tr("Telephone for alarms"), tr("Whom to call; digits, + - and spaces"), ""};
    }
    if (is("shift_required")) {
        return {tr("Money needs a shift"), tr("Sold and paid out in an open cashier's shift only"), ""};
    }
    if (is("settle_persons")) {
        return {tr("Credit in question is settled by"), tr("Operators who have to say the same: 1 or 2"), ""};
    }
    if (is("proof_hour")) {
        return {tr("Two balances are proven at"), tr("Hour of the night, in the property's time zone"), "h"};
    }
    if (is("quiet_from_min")) {
        return {tr("No switching off from"), tr("Minute of the day; for meters that the server charges"),
                "min"};
    }
    if (is("quiet_to_min")) {
        return {tr("No switching off until"), tr("The same minute as before: no quiet hours"), "min"};
    }
    if (is("held_stale_s")) {
        return {tr("Readings are too old after"), tr("With older ones the server switches nobody off"), "s"};
    }
    if (is("message_quiet_from_min")) {
        return {tr("No warnings to tenants from"), tr("Minute of the day; they wait until it is over"),
                "min"};
    }
    if (is("message_quiet_to_min")) {
        return {tr("No warnings to tenants until"), tr("The same minute as before: at any hour"), "min"};
    }
    if (is("message_keep_days")) {
        return {tr("Messages are kept for"), tr("Then those that are over are forgotten; 0: never"),
                tr("days")};
    }
    if (is("alert_phone")) {
        return {tr("Alarms by SMS to"), tr("With the country's number: +8613800138000"), ""};
    }
    if (is("alert_email")) {
        return {tr("Alarms by e-mail to"), tr("One address; empty: none"), ""};
    }
    if (is("alert_language")) {
        return {tr("Language of these alarms"), tr("zh or en"), ""};
    }
    if (is("kiosk_pay_where_zh")) {
        return {tr("Where tenants pay, in Chinese"), tr("As the kiosk says it"), ""};
    }
    if (is("kiosk_pay_where_en")) {
        return {tr("Where tenants pay, in English"), tr("As the kiosk says it"), ""};
    }
    if (is("kiosk_pay_hours")) {
        return {tr("When they can pay"), tr("As the kiosk says it, such as 08:00–20:00"), ""};
    }
    if (is("kiosk_language")) {
        return {tr("Language that a kiosk begins with"), tr("zh or en"), ""};
    }
    return {key, meaning, unit};
}

}  // namespace wutong::client
