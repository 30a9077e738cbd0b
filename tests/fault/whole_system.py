#!/usr/bin/env python3
"""Faults against the real processes: what is injected is printed, what is lost must be nothing.

Starts a whole Wutong in a folder of its own. Every case ends with proof that the system recovered, and at the end the money is
counted on the meters themselves.  usage: whole_system.py [CASE...]
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from system import QUANTUM, ROOT, YUAN, Failed, System, money, wait_for  # noqa: E402


class Faults:
    def __init__(self, system):
        self.system = system
        self.ctl = system.ctl()
        self.meters = system.meters()
        self.money_writes = 0

    # ---- helpers --------------------------------------------------------------------------------
    def free_meters(self, count, profile="acrel-ddsy1352"):
        rows = self.ctl.run("meter", "list", "--limit", 1000)[0]["meters"]
        free = [m["serial_number"] for m in rows if m["role"] == "prepaid" and not m["account_id"] and m["profile"] == profile]
        if len(free) < count:
            raise Failed(f"only {len(free)} free meters of {profile}")
        return free[:count]

    def open(self, serial, amount="20.00"):
        self.ctl.run("account", "open", "--meter", serial, "--customer", f"Tenant {serial}", "--first-purchase", amount, "--wait", 120)
        self.money_writes += 1

    def wait_delivered(self, delivery, seconds=180):
        self.ctl.run("delivery", "watch", delivery, "--wait", seconds)

    def sell_until_answered(self, serial, amount):
        """As a client does: the same request until there is an answer. Returns the receipt."""
        request = str(uuid.uuid4())
        until = time.monotonic() + 120
        while time.monotonic() < until:
            lines = self.ctl.run("--request-id", request, "--timeout", 5, "sell", serial, amount, expect=None)
            if lines and "sale_id" in lines[0]:
                self.money_writes += 1
                return lines[0]
            if lines and lines[-1].get("exit_code") not in (3, 4, 6):
                raise Failed(f"sell {serial} {amount}: {lines[-1]}")
            time.sleep(0.5)
        raise Failed(f"sell {serial} {amount}: no answer in 120 s")

    def fresh_states(self, seconds):
        return int(self.system.psql(f"select count(*) from meter_state where answered_at > now() - interval '{seconds} seconds'")[0][0])

    def expect_exit(self, words, code, text):
        done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        said = done.stdout + done.stderr
        if done.returncode != code or text.lower() not in said.lower():
            raise Failed(f"{pathlib.Path(words[0]).name}: exit {done.returncode} (expected {code} and \"{text}\"): {said[-600:]}")
        return said.strip().splitlines()[-1]

    # ---- bad input and second processes -----------------------------------------------------------
    def second_processes(self):
        etc = self.system.var / "etc"
        server = self.expect_exit([self.system.bin / "wutong-server", "--config", etc / "server.toml"], 1, str(self.system.port("SERVER")))
        collector = self.expect_exit([self.system.bin / "wutong-collector", "--config", etc / "collector.toml"], 1,
                                     str(self.system.port("COLLECTOR_METRICS")))
        self.expect_exit([self.system.bin / "wutong-sim", "--demo", self.system.var / "second-sim", "--control-port", self.system.port("SIM")], 1,
                         "port")
        self.ctl.run("whoami")
        return f"each says why and ends with 1: \"{server[-90:]}\" / \"{collector[-90:]}\""

    def wrong_passwords(self):
        guest = self.system.ctl(self.system.var / "guest-ctl")
        secret = self.system.var / "etc/guest.password"
        secret.write_text("right-password-17\n", encoding="ascii")
        wrong = self.system.var / "etc/wrong.password"
        wrong.write_text("wrong\n", encoding="ascii")
        self.ctl.run("operator", "create", "guest", "--role", "viewer", "--all-properties", "--password-file", secret)
        reasons = []
        while len(reasons) < 12 and "locked_out" not in reasons:
            reasons.append(guest.run("sign-in", "guest", "--password-file", wrong, expect=3)[-1].get("reason"))
        if reasons[0] != "wrong_credentials" or reasons[-1] != "locked_out":
            raise Failed(f"answers: {reasons}")
        guest.run("sign-in", "guest", "--password-file", secret, expect=3)
        rows = self.ctl.run("operator", "list")[0]["operators"]
        self.ctl.run("operator", "update", next(o["operator_id"] for o in rows if o["name"] == "guest"), "--unlock")
        guest.run("sign-in", "guest", "--password-file", secret)
        refused = guest.run("sell", "#1", "10", "--account", "#1", expect=3)[-1]
        return (f"locked after {len(reasons)} tries, even for the right password; unlocked by an administrator; "
                f"a viewer's sale: {refused['reason']}")

    def bad_import(self):
        before = len(self.ctl.run("meter", "list", "--limit", 1000)[0]["meters"])
        rows = (self.system.var / "sim/meters.csv").read_text(encoding="utf-8").splitlines()
        header = rows[0].split(",")
        good = dict(zip(header, rows[1].split(",")))

        def row(number, **changes):
            values = {**good, "floor": "1", "unit": "", "address": str(200 + number), "profile": "acrel-ddsy1352", "serial": f"99000000000{number}",
                      "code": f"BAD-{number}", "role": "prepaid", "feeds": "", **changes}
            return ",".join(values[key] for key in header)

        bad = [rows[0], row(0), row(1, address="0"), row(2, profile="no-such-meter"), row(3, channel="NOWHERE"), row(4, address="200"),
               row(5, role="emperor"), row(6, address="abc")]
        file = self.system.var / "bad.csv"
        file.write_text("\n".join(bad) + "\n", encoding="utf-8")
        answer = self.ctl.run("import", file, expect=1)[0]
        lines = sorted({fault["line"] for fault in answer["faults"]})
        if lines != [3, 4, 5, 6, 7, 8]:
            raise Failed(f"faults named in lines {lines}: {answer['faults']}")
        if len(self.ctl.run("meter", "list", "--limit", 1000)[0]["meters"]) != before:
            raise Failed("a part of the bad file was imported")
        return f"{len(answer['faults'])} faults in lines {lines} of bad.csv, nothing imported"

    # ---- the database --------------------------------------------------------------------------------
    def database_lost(self):
        serial = self.free_meters(1)[0]
        self.open(serial)
        self.system.database(["stop", "-m", "immediate"])
        refused = self.ctl.run("--timeout", 5, "sell", serial, "10", expect=None)[-1]
        if refused.get("exit_code") not in (4, 6):
            raise Failed(f"a sale without a database: {refused}")
        time.sleep(20)
        self.system.database(["start"])
        receipt = self.sell_until_answered(serial, "15.00")
        self.wait_delivered(receipt["delivery_id"])
        wait_for("states are fresh again", 120, lambda: self.fresh_states(60) > 0)
        double = self.system.psql("select count(*) from (select 1 from reading group by property_id, meter_id, read_at having count(*) > 1) t")[0][0]
        truth = self.meters.truth(serial)
        if truth["purchase_number"] != 2 or double != "0":
            raise Failed(f"purchase number {truth['purchase_number']}, {double} readings twice")
        return (f"crashed for 20 s under work: refused with \"{refused['error'].splitlines()[0]}\", then sold and delivered by itself, "
                "no reading twice")

    def database_away_at_start(self):
        for name in ("server", "collector"):
            self.system.kill(name, signal.SIGTERM)
        time.sleep(3)
        self.system.database(["stop", "-m", "fast"])
        starting = []
        for name in ("server", "collector"):
            starting.append(subprocess.Popen([ROOT / "run.sh", "--var", str(self.system.var), "--restart", name], env=self.system.environment,
                                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            time.sleep(1)  # each writes down the ports it uses
        time.sleep(8)
        self.system.database(["start"])
        for one in starting:
            if one.wait(60) != 0:
                raise Failed("a daemon gave up because the database was away at its start")
        wait_for("the server answers", 60, lambda: "operator" in self.ctl.run("whoami", expect=None)[-1])
        wait_for("the collector reads", 120, lambda: self.fresh_states(30) > 0)
        return "server and collector waited 8 s for the database and then worked"

    # ---- the field ---------------------------------------------------------------------------------------
    def garbled_bus(self):
        bus = self.meters.request("GET", "/v1/buses")["buses"][0]["name"]
        serials = {m["serial"] for m in self.meters.all() if m["bus"] == bus}
        rows = self.ctl.run("meter", "list", "--limit", 1000)[0]["meters"]
        free = [m["serial_number"] for m in rows if m["serial_number"] in serials and m["role"] == "prepaid" and not m["account_id"]][:6]
        for serial in free:
            self.open(serial)
        for kind in ("garbled_answer", "late_answer", "lost_answer", "torn_answer", "foreign_answer", "repeated_answer"):
            self.meters.fault(target=f"bus:{bus}", kind=kind, count=10_000, probability=0.04, delay_ms=700)
        try:
            receipts = [self.sell_until_answered(serial, "3.00") for serial in free for _ in range(2)]
            for receipt in receipts:
                self.wait_delivered(receipt["delivery_id"], 300)
            hits = {fault["kind"]: fault["hits"] for fault in self.meters.request("GET", "/v1/faults")["faults"]}
        finally:
            self.meters.no_faults()
        for serial in free:
            number = self.meters.truth(serial)["purchase_number"]
            if number != 3:
                raise Failed(f"meter {serial}: purchase number {number} instead of 3")
        return f"{bus} with 24 % faulty answers ({hits}): {len(receipts)} deliveries, each on its meter once"

    def gateway_lost(self):
        gateway = self.meters.request("GET", "/v1/gateways")["gateways"][0]["name"]

        def lost():
            alarms = self.ctl.run("alarm", "list", "--live")[0]["alarms"]
            return any(alarm["kind"] in ("lost_gateway", "lost_channel") for alarm in alarms)

        self.meters.request("PATCH", f"/v1/gateways/{gateway}", {"dead": True})
        started = time.monotonic()
        try:
            wait_for("the lost gateway is an alarm", 240, lost)
        finally:
            self.meters.request("PATCH", f"/v1/gateways/{gateway}", {"dead": False})
        took = time.monotonic() - started
        wait_for("the gateway comes back by itself", 120, lambda: not lost())
        return f"{gateway} dead: alarm after {took:.0f} s, back by itself"

    def full_disk(self):
        """The spool's disk is full while the database is away: said, and the collector goes on."""
        spool = self.system.var / "spool"
        self.system.kill("collector", signal.SIGTERM)
        time.sleep(2)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(spool)], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.system.restart("collector")
            return "skipped: mounting a small file system is not allowed here"
        try:
            self.system.restart("collector")
            time.sleep(5)
            self.system.database(["stop", "-m", "immediate"])
            time.sleep(25)
            os.kill(self.system.pid("collector"), 0)
            self.system.database(["start"])
            wait_for("the collector writes again", 120, lambda: self.fresh_states(20) > 0)
            with urllib.request.urlopen(f"http://127.0.0.1:{self.system.port('COLLECTOR_METRICS')}/metrics", timeout=10) as answer:
                spooled = [line for line in answer.read().decode().splitlines() if "spool" in line and not line.startswith("#")]
        finally:
            self.system.kill("collector", signal.SIGTERM)
            time.sleep(2)
            subprocess.run(["umount", str(spool)], check=False)
            self.system.restart("collector")
        return f"a spool of 64 kB while the database was away for 25 s: the collector lived and went on ({'; '.join(spooled)[:200]})"

    def money_counted(self):
        wait_for("nothing is in flight", 120, lambda: self.ctl.run("ledger", "balance")[0]["in_flight_e4"] == 0)
        ledger = self.ctl.run("ledger", "balance")[0]
        sums = self.meters.sums()
        left = (sums["balance_e10"] + sums["cost_e10"]) / 1_000_000
        right = ledger["sold_e4"] - ledger["refunded_e4"]
        if abs(left - right) > self.money_writes * QUANTUM:
            raise Failed(f"on meters + used = {left / YUAN:.6f}, sold − refunded = {right / YUAN:.6f}")
        verdict = self.ctl.run("ledger", "verify")[-1]
        if not verdict.get("intact"):
            raise Failed(f"verify: {verdict}")
        quarantined = self.system.psql("select count(*) from credit_delivery where state = 'quarantined'")[0][0]
        if quarantined != "0":
            raise Failed(f"{quarantined} deliveries are quarantined")
        return (f"{money(int(left))} on meters and used, {money(right)} sold, {self.money_writes} writes, "
                f"remainders {(left - right) / YUAN:+.6f}; {verdict['checked']} entries intact")


CASES = ["second_processes", "wrong_passwords", "bad_import", "database_lost", "database_away_at_start", "garbled_bus", "gateway_lost",
         "full_disk", "money_counted"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help=", ".join(CASES))
    chosen = parser.parse_args().cases or CASES
    build = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build/ci"))
    system = System(build / "fault-var", os.environ.get("WUTONG_BIN", build / "bin"))
    failed = 0
    try:
        system.start()
        faults = Faults(system)
        # Shorter than the defaults: what is lost shows within a minute.
        faults.ctl.run("parameter", "set", "state_interval_s=20", "lost_after_s=60")
        for name in chosen:
            started = time.monotonic()
            try:
                verdict, text = "ok", getattr(faults, name)()
            except (Failed, KeyError, IndexError, OSError, StopIteration, subprocess.SubprocessError, json.JSONDecodeError) as error:
                verdict, text = "FAILED", f"{type(error).__name__}: {error}"
                failed += 1
            print(f"{verdict:6}  {name:24} {time.monotonic() - started:6.1f} s  {text}", flush=True)
    except Failed as error:
        print(f"FAILED  {error}", flush=True)
        failed += 1
    finally:
        if failed == 0:
            system.remove()
        else:
            system.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
