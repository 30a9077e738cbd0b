#!/usr/bin/python3
"""Bench `dial_in_1024`: one link that a gateway opened, with 1024 DL/T 645 meters behind it (Modbus has no more than 247 addresses on a bus).

wutong-sim plays gateway and meters, its serial side at 115 200 baud 8E1 with 2 ms of turn-around; wutong-collector listens, knows the gateway by its registration
packet, and reads all meters with its defaults.

  first_sweep   from the collector's start until each meter has a reading in the database; beside what the bytes on that line take
  cpu, memory   of the collector
Fails when a meter is not read.   DIAL_IN_METERS (1024)
"""
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from field import Field, free_port, premises  # noqa: E402
from system import Failed, wait_for  # noqa: E402

METERS = int(os.environ.get("DIAL_IN_METERS", "1024"))
NAME = "plain:CONCENTRATOR-1024"
PROFILE = "dlt645-relay-1ph"


def main():
    try:
        with Field() as field:
            port, home = free_port(), premises()
            field.lines.append({"name": "BUS1", "kind": "dial_in", "framing": "dlt645", "port": port, "baud": 115_200, "turnaround_ms": 2, "registration": NAME,
                                "redial_ms": 200})
            for number in range(1, METERS + 1):
                field.plan.append({"serial": f"2026{number:08}", "profile": "dlt645-single-phase", "line": "BUS1", "premises": home})
            field.sql("INSERT INTO channel (property_id, code, transport, endpoint, baud, parity, answer_timeout_ms, retries) VALUES (1, 'BUS1', 'dial_in', "
                      f"'{NAME}', 115200, 'E', 500, 2)")
            field.sql("INSERT INTO meter (property_id, channel_id, code, serial_number, profile, station_address) SELECT 1, 1, 'M' || n, "
                      f"'2026' || lpad(n::text, 8, '0'), '{PROFILE}', '2026' || lpad(n::text, 8, '0') FROM generate_series(1, {METERS}) AS n")
            field.start_sim()
            begin = time.time()
            collector = field.start("c1", polling={"state_interval_s": 600, "reading_interval_s": 86_400, "lost_after_s": 3600},
                                    dial_in={"listen": f"127.0.0.1:{port}"})
            wait_for("every meter in the database", 400, lambda: field.value("SELECT count(DISTINCT meter_id) FROM reading") == str(METERS))
            took, cpu = time.time() - begin, collector.cpu()
            bus = field.meters.request("GET", "/v1/gateways")["gateways"][0]
            wire = bus["wire_busy_us"] / 1e6
            links = collector.metric("wutong_collector_dial_in_links")
            print(f"dial_in_1024.first_sweep {took:.2f} s ({METERS} meters behind {int(links)} link, {bus['requests']} questions; the bytes alone take {wire:.2f} s, "
                  f"turn-around {bus['requests'] * 2e-3:.2f} s, {(wire + bus['requests'] * 2e-3) / took:.2f})")
            print(f"dial_in_1024.cpu {cpu:.2f} s (collector; {cpu * 1e6 / bus['requests']:.0f} us a question)")
            print(f"dial_in_1024.memory {collector.memory_mb():.0f} MB (goal 150 MB, {collector.memory_mb() / 150:.2f})", flush=True)
            lost = field.value("SELECT count(*) FROM meter_state WHERE lost_since IS NOT NULL")
            if lost != "0":
                raise Failed(f"{lost} meters are lost")
        return 0
    except Failed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
