"""A price that comes from a tariff plan: assigned, brought to the meter, confirmed, told."""
import pathlib
import tempfile

from system import Failed, money, wait_for

WANTED = 10_500        # 1.05 per kWh


def price_changed(check):
    """@param check the running Check: its meters, its wutongctl"""
    meter = check.take(profile="acrel-ddsy1352")
    serial = meter["serial_number"]
    check.meters.set(serial, load_w=2000)
    check.open_account(meter, "30.00", "Tariff & Co.")
    held = check.meters.truth(serial)["price_e4"]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "flat.toml")
        file.write_text(f'prices = {{flat = "{money(WANTED)}"}}\n', encoding="utf-8")
        check.ctl.run("tariff", "check", file, "--from", "2026-01-01")
        placed = check.ctl.run("tariff", "place", "--file", file, serial)[0]["groups"][0]["placement"]
        plan = check.ctl.run("tariff", "create", "Check flat", file, "--from", "2026-01-01")[0]
    if placed != "downloaded":
        raise Failed(f"a flat plan would be {placed}")
    assigned = check.ctl.run("tariff", "assign", "Check flat", "--meter", serial)[0]
    if assigned["state"] != "in_force":
        raise Failed(f"the assignment of today is {assigned['state']}")
    wait_for("the meter has the plan's price", 90, lambda: check.meters.truth(serial)["price_e4"] == WANTED)
    wait_for("nothing is on its way any more", 30, lambda: not check.ctl.run("tariff", "downloads")[0].get("downloads"))
    change = check.ctl.run("tariff", "price-changes", "--meter", serial)[0]["changes"][0]
    if change["plan_id"] != plan["plan_id"] or change["from_price_e4"] != held or change["to_price_e4"] != WANTED:
        raise Failed(f"the change is told as {change}")
    sent = [c for c in check.ctl.run("command", "list", "--meter", serial)[0]["commands"] if c["kind"] == "set_price"]
    if len(sent) != 1:
        raise Failed(f"{len(sent)} price commands were made")
    month = assigned["effective_from"][:7]
    bill = check.ctl.run("tariff", "preview", serial, month, "--plan", "Check flat")[0]
    if bill.get("recheck"):
        raise Failed(f"the preview does not add up: {bill['recheck']}")
    late = change.get("late_wh")
    return (f"{money(held)} → {money(WANTED)} by one command, confirmed at {change['energy_at_confirm_wh']} Wh"
            + (f", {late} Wh at the old price ({money(change['difference_e4'])})" if late is not None else ""))
