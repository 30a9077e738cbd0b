#!/usr/bin/env python3
"""A cashier's morning, by real keys, against the real server, collector and simulator.

Sign in, find, sell with at most nine keys, see it arrive on the meter itself, open an account, send a price to a floor, switch one
unit off, lose the server in the middle of a sale and get it back, lock. What the books and the simulated meters say in the end is
compared with what was done: nothing lost, nothing sold twice.
usage: cashier_morning.py [--short] [--system DIR]   (--short: the part that CI runs)
"""
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk import Desk, Failed, Steps, arguments, run, wait_for  # noqa: E402
from system import YUAN  # noqa: E402

KEYS_MAX = 9


class Morning:
    def __init__(self, desk):
        self.desk = desk
        self.ctl = desk.system.ctl(desk.folder / "ctl")
        self.ctl.run("sign-in", "admin", "--password-file", desk.system.var / "etc/admin.password")
        self.truth = desk.system.meters()
        self.client = desk.client(signed_in=False)
        self.sold = []   # (account number, e4)

    # ---- looking at the truth -----------------------------------------------------------------
    def meters(self):
        return self.ctl.run("meter", "list", "--limit", 1000)[0]["meters"]

    def with_account(self, count):
        """Prepaid meters with an account that answer, lowest balance first: they have room for more."""
        fit = [m for m in self.meters() if m["role"] == "prepaid" and int(m["account_id"]) and "balance_e4" in m["state"]
               and "SINGLE" not in m["profile"] and m["profile"] == "acrel-ddsy1352"]
        fit.sort(key=lambda m: int(m["state"]["balance_e4"]))
        # Whose opening is still on its way is no case for counting purchases.
        opened = []
        for meter in fit:
            if len(opened) < count and self.opened_on_meter(meter):
                opened.append(meter)
        if len(opened) < count:
            raise Failed(f"only {len(opened)} meters with an account that is open on the meter")
        return opened

    def opened_on_meter(self, meter):
        return self.truth.truth(meter["serial_number"])["prepaid_enabled"] and not self.desk.system.psql(
            f"select 1 from credit_delivery where meter_id = {int(meter['meter_id'])} and state in ('queued', 'sending', 'unknown')")

    def free(self, count):
        fit = [m for m in self.meters() if m["role"] == "prepaid" and not int(m["account_id"]) and m["profile"] == "acrel-ddsy1352" and m["unit_code"]]
        if len(fit) < count:
            raise Failed(f"only {len(fit)} free meters")
        return fit[:count]

    def purchases(self, meter):
        return int(self.truth.truth(meter["serial_number"])["purchase_number"])

    def sales_of(self, meter):
        rows = self.desk.system.psql(f"select amount_e4 from sale where meter_id = {int(meter['meter_id'])} and kind = 'sale' order by sale_id")
        return [int(row[0]) for row in rows]

    # ---- steps --------------------------------------------------------------------------------
    def sign_in(self):
        client = self.client
        client.wait("^Operator$", 30)
        wait_for("the focus in the first field", 10, lambda: client.value_of_focus() is not None)
        client.type("admin")
        client.key("Tab")
        client.type(self.desk.password())
        if any(self.desk.password() in text for text in client.texts()):
            raise Failed("the password can be read on the screen")
        client.key("Return")
        client.wait("Wall of meters", 30)
        client.wait(r"^All", 30)

    def open_sale(self):
        """Its first field has the focus when it is open."""
        self.client.key("ctrl+2", "F2")
        wait_for("the focus in Who", 20, lambda: (self.client.focus() or {}).get("hint") == "Unit, shop, account or meter")

    def sell(self, meter, amount, before=None, deliver=True):
        """From the sale page with the focus on Who. Returns the keys that it took."""
        client, unit = self.client, meter["unit_code"]
        booked, number = len(self.sales_of(meter)), self.purchases(meter)
        client.keys = 0
        client.type(unit)
        client.key("Return")
        client.type(str(amount))
        client.wait(rf"Sell ¥{amount}\.00 to ", 20)
        if before:
            before()
        client.key("F12")
        keys = client.keys
        if deliver:
            wait_for(f"the sale of {amount} to {unit} in the books", 30, lambda: len(self.sales_of(meter)) == booked + 1)
            wait_for(f"{amount} on the meter of {unit}", 120, lambda: self.purchases(meter) == number + 1)
            client.wait(r"Meter confirmed|Delivered", 60)
            if self.sales_of(meter)[-1] != amount * YUAN:
                raise Failed(f"sold {self.sales_of(meter)[-1]} instead of {amount * YUAN}")
        return keys

    def find_and_sell(self):
        client, meter = self.client, self.with_account(1)[0]
        self.open_sale()
        keys = self.sell(meter, 50)
        print(f"  keys for a sale to unit {meter['unit_code']}: {keys} (at most {KEYS_MAX})")
        if keys > KEYS_MAX:
            raise Failed(f"a sale took {keys} keys, at most {KEYS_MAX} are allowed")
        self.desk.display.screenshot(self.desk.pictures / "morning/sale.png")

    def type_ahead(self):
        """A quick cashier on a slow machine: keys that come while the page is busy mean what they say."""
        client, meter = self.client, self.with_account(1)[0]
        self.open_sale()
        client.type(meter["unit_code"])
        client.process.send_signal(signal.SIGSTOP)
        try:
            client.key("Return")
            client.type("5")
        finally:
            client.process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        client.type("0")
        client.wait(r"Sell ¥50\.00 to ", 10)
        client.key("Escape")

    def find_anything(self):
        client, meter = self.client, self.with_account(2)[1]
        client.key("ctrl+k")
        wait_for("the search has the focus", 10, lambda: client.value_of_focus() is not None)
        client.type(meter["code"])
        client.wait(re.escape(meter["code"]), 15)
        time.sleep(1)
        client.key("Escape")

    def open_account(self):
        client, meter = self.client, self.free(1)[0]
        client.key("ctrl+3")
        client.wait("^Accounts$")
        client.key("F3")
        client.wait("^Open account", 15)
        wait_for("the name has the focus", 10, lambda: client.value_of_focus() is not None)
        client.type("Morning Bakery")
        client.key("Tab")
        client.type("13900000001")
        field = wait_for("the field of the meter", 10, lambda: next((w for w in client.windows() if w.get("hint") == "Unit or meter"), None))
        client.click(field["rect"])
        client.type(meter["unit_code"])
        client.key("Return")
        client.wait("First purchase", 10)
        time.sleep(1)
        client.key("ctrl+Return")
        wait_for("the account in the books", 30, lambda: any(int(m["account_id"]) for m in self.meters() if m["meter_id"] == meter["meter_id"]))
        wait_for("the opening on the meter", 120, lambda: self.truth.truth(meter["serial_number"])["prepaid_enabled"])
        self.desk.display.screenshot(self.desk.pictures / "morning/opened.png")

    def batch_price(self):
        client = self.client
        client.key("ctrl+1")
        client.wait("Wall of meters")
        # On the wall: the keys are the canvas's when nothing else has them.
        client.key("ctrl+a")
        client.press(r"^Send a price")
        client.wait("Price of one kWh")
        client.type("1.0625")
        client.key("Return")
        client.press(r"^Send price ¥1\.0625 to ", 60, types="Button")
        wait_for("the price at some meters", 180, lambda: sum(1 for m in self.truth.all() if self.truth.truth(m["serial"]).get("price_e4") == 10625) >= 5)
        self.desk.display.screenshot(self.desk.pictures / "morning/batch.png")
        for _ in range(3):
            client.key("Escape")
            time.sleep(0.5)

    def switch_off(self):
        client, meter = self.client, self.with_account(3)[2]
        serial = meter["serial_number"]
        client.key("ctrl+1")
        client.wait("Wall of meters")
        client.type(meter["unit_code"])
        client.wait("Switch off…", 15)
        client.key("ctrl+d")
        client.wait("^Keep power on$", 20)
        self.desk.display.screenshot(self.desk.pictures / "morning/consequence.png")
        # The focus is on the way back: Enter must not cut anybody's power.
        client.key("Return")
        client.wait_gone("^Keep power on$", 10)
        time.sleep(3)
        if not self.truth.truth(serial)["relay_closed"]:
            raise Failed("Enter in the dialog switched the unit off, though the focus belongs on the way back")
        client.key("ctrl+d")
        client.wait("^Keep power on$", 20)
        client.press(rf"^Switch off {re.escape(meter['unit_code'])}$", types="Button")
        wait_for("the relay open", 90, lambda: not self.truth.truth(serial)["relay_closed"])

    def server_dies(self):
        client, meter = self.client, self.with_account(1)[0]
        system = self.desk.system
        self.open_sale()
        booked, number = len(self.sales_of(meter)), self.purchases(meter)
        self.sell(meter, 20, before=lambda: system.kill("server"), deliver=False)
        client.wait(r"No connection", 30)
        self.desk.display.screenshot(self.desk.pictures / "morning/offline.png")
        system.restart("server")
        client.wait_gone(r"^No connection since", 60)
        # Asked again by itself with the same request, or not sent at all and still on the page: then it is sold now.
        time.sleep(3)
        if len(self.sales_of(meter)) == booked and client.find(r"Sell ¥20\.00 to "):
            client.key("F12")
        wait_for("the sale in the books once", 60, lambda: len(self.sales_of(meter)) == booked + 1)
        wait_for("the sale on the meter", 120, lambda: self.purchases(meter) == number + 1)
        time.sleep(5)
        if len(self.sales_of(meter)) != booked + 1 or self.purchases(meter) != number + 1:
            raise Failed(f"sold {len(self.sales_of(meter)) - booked} times, on the meter {self.purchases(meter) - number} times; once was asked for")

    def lock(self):
        client = self.client
        self.open_sale()
        client.type("draft")
        client.key("F9")
        client.wait("^Unlock$", 10)
        self.desk.display.screenshot(self.desk.pictures / "morning/locked.png")
        client.type(self.desk.password())
        client.key("Return")
        client.wait("^Sell electricity$", 20)
        if "draft" not in client.texts():
            raise Failed("what was typed before the lock is gone")


def main():
    given = arguments(__doc__.splitlines()[0], short={"action": "store_true", "help": "sign in, sell, server killed and back, lock"})
    steps = Steps()
    with Desk(given) as desk:
        # Bought before the client starts, so that somebody can be sold to.
        morning = Morning(desk)
        prepare(morning)
        names = ["sign_in", "type_ahead", "find_and_sell", "server_dies", "lock"] if given.short else \
                ["sign_in", "find_anything", "type_ahead", "find_and_sell", "open_account", "batch_price", "switch_off", "server_dies", "lock"]
        for name in names:
            with steps.step(name.replace("_", " ")):
                getattr(morning, name)()
    steps.finish()


def prepare(morning):
    """At least four tenants whose meters answer."""
    def ready():
        return [m for m in morning.meters() if m["role"] == "prepaid" and int(m["account_id"]) and "balance_e4" in m["state"] and m["profile"] == "acrel-ddsy1352"]

    wait_for("meters that were read", 120, lambda: sum(1 for m in morning.meters() if "balance_e4" in m["state"]) > 20)
    missing = 4 - len(ready())
    for meter in morning.free(missing + 1)[:missing] if missing > 0 else []:
        morning.ctl.run("account", "open", "--meter", meter["serial_number"], "--customer", f"Tenant {meter['unit_code']}", "--first-purchase", "60", "--wait", 120)
    wait_for("four tenants", 120, lambda: sum(1 for m in ready()[:40] if morning.opened_on_meter(m)) >= 4)


if __name__ == "__main__":
    run(main)
