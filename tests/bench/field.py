#!/usr/bin/python3
"""Bench `field`: 10 000 meters behind 334 Modbus TCP gateways, read completely by one collector.

Three processes: wutong-sim (30 meters behind each gateway, a real socket each, its serial side at 115 200 baud, where a meter's question and
answer take 9.5 ms), PostgreSQL, and wutong-collector with its defaults. Twice: gateways that answer at once, and gateways that wait 50 ms before
each answer. The collector starts cold: it takes the leases, loads the site, opens 334 connections, reads every meter (state and reading) and
stores it. Nothing is subtracted.

  first_sweep   from the collector's start until a look into the database, every 0.2 s, finds all 10 000 readings. Goal 5 s, at 50 ms 15 s
  sweep         the same 10 000 meters again while it runs: the longest time between two states of a meter, when the interval is one second
  cpu           processor seconds of the collector for the first sweep
  memory        the most that it had in memory until the end. Goal 150 MB

Fails when a meter is missing or a goal of `first_sweep` or `memory` is missed.
  FIELD_METERS (10000), FIELD_GATEWAYS (334)
"""
import os
import pathlib
import resource
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from field import Field, free_port  # noqa: E402
from system import Failed, wait_for  # noqa: E402

METERS = int(os.environ.get("FIELD_METERS", "10000"))
GATEWAYS = int(os.environ.get("FIELD_GATEWAYS", "334"))
MEMORY_MB = 150
SITUATIONS = [("zero", 0, 5.0), ("latency_50ms", 50, 15.0)]


def build(field, latency_ms):
    """All lines and meters in two statements: one by one would take longer than the bench."""
    each = -(-METERS // GATEWAYS)
    ports = set()
    while len(ports) < GATEWAYS:
        ports.add(free_port())
    rows = []
    for number, port in enumerate(sorted(ports), 1):
        name = f"GW{number:03}"
        rows.append(f"(1, '{name}', 'modbus_tcp', '127.0.0.1:{port}', 115200, 1000, 2)")
        field.lines.append({"name": name, "kind": "modbus_tcp", "port": port, "baud": 115_200, "turnaround_ms": latency_ms})
        for address in range(1, min(each, METERS - (number - 1) * each) + 1):
            field.plan.append({"serial": f"2026{number:04}{address:04}", "profile": "acrel-ddsy1352", "line": name, "address": address,
                               "premises": PREMISES})
    field.sql("INSERT INTO channel (property_id, code, transport, endpoint, baud, answer_timeout_ms, retries) VALUES " + ", ".join(rows))
    field.sql("INSERT INTO meter (property_id, channel_id, code, serial_number, profile, bus_address, price_e4) "
              f"SELECT 1, g, g || '-' || a, '2026' || lpad(g::text, 4, '0') || lpad(a::text, 4, '0'), 'acrel-ddsy1352', a, 9500 "
              f"FROM generate_series(1, {GATEWAYS}) AS g, generate_series(1, {each}) AS a WHERE (g - 1) * {each} + a <= {METERS}")


def measure(situation, latency_ms, goal):
    with Field(os.environ.get("WUTONG_BUILD_DIR")) as field:
        build(field, latency_ms)
        field.start_sim()
        before = field.sim.cpu()
        started = time.time()
        collector = field.start("c1", polling={"state_interval_s": 60, "reading_interval_s": 86_400, "lost_after_s": 600}, lease={"duration_s": 15})
        wait_for("every meter in the database", 120, lambda: field.value("SELECT count(DISTINCT meter_id) FROM reading") == str(METERS))
        took = time.time() - started
        cpu, sim_cpu = collector.cpu(), field.sim.cpu() - before
        first_read, last_read = (float(x) for x in field.sql("SELECT extract(epoch FROM min(read_at)), extract(epoch FROM max(read_at)) FROM reading")[0])
        print(f"field.{situation}.first_sweep {took:.2f} s (goal {goal:.0f} s, {took / goal:.2f})")
        print(f"field.{situation}.cpu {cpu:.2f} s (collector; {cpu * 1e6 / METERS:.0f} us a meter, the simulator used {sim_cpu:.2f} s meanwhile)")
        least = (9.5e-3 + latency_ms / 1e3) * -(-METERS // GATEWAYS)
        print(f"field.{situation}.reading {last_read - first_read:.2f} s (first to last reading; the gateways alone need {least:.2f} s, {least / (last_read - first_read):.2f})")
        # Round after round: no meter may be forgotten.
        field.sql("UPDATE channel SET state_interval_s = 1")
        time.sleep(6)
        cpu, at = collector.cpu(), time.time()
        answered = collector.metric("wutong_collector_polls_total")
        time.sleep(10)
        rate = (collector.metric("wutong_collector_polls_total") - answered) / (time.time() - at)
        oldest = float(field.value("SELECT extract(epoch FROM now() - min(answered_at)) FROM meter_state"))
        share = (collector.cpu() - cpu) / (time.time() - at)
        print(f"field.{situation}.sweep {METERS / rate:.2f} s ({rate:.0f} polls a second round after round, the oldest state {oldest:.1f} s old, "
              f"{share:.2f} processors)")
        memory = collector.memory_mb()
        print(f"field.{situation}.memory {memory:.0f} MB (goal {MEMORY_MB} MB, {memory / MEMORY_MB:.2f})", flush=True)
        failures = int(field.value("SELECT count(*) FROM meter_state WHERE failures > 0"))
        if failures:
            print(f"  {situation}: {failures} meters failed", file=sys.stderr)
        collector.end()
        return took <= goal and memory <= MEMORY_MB and failures == 0


PREMISES = None


def main():
    global PREMISES
    from field import premises
    PREMISES = premises()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    good = True
    try:
        for situation in SITUATIONS:
            good = measure(*situation) and good
    except Failed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        return 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
