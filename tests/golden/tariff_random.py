#!/usr/bin/python3
"""Random plans, meters and periods: the second calculator writes what it expects, core_tests must come to the same.

Every run looks at other cases; a failure prints the seed, and WUTONG_TEST_SEED=N (or --seed N) repeats it. --keep DIR leaves
the folders there.
  tariff_random.py [--cases N] [--seed S] [--keep DIR]
"""

import argparse
import datetime as dt
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from tariff_bill import outcome
from tariff_folders import DAY, RATES, date_of, day_number, instant, load, seconds

ROOT = pathlib.Path(__file__).resolve().parents[2]
ZONES = {
    "Asia/Shanghai": [["1995-01-01T00:00:00Z", 28800]],
    "Asia/Kathmandu": [["1995-01-01T00:00:00Z", 20700]],
    "Europe/Berlin": [["2025-10-26T01:00:00Z", 3600], ["2026-03-29T01:00:00Z", 7200], ["2026-10-25T01:00:00Z", 3600],
                      ["2027-03-28T01:00:00Z", 7200]],
    "Africa/Cairo": [["2025-10-30T21:00:00Z", 7200], ["2026-04-23T22:00:00Z", 10800], ["2026-10-29T21:00:00Z", 7200]],
    "America/New_York": [["2025-11-02T06:00:00Z", -18000], ["2026-03-08T07:00:00Z", -14400],
                         ["2026-11-01T06:00:00Z", -18000]],
}
FIRST, LAST = seconds("2025-12-01T00:00:00Z"), seconds("2027-02-01T00:00:00Z")


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def price(self, most=2.0):
        return f"{self.r.uniform(0, most):.4f}"

    def periods(self):
        r = self.r
        cuts = sorted(r.sample(range(15, 1440, 15), r.randint(0, 11)))
        ends = [0] + cuts + [1440]
        return [[f"{a // 60:02d}:{a % 60:02d}", f"{b // 60:02d}:{b % 60:02d}", r.choice(RATES)]
                for a, b in zip(ends, ends[1:])]

    def calendar(self):
        r = self.r
        types = ["work", "rest", "feast"][:r.randint(1, 3)]
        plans = [{"name": f"plan {i}", "periods": self.periods()} for i in range(r.randint(1, 4))]
        starts = sorted(r.sample(range(365), r.randint(1, 4)))
        seasons = []
        for i, start in enumerate(starts):
            end = (starts[(i + 1) % len(starts)] - 1) % 365
            # Day numbers of 2026; a season that ends on 28 February takes the 29th.
            text = [date_of(day_number("2026-01-01") + d).strftime("%m-%d") for d in (start, end)]
            seasons.append({"name": f"season {i}", "from": text[0], "to": "02-29" if text[1] == "02-28" else text[1],
                            "day_plans": [r.choice(plans)["name"] for _ in types]})
        days = {date_of(day_number("2026-01-01") + r.randrange(365)).strftime(r.choice(["%m-%d", "%Y-%m-%d"]))
                for _ in range(r.randint(0, 6))}
        return {"day_types": types, "weekdays": [r.choice(types) for _ in range(7)], "seasons": seasons,
                "day_plans": plans, "special_days": [{"day": d, "type": r.choice(types)} for d in sorted(days)]}

    def version(self, start):
        r = self.r
        out = {"from": start, "step_period": r.choice(["month", "year"]), "year_begins": r.randint(1, 12),
               "when_version_begins": r.choice(["keep", "restart"]), "when_meter_exchanged": r.choice(["keep", "restart"]),
               "tax": {"bp": r.choice([0, 600, 1300, r.randint(1, 3000)]), "included": r.random() < 0.5}}
        with_rates = r.random() < 0.6
        if with_rates:
            out["calendar"] = self.calendar()
        limits = sorted(r.sample(range(1, 900000), r.choice([0, 0, 1, 2, 4])))
        out["steps"] = [({"up_to_wh": limit} if limit else {}) | {
            "prices": {rate: self.price() for rate in (RATES if with_rates else ["flat"])}} for limit in limits + [None]]
        out["energy_charges"] = [{"name": f"per kWh {i}", "price": self.price(0.1), "taxed": r.random() < 0.7}
                                 for i in range(r.choice([0, 0, 1, 2]))]
        out["fixed_charges"] = [{"name": f"fixed {i}", "monthly": self.price(40), "taxed": r.random() < 0.7,
                                 "spread": r.choice(["whole", "by_day"])} for i in range(r.choice([0, 0, 1, 2]))]
        if r.random() < 0.4:
            out["minimum"] = {"monthly": self.price(300), "spread": r.choice(["whole", "by_day"])}
        return out

    def plan(self):
        r = self.r
        starts = ["2025-11-01"] + sorted({date_of(r.randint(FIRST // DAY + 2, LAST // DAY)).isoformat()
                                          for _ in range(r.choice([0, 0, 1, 3]))})
        return {"name": "random", "versions": [self.version(s) for s in starts]}

    def readings(self, meters):
        r = self.r
        rows, at = [], FIRST + r.randint(0, 20 * DAY)
        by_rate = r.random() < 0.25
        pace = r.choice([900, 3600, 6 * 3600, 5 * DAY, 31 * DAY])
        for i in range(r.choice([1, 1, 2, 3])):
            name, size = f"M{i}", r.choice([None, 10**6, 10**9])
            if size:
                meters[name] = {"rolls_over_at_wh": size}
            registers = [r.randint(0, (size or 10**7) // 5 - 1) for _ in RATES]
            total = r.choice([sum(registers), size - r.randint(1, size // 10)]) if size else sum(registers)
            for _ in range(r.randint(1, 60)):
                rows.append([name, instant(at), total] + (registers[:] if by_rate else []))
                used = [r.randint(0, max(1, min(pace // 4, (size or 10**7) // 50))) for _ in RATES]
                if r.random() < 0.001:
                    used = [-1] * 4
                registers = [(a + b) % size if size else a + b for a, b in zip(registers, used)]
                total = (total + sum(used)) % size if size else total + sum(used)
                at += max(1, int(pace * r.uniform(0.3, 1.7))) if r.random() < 0.9 else pace
            at += r.choice([0, 0, r.randint(1, 3 * DAY)])
            if r.random() < 0.5:
                at = seconds(rows[-1][1])
        return rows

    def case(self, folder):
        r = self.r
        zone, meters = r.choice(sorted(ZONES)), {}
        rows = self.readings(meters)
        low, high = seconds(rows[0][1]) - 3 * DAY, seconds(rows[-1][1]) + 3 * DAY
        first = r.randint(low, max(low, high - 1))
        if r.random() < 0.5:
            first = first // DAY * DAY - ZONES[zone][0][1]
        last = r.randint(first + 1, max(first + 2, high))
        case = {"utc_offsets": ZONES[zone], "meters": meters, "time_zone": zone,
                "period": {"from": instant(first), "to": instant(last), "closing": r.random() < 0.3,
                           "quantum": r.choice(["0.0001", "0.01"])}}
        if r.random() < 0.3:
            case["state"] = {"rest": r.randint(0, 999), "below_quantum_e4": r.randint(0, 99), "meter": r.choice(["M0", "X"])}
        folder.mkdir()
        (folder / "plan.json").write_text(json.dumps(self.plan()))
        (folder / "case.json").write_text(json.dumps(case))
        header = "meter,at,total_wh" + (",sharp_wh,peak_wh,flat_wh,valley_wh" if len(rows[0]) > 3 else "")
        (folder / "readings.csv").write_text("\n".join([header] + [",".join(map(str, row)) for row in rows]) + "\n")
        result = outcome(load(folder))
        (folder / "expected.json").write_text(json.dumps(result))
        return next(iter(result)), result.get("fault", "")


def run(folder, options):
    counts = {}
    maker = Maker(options.seed)
    for i in range(options.cases):
        kind = ": ".join(maker.case(folder / f"case-{i:04d}")).rstrip(": ")
        counts[kind] = counts.get(kind, 0) + 1
    program = pathlib.Path(os.environ.get("WUTONG_BIN", ROOT / "build/ci/bin")) / "core_tests"
    done = subprocess.run([program, "[tariff_random]"], env={**os.environ, "WUTONG_TARIFF_CASES": str(folder)},
                          capture_output=True, text=True, timeout=300)
    print(", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-1000:])
        print(f"repeat with --seed {options.seed} --cases {options.cases}")
        return 1
    if counts.get("bill", 0) < options.cases // 2 or "1 test case" not in done.stdout:
        print("too few bills to mean anything, or the test did not run")
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=150)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("WUTONG_TEST_SEED", random.SystemRandom().randrange(2**32))))
    parser.add_argument("--keep")
    options = parser.parse_args()
    if options.keep:
        pathlib.Path(options.keep).mkdir(parents=True)
        return run(pathlib.Path(options.keep), options)
    with tempfile.TemporaryDirectory() as folder:
        return run(pathlib.Path(folder), options)


if __name__ == "__main__":
    sys.exit(main())
