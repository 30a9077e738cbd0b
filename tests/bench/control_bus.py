#!/usr/bin/python3
"""Bench `control_bus`: a control command in the middle of a full sweep of one 9600-baud bus of 30 meters, 3 of them dead.

From the moment before the order is written into the database (as the server writes it, with its bell) until the meter's relay has moved, as the meter itself
tells it. wutong-sim plays the bus, wutong-collector reads it without a pause (state interval of 1 s, a round takes 4), with time-outs and retries as
they are by default. Three situations, each proved by the bus' own counters:

  sweep   all 30 answer
  dead    3 are dead for good: they are in quarantine and probed
  dying   the same 3 come back and fall silent again all the time, so that their time-outs never become rare

The orders (switch_off and restore_prepaid in turn, over five meters) come at random moments. Goal: p99 within one second; it fails otherwise.
  CONTROL_SWITCHINGS (100) in each situation
"""
import http.client
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from field import Field  # noqa: E402
from system import Failed, wait_for  # noqa: E402

SWITCHINGS = int(os.environ.get("CONTROL_SWITCHINGS", "100"))
GOAL_MS = 1000
METERS, TARGETS, DEAD = 30, 5, (10, 20, 30)
LOOK_EVERY_S = 0.002
ANSWER_MAX_S = 20


class Session:
    """One open connection to the database, so that its opening is not measured."""

    def __init__(self, field):
        words = ["psql", "-h", field.cluster.hostname, "-p", str(field.cluster.port), "-U", field.cluster.username, "-d", field.database, "-XAtq"]
        self.psql = subprocess.Popen(words, env={**os.environ, "PGPASSWORD": field.cluster.password, "PGOPTIONS": "-c search_path=wutong"}, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, sql):
        self.psql.stdin.write(sql + ";\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline().strip()

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(10)


class Truth:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)

    def get(self, path):
        try:
            self.connection.request("GET", path)
            return json.loads(self.connection.getresponse().read())
        except (http.client.RemoteDisconnected, ConnectionError):  # it had been idle for long
            self.connection.close()
            self.connection.request("GET", path)
            return json.loads(self.connection.getresponse().read())

    def busy_share(self, seconds):
        def look():
            return self.get("/v1/buses")["buses"][0]["wire_busy_us"] / 1e6, time.monotonic()
        busy, at = look()
        time.sleep(seconds)
        after, then = look()
        return (after - busy) / (then - at)


def switch(session, truth, serials, meters):
    times, orders = [], []
    pause = random.Random(1)
    for number in range(SWITCHINGS):
        target = (number // 2) % TARGETS
        kind, closed = [("switch_off", False), ("restore_prepaid", True)][number % 2]
        begin = time.monotonic()
        orders.append(session.ask("WITH made AS (INSERT INTO command (property_id, meter_id, kind, arguments, expires_at, operator_id) VALUES (1, "
                                  f"{meters[target]}, '{kind}', '{{}}', now() + interval '60 s', 1) RETURNING command_id) "
                                  "SELECT command_id FROM made, pg_notify('wutong_work', '')"))
        while truth.get(f"/v1/meters/{serials[target]}")["relay_closed"] != closed:
            if time.monotonic() - begin > ANSWER_MAX_S:
                raise Failed(f"{kind} {serials[target]}: the relay did not move in {ANSWER_MAX_S} s")
            time.sleep(LOOK_EVERY_S)
        times.append((time.monotonic() - begin) * 1e3)
        time.sleep(pause.uniform(0.1, 0.5))
    wait_for("all orders are done", ANSWER_MAX_S, lambda: session.ask(
        f"SELECT count(*) FROM command WHERE command_id IN ({', '.join(orders)}) AND state = 'done'") == str(SWITCHINGS))
    return sorted(times)


class Dying:
    def __init__(self, field, serials):
        self.meters, self.serials, self.ended = field.meters, serials, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.ended.is_set():
            for serial in self.serials:
                self.meters.set(serial, dead=False)
            self.ended.wait(5)
            for serial in self.serials:
                self.meters.set(serial, dead=True)
            self.ended.wait(4)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def report(situation, times, share):
    p99 = times[math.ceil(0.99 * len(times)) - 1]
    for name, value in (("p50", times[math.ceil(0.5 * len(times)) - 1]), ("p99", p99)):
        print(f"control_bus.{situation}.{name} {value:.1f} ms (goal {GOAL_MS} ms for p99, {value / GOAL_MS:.3f})", flush=True)
    print(f"  {situation}: {len(times)} switchings, least {times[0]:.1f}, most {times[-1]:.1f} ms; bus busy {100 * share:.0f} %", file=sys.stderr)
    if share < 0.5:
        raise Failed(f"the bus was busy for only {100 * share:.0f} % of the time")
    return p99 <= GOAL_MS


def main():
    try:
        with Field() as field:
            serials = field.add_line("BUS1", kind="serial", baud=9600, meters=METERS, turnaround_ms=10, timeout_ms=500)
            field.start_sim()
            field.start("a", polling={"state_interval_s": 1, "reading_interval_s": 1800, "lost_after_s": 120, "probe_first_s": 5, "probe_max_s": 60, "reload_s": 5})
            field.all_read()
            for serial in serials[:TARGETS]:
                field.open(serial)
            meters = [field.meter_id(serial) for serial in serials[:TARGETS]]
            session, truth = Session(field), Truth(field.meters.url)
            good = report("sweep", switch(session, truth, serials, meters), truth.busy_share(4))
            dead = [serials[address - 1] for address in DEAD]
            for serial in dead:
                field.meters.set(serial, dead=True)
            wait_for("the dead are in quarantine", 120, lambda: session.ask("SELECT count(*) FROM meter_state WHERE failures >= 3") == str(len(DEAD)))
            good = report("dead", switch(session, truth, serials, meters), truth.busy_share(4)) and good
            with Dying(field, dead):
                good = report("dying", switch(session, truth, serials, meters), truth.busy_share(9)) and good
            session.close()
            return 0 if good else 1
    except Failed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
