#include "client-wx/presenters/operators/operator_words.hpp"

#include "client-wx/text/translate.hpp"

namespace wutong::client {

std::string role_words(const std::string& code) {
    return code == "administrator" ? tr("Administrator")
           : code == "manager"     ? tr("Manager")
           : code == "cashier"     ? tr("Cashier")
           : code == "viewer"      ? tr("Viewer")
           : code == "kiosk"       ? tr("Kiosk")
                                   : code;
}

std::string permission_words(const std::string& permission) {
    const auto is = [&](const char* one) { return permission == one; };
    return is("*")                 ? tr("Everything")
           : is("site.read")       ? tr("See buildings and units")
           : is("site.write")      ? tr("Change buildings and units")
           : is("device.read")     ? tr("See meters and gateways")
           : is("device.write")    ? tr("Change meters and gateways")
           : is("account.read")    ? tr("See accounts")
           : is("account.write")   ? tr("Open and close accounts")
           : is("sale.read")       ? tr("See sales")
           : is("sale.write")      ? tr("Sell electricity")
           : is("sale.refund")     ? tr("Refund")
           : is("sale.settle")     ? tr("Settle credit in question")
           : is("control.read")    ? tr("See commands")
           : is("control.write")   ? tr("Send commands, acknowledge alarms")
           : is("reading.read")    ? tr("See readings and alarms")
           : is("parameter.read")  ? tr("See parameters")
           : is("parameter.write") ? tr("Change parameters")
           : is("log.read")        ? tr("See the operation log")
           : is("ledger.read")     ? tr("See the ledger")
           : is("tariff.read")     ? tr("See tariffs")
           : is("tariff.write")    ? tr("Change tariffs")
           : is("tariff.assign")   ? tr("Assign tariffs")
           : is("ledger.prove")    ? tr("Take balance proofs")
           : is("operator.read")   ? tr("See operators")
           : is("operator.write")  ? tr("Change operators")
           : is("kiosk.read")      ? tr("See kiosks")
           : is("kiosk.write")     ? tr("Set up kiosks")
           : is("point.read")      ? tr("See vending points")
           : is("point.write")     ? tr("Change vending points")
           : is("shift.work")      ? tr("Work a cashier's shift")
           : is("shift.manage")    ? tr("See and close the shifts of others")
                                   : permission;
}

std::string action_words(const std::string& action) {
    const auto is = [&](const char* one) { return action == one; };
    return is("account.add_meter")         ? tr("Meter added to account")
           : is("account.close")           ? tr("Account closed")
           : is("account.open")            ? tr("Account opened")
           : is("alarm.acknowledge")       ? tr("Alarm acknowledged")
           : is("building.create")         ? tr("Building added")
           : is("channel.create")          ? tr("Channel added")
           : is("channel.update")          ? tr("Channel changed")
           : is("command.cancel")          ? tr("Command cancelled")
           : is("command.send")            ? tr("Command sent")
           : is("customer.update")         ? tr("Customer changed")
           : is("delivery.settle")         ? tr("Credit in question settled")
           : is("device.import")           ? tr("Devices imported")
           : is("floor.create")            ? tr("Floor added")
           : is("gateway.create")          ? tr("Gateway added")
           : is("meter.create")            ? tr("Meter added")
           : is("meter.update")            ? tr("Meter changed")
           : is("operator.create")         ? tr("Operator added")
           : is("operator.update")         ? tr("Operator changed")
           : is("parameter.set")           ? tr("Parameters changed")
           : is("property.create")         ? tr("Property added")
           : is("sale.pay_refund")         ? tr("Refund paid out")
           : is("sale.refund")             ? tr("Refund")
           : is("sale.sell")               ? tr("Electricity sold")
           : is("session.sign_in")         ? tr("Signed in")
           : is("session.sign_in_failed")  ? tr("Wrong password")
           : is("session.lock_out")        ? tr("Locked out")
           : is("session.sign_out")        ? tr("Signed out")
           : is("session.change_password") ? tr("Own password changed")
           : is("unit.create")             ? tr("Unit added")
           : is("account.set_pin")         ? tr("Kiosk PIN set")
           : is("account.remove_pin")      ? tr("Kiosk PIN removed")
           : is("tariff.create")           ? tr("Tariff plan made")
           : is("tariff.version")          ? tr("Tariff version made")
           : is("tariff.assign")           ? tr("Tariff plan assigned")
           : is("tariff.retire")           ? tr("Tariff plan retired")
           : is("balances.prove")          ? tr("Balances proven")
           : is("delivery.propose")        ? tr("Settlement of credit in question proposed")
           : is("kiosk.activate")          ? tr("Kiosk activated")
           : is("kiosk.register")          ? tr("Kiosk registered")
           : is("kiosk.revoke")            ? tr("Kiosk revoked")
           : is("point.create")            ? tr("Vending point added")
           : is("point.limit")             ? tr("Limit at a vending point set")
           : is("point.update")            ? tr("Vending point changed")
           : is("sale.reprint")            ? tr("Receipt printed again")
           : is("sale.reverse")            ? tr("Sale taken back")
           : is("sale.withdraw")           ? tr("Unsent sale withdrawn")
           : is("shift.open")              ? tr("Shift opened")
           : is("shift.close")             ? tr("Shift closed")
           : is("shift.pay_in")            ? tr("Paid into the drawer")
           : is("shift.pay_out")           ? tr("Taken out of the drawer")
                                           : action;
}

}  // namespace wutong::client
