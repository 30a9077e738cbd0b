#include "client-wx/presenters/alarms/alarm_words.hpp"

#include "client-wx/text/translate.hpp"

namespace wutong::client {

AlarmWords alarm_words(const std::string& kind) {
    if (kind == "alarm_1") {
        return {tr("Alarm 1"), "alert-triangle", false};
    }
    if (kind == "alarm_2") {
        return {tr("Alarm 2"), "alert-triangle-filled", false};
    }
    if (kind == "arrears") {
        return {tr("Arrears, off"), "power", true};
    }
    if (kind == "lost_meter") {
        return {tr("Lost meter"), "question-mark", false};
    }
    if (kind == "lost_channel") {
        return {tr("Lost channel"), "plug-connected-x", true};
    }
    if (kind == "lost_gateway") {
        return {tr("Lost gateway"), "router-off", true};
    }
    if (kind == "overload") {
        return {tr("Overload"), "bolt", true};
    }
    if (kind == "fault") {
        return {tr("Meter fault"), "tool", true};
    }
    if (kind == "quarantine") {
        return {tr("Credit in question"), "coin-off", true};
    }
    if (kind == "foreign_write") {
        return {tr("Written by others"), "pencil-exclamation", true};
    }
    if (kind == "not_stored") {
        return {tr("Not stored"), "database", true};
    }
    if (kind == "price_unknown") {
        return {tr("Price unknown"), "percentage", true};
    }
    if (kind == "wrong_meter") {
        return {tr("Wrong meter"), "gauge", true};
    }
    if (kind == "ledger_difference") {
        return {tr("Ledger differs"), "scale", true};
    }
    if (kind == "balance_unexplained") {
        return {tr("Balance that nothing explains"), "scale", true};
    }
    if (kind == "not_charged") {
        return {tr("Can't be charged"), "calculator", true};
    }
    if (kind == "implausible") {
        return {tr("Register can't be"), "gauge", true};
    }
    if (kind == "cover_open") {
        return {tr("Meter cover opened"), "lock-open", true};
    }
    if (kind == "terminal_cover_open") {
        return {tr("Terminal cover opened"), "lock-open", true};
    }
    if (kind == "voltage_loss") {
        return {tr("Phase without voltage"), "bolt", true};
    }
    if (kind == "current_loss") {
        return {tr("Phase without current"), "bolt", false};
    }
    if (kind == "reverse_power") {
        return {tr("Power flows backwards"), "arrow-back-up", true};
    }
    if (kind == "relay_fault") {
        return {tr("Relay open, current flows"), "tool", true};
    }
    if (kind == "battery_low") {
        return {tr("Clock battery low"), "clock", false};
    }
    if (kind == "voltage_unbalance") {
        return {tr("Voltages unbalanced"), "scale", false};
    }
    if (kind == "current_unbalance") {
        return {tr("Currents unbalanced"), "scale", false};
    }
    if (kind == "phase_order") {
        return {tr("Phase order reversed"), "transfer", true};
    }
    if (kind == "messages_not_sent") {
        return {tr("Messages not sent"), "message", true};
    }
    if (kind == "clock_drift") {
        return {tr("Clock far off"), "clock-x", true};
    }
    return {kind, "bell", false};
}

}  // namespace wutong::client
