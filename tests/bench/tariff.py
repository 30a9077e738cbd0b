#!/usr/bin/python3
"""Bench `tariff`: a year of quarter-hours (35 040 intervals) by a plan with everything in it, on one core.

The plan: four rates, ten periods a day, two seasons, workdays and weekends, three steps by the month, two versions, charges,
a minimum and added tax; a time zone with both clock changes. The peer is the second calculator of the golden cases
(tests/golden, exact fractions in Python) on the same folder in the same run; both must come to the same bill, line by line.
It fails when they don't, and when the goal is missed.
  TARIFF_SECONDS (3) for each of the two figures
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("WUTONG_BIN", ROOT / "build/release/bin"))
SECONDS = float(os.environ.get("TARIFF_SECONDS", "3"))
GOAL = 1_000_000
sys.path.insert(0, str(ROOT / "tests/golden"))
from tariff_bill import outcome  # noqa: E402
from tariff_folders import instant, load, seconds  # noqa: E402

WORK = [["00:00", "06:00", "valley"], ["06:00", "08:00", "flat"], ["08:00", "09:30", "peak"], ["09:30", "11:30", "sharp"],
        ["11:30", "13:00", "valley"], ["13:00", "15:00", "flat"], ["15:00", "17:00", "peak"], ["17:00", "19:00", "sharp"],
        ["19:00", "22:00", "peak"], ["22:00", "24:00", "flat"]]
REST = [["00:00", "08:00", "valley"], ["08:00", "22:00", "flat"], ["22:00", "24:00", "valley"]]


def version(start, factor):
    def prices(more):
        return {rate: f"{price * factor + more:.4f}" for rate, price in
                [("sharp", 1.3325), ("peak", 1.2025), ("flat", 0.65), ("valley", 0.26)]}
    return {
        "from": start, "tax": {"bp": 1300, "included": False}, "minimum": {"monthly": "50"},
        "steps": [{"up_to_wh": 200000, "prices": prices(0)}, {"up_to_wh": 400000, "prices": prices(0.05)},
                  {"prices": prices(0.3)}],
        "energy_charges": [{"name": "management fee", "price": "0.0533"}],
        "fixed_charges": [{"name": "meter rent", "monthly": "10"}],
        "calendar": {
            "day_types": ["workday", "weekend"], "weekdays": ["workday"] * 5 + ["weekend"] * 2,
            "seasons": [{"name": "summer", "from": "06-01", "to": "08-31", "day_plans": ["work", "rest"]},
                        {"name": "winter", "from": "09-01", "to": "05-31", "day_plans": ["work", "rest"]}],
            "special_days": [{"day": "05-01", "type": "weekend"}, {"day": "12-25", "type": "weekend"}],
            "day_plans": [{"name": "work", "periods": WORK}, {"name": "rest", "periods": REST}]},
    }


def write_case(folder):
    numbers = random.Random(1)
    first, last = seconds("2025-12-31T23:00:00Z"), seconds("2026-12-31T23:00:00Z")
    rows, total = ["meter,at,total_wh"], 123_450
    for at in range(first, last + 1, 900):
        rows.append(f"M1,{instant(at)},{total}")
        total += numbers.randrange(0, 400)
    (folder / "readings.csv").write_text("\n".join(rows) + "\n")
    (folder / "plan.json").write_text(json.dumps({"name": "bench", "versions": [version("2026-01-01", 1),
                                                                                version("2026-07-01", 1.05)]}))
    (folder / "case.json").write_text(json.dumps({
        "utc_offsets": [["2025-10-26T01:00:00Z", 3600], ["2026-03-29T01:00:00Z", 7200], ["2026-10-25T01:00:00Z", 3600]],
        "period": {"from": instant(first), "to": instant(last)}}))
    (folder / "expected.json").write_text("{}")


def main():
    with tempfile.TemporaryDirectory(prefix="wutong-tariff-bench.") as place:
        folder = pathlib.Path(place) / "year"
        folder.mkdir()
        write_case(folder)
        started = time.perf_counter()
        expected = outcome(load(folder))
        took = time.perf_counter() - started
        done = subprocess.run([BIN / "bench_tariff", folder.name, str(SECONDS)], capture_output=True, text=True,
                              env={**os.environ, "WUTONG_TARIFF_CASES": place}, timeout=300)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return 1
    ours = json.loads(done.stdout)
    if ours["outcome"] != expected or not expected.get("bill", {}).get("lines"):
        print("the two calculators came to different bills", file=sys.stderr)
        return 1
    peer = ours["intervals"] / took
    for name in ("calculated", "from_registers"):
        rate = ours[f"{name}_per_s"]
        print(f"tariff.{name} {rate:.0f} intervals/s (goal {GOAL} per core, ratio {rate / GOAL:.2f})")
        print(f"tariff.{name}_beside_python {rate:.0f} intervals/s (peer {peer:.0f}, the fractions of tests/golden, "
              f"ratio {rate / peer:.0f})")
    return 0 if min(ours["calculated_per_s"], ours["from_registers_per_s"]) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
