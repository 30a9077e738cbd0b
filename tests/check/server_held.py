"""A step of check.py: a meter whose credit the server keeps, on the same bus as the others. It is charged by its readings, switched off
when the credit is gone, and on again with the payment; nothing of the money is ever written to it."""
import time

from system import YUAN, Failed, money, wait_for


def server_held(check):
    meter = check.take(profile="acrel-dtsy1352")
    serial = meter["serial_number"]
    check.meters.set(serial, load_w=0)
    check.ctl.run("held", "run", serial, "--reason", "check")

    def read():
        check.ctl.run("command", "send", "read_now", serial, "--wait", 30)
        return check.meters.truth(serial)

    before = read()
    account = check.ctl.run("account", "open", "--meter", serial, "--customer", "Held Ltd", "--first-purchase", "0.05",
                            "--price", "0.95", "--alarm-1", "0.03", "--alarm-2", "0.02")[0]["account"]
    if account["in_flight_e4"] != 0 or account["prepaid_credit_e4"] != 500:
        raise Failed(f"the first purchase is not credited at once: {account}")
    check.meters.set(serial, load_w=20_000)
    started = time.monotonic()
    truth = wait_for("the server switches it off", 120, lambda: (lambda t: t if not t["relay_closed"] else None)(read()))
    off = time.monotonic() - started
    if not truth["forced"] or truth["prepaid_enabled"] or truth["purchase_number"] != before["purchase_number"]:
        raise Failed(f"switched off otherwise than by the server: {truth}")
    used = truth["energy_wh"] - before["energy_wh"]
    shown = wait_for("the account is charged", 20, lambda: (lambda a: a if a["prepaid_credit_e4"] <= 0 else None)(
        check.ctl.run("account", "show", account["number"])[0]))
    if abs(shown["consumed_e4"] - used * 9_500 // 1_000) > YUAN // 2:
        raise Failed(f"{used} Wh were used, {money(shown['consumed_e4'])} charged")
    check.meters.set(serial, load_w=0)
    check.ctl.run("sell", serial, "30.00", "--wait", 30)
    wait_for("the relay closes", 30, lambda: check.meters.truth(serial)["relay_closed"])
    read()
    check.ctl.run("account", "close", account["number"], "--reason", "check")
    closed = check.ctl.run("account", "show", account["number"])[0]
    if closed["state"] != "closed" or closed["prepaid_credit_e4"] != 0 or not 25 * YUAN < closed["refund_payable_e4"] < 30 * YUAN + 500:
        raise Failed(f"after closing: {closed}")
    check.ctl.run("pay-refund", account["number"], money(closed["refund_payable_e4"] // 100 * 100))
    return f"0.05 at 20 kW: off after {off:.0f} s by the server, on with the payment, {money(closed['refund_payable_e4'])} left at the end"
