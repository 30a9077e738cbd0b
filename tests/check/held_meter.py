"""A meter whose credit the server keeps: charged by steps that no meter knows, switched off when the credit is gone, and on again by a payment."""
import pathlib
import tempfile

from system import YUAN, Failed, money, wait_for

STEP_WH = 100
FIRST, ABOVE = 100_000, 400_000        # 10.00 and 40.00 per kWh, so that it shows within minutes
PLAN = f"""[[steps]]
up_to_wh = {STEP_WH}
prices = {{flat = "{FIRST // YUAN}"}}
[[steps]]
prices = {{flat = "{ABOVE // YUAN}"}}
"""


def cost_e4(used_wh):
    return (min(used_wh, STEP_WH) * FIRST + max(used_wh - STEP_WH, 0) * ABOVE) // 1_000


def held_meter(check):
    """@param check the running Check: its meters, its wutongctl"""
    meter = check.take(profile="acrel-dtsy1352")
    serial = meter["serial_number"]
    check.meters.set(serial, load_w=0)
    check.ctl.run("held", "run", serial, "--reason", "check")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "steps.toml")
        file.write_text(PLAN, encoding="utf-8")
        placed = check.ctl.run("tariff", "place", "--file", file, serial)[0]["groups"][0]["placement"]
        check.ctl.run("tariff", "create", "Check steps", file, "--from", "2026-01-01")
    if placed != "server_held":
        raise Failed(f"steps would be {placed}")
    check.ctl.run("tariff", "assign", "Check steps", "--meter", serial)
    account = check.ctl.run("account", "open", "--meter", serial, "--customer", "Held & Daughters", "--first-purchase", "3.00", "--wait", 60)[0]["account"]

    def credit():
        return check.ctl.run("account", "show", account["number"])[0]["prepaid_credit_e4"]

    if credit() != 3 * YUAN:
        raise Failed(f"3.00 paid, the books hold {money(credit())}")
    before = check.meters.truth(serial)
    check.meters.set(serial, load_w=20_000)

    def opened():
        check.ctl.run("command", "send", "read_now", serial, "--wait", 30)  # else it is read, and charged, every half hour
        truth = check.meters.truth(serial)
        return None if truth["relay_closed"] else truth

    off = wait_for("the server opens the relay", 120, opened)
    used_wh = off["energy_wh"] - before["energy_wh"]
    if off["purchase_number"] != before["purchase_number"] or off["balance_e4"] != before["balance_e4"]:
        raise Failed(f"credit went to the meter: {money(off['balance_e4'])}, number {off['purchase_number']}")
    check.ctl.run("command", "send", "read_now", serial, "--wait", 30)
    wait_for("all that was used is charged", 60, lambda: credit() == 3 * YUAN - cost_e4(used_wh))
    owed = -credit()
    if owed < 0:
        raise Failed(f"switched off with {money(-owed)} left")
    check.meters.set(serial, load_w=0)
    check.ctl.run("sell", serial, "50.00")
    wait_for("the relay closes again", 60, lambda: check.meters.truth(serial)["relay_closed"])
    if credit() != 50 * YUAN - owed:
        raise Failed(f"50.00 on {money(-owed)} owed make {money(credit())}")
    return f"3.00 gone after {used_wh} Wh ({STEP_WH} at {money(FIRST)}, the rest at {money(ABOVE)}), relay opened with {money(-owed)}; 50.00 closes it, nothing of it went to the meter"
