#!/usr/bin/env python3
"""The whole main job, without a display: import, read, open, sell, refund, a cashier's shift, switch, run out, close, exchange a meter, lose a meter, kill the collector, charge a meter by the server.

What "the meter" says comes from the simulator's control port, never from our own database. Prints a table, one line per
step with its time and verdict; the exit status is 0 only if all hold. Python's standard library only.
"""
import argparse
import pathlib
import subprocess
import sys
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from price_change import price_changed  # noqa: E402
from account_steps import AccountSteps  # noqa: E402
from held_meter import held_meter  # noqa: E402
from system import QUANTUM, YUAN, Ctl, Failed, Meters, System, money, parse_time, wait_for  # noqa: E402

PRICE = 9_500          # 0.95 per kWh

class Check(AccountSteps):
    def __init__(self, options):
        self.system = System(options.var, options.bin)
        self.meters = Meters(options.control)
        self.ctl = Ctl(str(pathlib.Path(options.bin, "wutongctl")), options.server, str(pathlib.Path(options.var, "check-ctl")), self.system.fingerprint())
        self.listed = []
        self.writes = 0            # money writes that this check caused, each may drop less than one quantum
        self.account = None
        self.serial = None

    # ---- helpers --------------------------------------------------------------------------------
    def list_meters(self):
        rows, after = [], ""
        while True:
            words = ["meter", "list", "--limit", 1000] + (["--after", after] if after else [])
            page = self.ctl.run(*words)[0]
            rows += page["meters"]
            after = page.get("next_page_token", "")
            if not after:
                return rows

    def meter(self, serial):
        return self.ctl.run("meter", "show", serial)[0]

    def free_meters(self, profile=None, channel=None):
        return [m for m in self.listed if m["role"] == "prepaid" and not m["account_id"]
                and (profile is None or m["profile"] == profile) and (channel is None or m["channel_code"] == channel)]

    def take(self, **which):
        found = self.free_meters(**which)
        if not found:
            raise Failed(f"no free meter for {which}")
        meter = found[0]
        self.listed.remove(meter)
        return meter

    def open_account(self, meter, first, customer, wait=90):
        lines = self.ctl.run("account", "open", "--meter", meter["serial_number"], "--customer", customer, "--first-purchase", first,
                             "--price", money(PRICE), "--alarm-1", "20", "--alarm-2", "5", "--wait", wait)
        self.writes += 1
        return lines[0]["account"]

    def sell(self, serial, amount, wait=90):
        lines = self.ctl.run("sell", serial, amount, "--wait", wait)
        self.writes += 1
        return lines[-1]

    # ---- steps ----------------------------------------------------------------------------------
    def sign_in(self):
        who = self.ctl.run("sign-in", "admin", "--password-file", self.system.var / "etc/admin.password")[-1]
        return f"as {who['operator']}, server {who['server_version']}"

    def parameters_set(self):
        """Shorter than the defaults, so that what depends on them shows within minutes; also proof that they are obeyed."""
        self.ctl.run("parameter", "set", "state_interval_s=20", "lost_after_s=60")
        answer = self.ctl.run("parameter", "set", "state_interval_s=soon", expect=1)[-1]
        if "state_interval_s" not in answer["error"]:
            raise Failed(f"a wrong value is answered with {answer}")
        return "state every 20 s, lost after 60 s; a wrong value is refused by name"

    def import_building(self):
        files = [self.system.var / "sim/import.toml", self.system.var / "sim/meters.csv"]
        done = self.ctl.run("import", *files)[0]
        again = self.ctl.run("import", *files)[0]
        if again["meters"] != 0 or again["unchanged"] == 0:
            raise Failed(f"a second import is not without effect: {again}")
        self.listed = self.list_meters()
        prepaid = [m for m in self.listed if m["role"] == "prepaid"]
        if len(prepaid) < 120 or len(self.listed) != len(self.meters.all()):
            raise Failed(f"{len(prepaid)} prepaid of {len(self.listed)} meters, the simulator has {len(self.meters.all())}")
        return f"{len(self.listed)} meters ({len(prepaid)} prepaid), new now: {done['meters']}; imported again: nothing changes"

    def every_meter_read(self):
        started = time.time()

        def all_read():
            rows = self.list_meters()
            self.listed = rows
            return all("answered_at" in m["state"] for m in rows)

        wait_for("every meter read once", 180, all_read)
        worst = 0
        for row in self.listed[::17]:
            truth = self.meters.truth(row["serial_number"])
            worst = max(worst, abs(truth["energy_wh"] - row["state"]["energy_wh"]))
            if row["role"] == "prepaid" and truth["purchase_number"] != row["state"]["purchase_number"]:
                raise Failed(f"meter {row['code']}: purchase number {row['state']['purchase_number']}, the meter has {truth['purchase_number']}")
        if worst > 2_000:
            raise Failed(f"a register differs by {worst} Wh from the meter's")
        return f"{len(self.listed)} of {len(self.listed)} in {time.time() - started:.0f} s, registers agree with the meters"

    def account_opened(self):
        meter = self.take(profile="acrel-ddsy1352")
        self.serial = meter["serial_number"]
        self.meters.set(self.serial, load_w=3000)
        self.account = self.open_account(meter, "50.00", "Check & Sons")
        truth = self.meters.truth(self.serial)
        wrong = [f"{key} is {truth[key]}" for key, value in
                 {"prepaid_enabled": True, "purchase_number": 1, "price_e4": PRICE, "alarm_1_e4": 20 * YUAN, "alarm_2_e4": 5 * YUAN, "relay_closed": True}.items()
                 if truth[key] != value]
        if not 49 * YUAN < truth["balance_e4"] <= 50 * YUAN:
            wrong.append(f"balance is {money(truth['balance_e4'])}")
        if wrong:
            raise Failed("on the meter: " + ", ".join(wrong))
        return f"{self.account['number']} on meter {meter['code']}: number 1, balance {money(truth['balance_e4'])}, price {money(PRICE)}"

    def sold_100(self):
        before = self.meters.truth(self.serial)
        last = self.sell(self.serial, "100.00")
        after = self.meters.truth(self.serial)
        used_e4 = (after["cost_e10"] - before["cost_e10"]) / 1_000_000
        gap = (after["balance_e10"] - before["balance_e10"]) / 1_000_000 + used_e4 - 100 * YUAN
        by_energy = (after["energy_mwh"] - before["energy_mwh"]) / 1_000_000 * PRICE
        if abs(by_energy - used_e4) > 1:
            raise Failed(f"the meter charged {used_e4 / YUAN:.6f}, price × energy is {by_energy / YUAN:.6f}")
        if after["purchase_number"] != before["purchase_number"] + 1:
            raise Failed(f"purchase number {before['purchase_number']} → {after['purchase_number']}")
        if abs(gap) > QUANTUM:
            raise Failed(f"after − before + price × used − 100.00 = {gap / YUAN:.6f}")
        took = last["finished_at"]
        return (f"{money(before['balance_e4'])} → {money(after['balance_e4'])}, used {by_energy / YUAN:.6f}, remainder {gap / YUAN:+.6f} (≤ 0.01), "
                f"number {before['purchase_number']} → {after['purchase_number']}, confirmed {took}")

    def bad_sales_refused(self):
        before = self.meters.truth(self.serial)
        balance = self.ctl.run("ledger", "balance")[0]
        for amount, reason in (("-5", "amount_not_positive"), ("0", "amount_not_positive"), ("0.005", "amount_not_multiple_of_quantum"),
                               ("99999999", "amount_above_limit")):
            answer = self.ctl.run("sell", "--account", self.account["number"], self.serial, "--", amount, expect=1)[-1]
            if answer.get("reason") != reason:
                raise Failed(f"selling {amount}: {answer}")
        after = self.meters.truth(self.serial)
        again = self.ctl.run("ledger", "balance")[0]
        if again["sold_e4"] != balance["sold_e4"] or after["purchase_number"] != before["purchase_number"]:
            raise Failed("a refused sale changed something")
        return "−5, 0, 0.005 and 99 999 999 refused by name, nothing changed"

    def sold_in_a_shift(self):
        self.ctl.run("point", "add", "CHECK", "--name", "Check", "--sale-max", "50")
        shift = self.ctl.run("shift", "open", "CHECK", "--float", "100")[0]
        answer = self.ctl.run("sell", self.serial, "50.01", expect=1)[-1]
        if answer.get("reason") != "above_point_sale_limit":
            raise Failed(f"a sale above the point's limit: {answer}")
        receipt = self.ctl.run("sell", self.serial, "20.00", "--wait", 60)[0]
        self.writes += 1
        if receipt["receipt_number"] != "CHECK-00000001" or receipt["shift_id"] != shift["shift_id"]:
            raise Failed(f"the first receipt of the point is {receipt['receipt_number']}, shift {receipt.get('shift_id')}")
        return f"50.01 refused by the point's limit, 20.00 on receipt {receipt['receipt_number']}"

    def sale_taken_back(self):
        before = self.meters.truth(self.serial)
        self.ctl.run("sale", "reverse", "CHECK-00000001", "--reason", "check", "--wait", 60)
        self.writes += 1
        after = self.meters.truth(self.serial)
        used_e4 = (after["cost_e10"] - before["cost_e10"]) / 1_000_000
        gap = (after["balance_e10"] - before["balance_e10"]) / 1_000_000 + used_e4 + 20 * YUAN
        if abs(gap) > QUANTUM or after["purchase_number"] != before["purchase_number"] + 1:
            raise Failed(f"20.00 were to come off: off by {gap / YUAN:.6f}, number {before['purchase_number']} → {after['purchase_number']}")
        again = self.ctl.run("sale", "reverse", "CHECK-00000001", "--reason", "check", expect=1)[-1]
        if again.get("reason") != "reversed_already":
            raise Failed(f"taken back twice: {again}")
        return f"20.00 off the meter ({money(before['balance_e4'])} → {money(after['balance_e4'])}), a second time refused"

    def refunded(self):
        before = self.meters.truth(self.serial)
        self.ctl.run("refund", self.serial, "5.00", "--reason", "check", "--wait", 60)
        self.writes += 1
        after = self.meters.truth(self.serial)
        used_e4 = (after["cost_e10"] - before["cost_e10"]) / 1_000_000
        gap = (after["balance_e10"] - before["balance_e10"]) / 1_000_000 + used_e4 + 5 * YUAN
        if abs(gap) > QUANTUM:
            raise Failed(f"5.00 were to come off, off by {gap / YUAN:.6f}")
        paid = self.ctl.run("pay-refund", self.account["number"], "5.00")[0]
        if paid["still_payable_e4"] != 0:
            raise Failed(f"still payable: {money(paid['still_payable_e4'])}")
        return f"5.00 off the meter ({money(before['balance_e4'])} → {money(after['balance_e4'])}), paid out"

    def shift_counted(self):
        answer = self.ctl.run("shift", "close", expect=1)[-1]
        if answer.get("reason") != "count_missing":
            raise Failed(f"closed without a count: {answer}")
        shift = self.ctl.run("shift", "close", "--cash", "94.50")[0]
        drawer = shift["drawers"][0]
        if drawer["expected_e4"] != 95 * YUAN or shift["difference_e4"] != -YUAN // 2:
            raise Failed(f"100 + 20 − 20 − 5 = 95.00 expected, the shift says {shift}")
        lines = {line["account"]: line["balance_e4"] for line in self.ctl.run("ledger", "balance")[0]["lines"]}
        if lines.get("cash_difference") != YUAN // 2:
            raise Failed(f"the difference is not in the books: {lines}")
        return "95.00 expected, 94.50 counted, 0.50 short and booked"

    def statement_adds_up(self):
        wait_for("everything is sealed", 20, lambda: self.ctl.run("ledger", "balance")[0]["unsealed"] == 0)
        file = self.system.var / "statement.xlsx"
        paper = self.ctl.run("account", "statement", self.account["number"], "--xlsx", file)[0]
        with zipfile.ZipFile(file) as book:
            cells = book.read("xl/worksheets/sheet1.xml").decode()
        if f"<v>{paper['closing_balance_e4'] / YUAN:.16g}</v>" not in cells:
            raise Failed("the closing balance is not in the file")
        balance = paper["opening_balance_e4"]
        for line in paper["lines"]:
            balance += line["change_e4"]
            if balance != line["balance_e4"]:
                raise Failed(f"entry {line['entry_id']}: {money(line['balance_e4'])}, but the sum is {money(balance)}")
        if balance != paper["closing_balance_e4"] or paper["paid_in_e4"] != 170 * YUAN or paper["paid_out_e4"] != 25 * YUAN:
            raise Failed(f"closing {money(paper['closing_balance_e4'])}, sum {money(balance)}, paid in {money(paper['paid_in_e4'])}, out {money(paper['paid_out_e4'])}")
        if len(paper.get("sealed_hash", "")) != 64:
            raise Failed(f"no hash: {paper.get('sealed_hash')}")
        return f"{len(paper['lines'])} entries from {money(paper['opening_balance_e4'])} to {money(balance)}, sealed at position {paper['sealed_position']}"

    def switched_off(self):
        started = time.monotonic()
        self.ctl.run("command", "send", "switch_off", self.serial, "--wait", 30)
        took = time.monotonic() - started
        truth = self.meters.truth(self.serial)
        if truth["relay_closed"] or not truth["forced"]:
            raise Failed(f"the relay is {'closed' if truth['relay_closed'] else 'open'}, forced {truth['forced']}")
        return f"relay open on the meter, call to verdict {took:.2f} s"

    def restored(self):
        self.ctl.run("command", "send", "restore_prepaid", self.serial, "--wait", 30)
        truth = wait_for("the relay closes", 10, lambda: (lambda t: t if t["relay_closed"] and not t["forced"] else None)(self.meters.truth(self.serial)))
        return f"relay closed, prepaid logic in force, balance {money(truth['balance_e4'])}"

    def runs_out(self):
        meter = self.take(profile="acrel-dtsy1352")
        self.out = meter["serial_number"]
        self.meters.set(self.out, load_w=0)
        self.out_account = self.open_account(meter, "0.05", "Runs Out Ltd")
        self.meters.set(self.out, load_w=20_000)
        started = time.monotonic()
        truth = wait_for("the meter trips by itself", 120, lambda: (lambda t: t if not t["relay_closed"] else None)(self.meters.truth(self.out)))
        trip = time.monotonic() - started
        if truth["forced"] or truth["balance_e4"] > 0:
            raise Failed(f"tripped with balance {money(truth['balance_e4'])}, forced {truth['forced']}")
        wait_for("the wall shows arrears", 180, lambda: self.meter(self.out)["state"]["status"] == "arrears")
        return f"0.05 at 20 kW: relay open after {trip:.1f} s, shown as arrears {time.monotonic() - started - trip:.0f} s later"

    def recharged(self):
        self.meters.set(self.out, load_w=500)
        self.sell(self.out, "30.00")
        truth = wait_for("the relay closes", 10, lambda: (lambda t: t if t["relay_closed"] else None)(self.meters.truth(self.out)))
        return f"balance {money(truth['balance_e4'])}, relay closed"

    def account_closed(self):
        self.ctl.run("account", "close", self.out_account["number"], "--reason", "check", "--wait", 90)
        truth = self.meters.truth(self.out)
        account = wait_for("the account is closed", 20, lambda: (lambda a: a if a["state"] == "closed" else None)(
            self.ctl.run("account", "show", self.out_account["number"])[0]))
        if truth["balance_e4"] != 0 or truth["prepaid_enabled"]:
            raise Failed(f"the meter still has {money(truth['balance_e4'])}, prepaid {truth['prepaid_enabled']}")
        payable = account["refund_payable_e4"]
        if payable <= 0 or account["in_flight_e4"] != 0:
            raise Failed(f"payable {money(payable)}, in flight {money(account['in_flight_e4'])}")
        self.ctl.run("pay-refund", self.out_account["number"], money(payable))
        answer = self.ctl.run("sell", self.out, "10", "--account", self.out_account["number"], expect=1)[-1]
        if answer.get("reason") != "account_closed":
            raise Failed(f"a sale to the closed account: {answer}")
        return f"meter cleared, {money(payable)} paid back, a sale to it is refused"

    def sums_hold(self):
        ledger = self.ctl.run("ledger", "balance")[0]
        truth = self.meters.sums()
        left = (truth["balance_e10"] + truth["cost_e10"]) / 1_000_000 + ledger["in_flight_e4"]
        right = ledger["sold_e4"] - ledger["refunded_e4"]
        allowed = self.writes * QUANTUM
        if ledger["sum_e4"] != 0:
            raise Failed(f"the journal sums to {ledger['sum_e4']}")
        if abs(left - right) > allowed:
            raise Failed(f"on meters + consumed + in flight = {left / YUAN:.6f}, sold − refunded = {right / YUAN:.6f}")
        wait_for("everything is sealed", 20, lambda: self.ctl.run("ledger", "balance")[0]["unsealed"] == 0)
        verdict = self.ctl.run("ledger", "verify")[-1]
        if not verdict.get("intact"):
            raise Failed(f"verify: {verdict}")
        return (f"{left / YUAN:.4f} against {right / YUAN:.4f} (remainders of {self.writes} writes {(left - right) / YUAN:+.6f}), "
                f"{verdict['checked']} entries intact")

    def dead_meter(self):
        victim = self.take(profile="acrel-ddsy1352")
        channel = victim["channel_code"]
        rows = [c for c in self.ctl.run("channel", "list")[0]["channels"] if c["code"] == channel]
        before = rows[0]["round_ms"]
        lost_after = int({p["key"]: p["value"] for p in self.ctl.run("parameter", "list")[0]["parameters"]}["lost_after_s"])

        def oldest():
            now = time.time()
            return max(now - parse_time(m["state"]["answered_at"]) for m in self.list_meters()
                       if m["channel_code"] == channel and m["serial_number"] != victim["serial_number"])

        base = max(oldest() for _ in range(5))
        self.meters.set(victim["serial_number"], dead=True)
        started = time.monotonic()
        worst = 0.0

        def lost():
            nonlocal worst
            worst = max(worst, oldest())
            return self.meter(victim["serial_number"])["state"]["status"] == "lost"

        wait_for("the dead meter is shown as lost", lost_after + 90, lost)
        took = time.monotonic() - started
        for _ in range(10):
            worst = max(worst, oldest())
            time.sleep(1)
        interval = int({p["key"]: p["value"] for p in self.ctl.run("parameter", "list")[0]["parameters"]}["state_interval_s"])
        if worst > max(base, interval) + 10:
            raise Failed(f"the others on {channel} got {worst:.0f} s old, before {base:.0f} s")
        self.meters.set(victim["serial_number"], dead=False)
        wait_for("the meter comes back by itself", 120, lambda: self.meter(victim["serial_number"])["state"]["status"] != "lost")
        after = [c for c in self.ctl.run("channel", "list")[0]["channels"] if c["code"] == channel][0]["round_ms"]
        return f"lost after {took:.0f} s (set: {lost_after} s), others at most {worst:.0f} s old (state every {interval} s), round {before} → {after} ms, back by itself"

    def collector_killed(self):
        meter = self.take(profile="acrel-ddsy1352")
        serial = meter["serial_number"]
        self.meters.set(serial, load_w=800)
        self.open_account(meter, "10.00", "Kill Nine Co.")
        before = self.meters.truth(serial)
        # The meter takes the top-up and its answer never comes: the collector dies not knowing.
        self.meters.fault(target=f"meter:{serial}", kind="power_cut_after_write", function=32, count=1, delay_ms=4000)
        receipt = self.ctl.run("sell", serial, "25.00")[-1]
        self.writes += 1
        delivery = receipt["delivery_id"]
        state = wait_for("the delivery is in flight", 60, lambda: (lambda d: d["state"] if d["state"] in ("sending", "unknown") else None)(
            self.ctl.run("delivery", "show", delivery)[0]))
        self.system.kill("collector")
        time.sleep(1)
        self.system.restart("collector")
        self.ctl.run("delivery", "watch", delivery, "--wait", 120)
        self.meters.no_faults()
        after = self.meters.truth(serial)
        used = (after["cost_e10"] - before["cost_e10"]) / 1_000_000
        gap = (after["balance_e10"] - before["balance_e10"]) / 1_000_000 + used - 25 * YUAN
        number = after["purchase_number"]
        if number != before["purchase_number"] + 1 or abs(gap) > QUANTUM:
            raise Failed(f"number {before['purchase_number']} → {number}, off by {gap / YUAN:.6f}")
        writes = [w for w in after["writes"] if w.get("purchase_number") == number]
        entries = self.ctl.run("account", "entries", self.meter(serial)["account_number"])[0]["entries"]
        booked = sum(1 for e in entries if e["kind"] == "delivery" and any(abs(p["amount_e4"]) == 25 * YUAN for p in e["postings"]))
        if booked != 1:
            raise Failed(f"booked {booked} times")
        return f"killed while {state}; number {before['purchase_number']} → {number}, {len(writes)} write on the meter, booked once"

    # ---- all ------------------------------------------------------------------------------------
    def run(self):
        steps = [("signed in", self.sign_in), ("parameters set", self.parameters_set), ("building imported", self.import_building), ("every meter read", self.every_meter_read),
                 ("account opened, on the meter too", self.account_opened), ("100.00 sold", self.sold_100),
                 ("bad amounts refused", self.bad_sales_refused), ("sold in a cashier's shift", self.sold_in_a_shift),
                 ("sale taken back", self.sale_taken_back), ("refunded and paid out", self.refunded), ("shift counted", self.shift_counted),
                 ("price of a tariff on the meter", lambda: price_changed(self)), ("statement adds up", self.statement_adds_up), ("switched off", self.switched_off), ("restored", self.restored),
                 ("runs out and trips by itself", self.runs_out), ("recharged and closes", self.recharged),
                 ("account closed, meter cleared", self.account_closed), *self.account_steps(),
                 ("money adds up, ledger verifies", self.sums_hold), ("one meter dead", self.dead_meter), ("collector killed -9 in mid-delivery", self.collector_killed), ("money adds up again", self.sums_hold), ("credit kept by the server", lambda: held_meter(self))]
        failed = 0
        whole = time.monotonic()
        for title, step in steps:
            started = time.monotonic()
            try:
                verdict, text = "ok", step()
            except (Failed, KeyError, IndexError, OSError, subprocess.SubprocessError) as error:
                verdict, text = "FAILED", f"{type(error).__name__}: {error}" if not isinstance(error, Failed) else str(error)
                failed += 1
            print(f"{verdict:6}  {title:36} {time.monotonic() - started:6.1f} s  {text}", flush=True)
            if verdict == "FAILED" and step in (self.sign_in, self.import_building):
                break
        print(f"{'all hold' if failed == 0 else f'{failed} failed'}, {time.monotonic() - whole:.0f} s")
        return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--var", required=True, help="folder that run.sh works in")
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--server", required=True, help="HOST:PORT of the server")
    parser.add_argument("--control", required=True, help="URL of the simulator's control port")
    return Check(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
