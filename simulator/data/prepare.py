#!/usr/bin/env python3
"""Makes load-curves.csv.gz and premises.csv of this folder from the measured data set.

    prepare.py SOURCE_DIR [OUT_DIR]

SOURCE_DIR holds premises.csv, premises_hourly.csv.gz and events.csv.gz as README.md describes
them. The choice of premises and the shares are ours; the curves are as measured, in whole
watt-hours, with what the source marks as doubtful taken out (an empty field is "no reading").
"""
import csv
import datetime
import gzip
import io
import sys

DAYS = 364            # 52 whole weeks, so that a weekday stays a weekday when the year is replayed
HOUSEHOLDS_MAX = 64
OFFICE_MEAN_KW, OFFICE_MAX_KW = 4.0, 20.0
SHOP_MEAN_KW, SHOP_MAX_KW = 3.0, 16.0
# Spikes and the source's replaced zeros would be shown as facts by a meter that replays them.
DOUBTFUL = {"zero_suspect_missing", "half_hour_only", "spike"}


def share_permille(mean_kw, max_kw, mean_limit, max_limit):
    return int(min(1.0, mean_limit / mean_kw, max_limit / max_kw) * 1000)


def choose(premises):
    """id -> (use, share in thousandths)."""
    chosen = {}
    households = [p for p in premises if p["kind"] == "household" and p["in_premises_hourly"] == "1"
                  and float(p["mean_kw"]) >= 0.1 and int(p["slots_expected"]) >= 24 * 300]
    households.sort(key=lambda p: (int(p["slots_missing"]), p["premises_id"]))
    for p in sorted(households[:HOUSEHOLDS_MAX], key=lambda p: p["premises_id"]):
        chosen[p["premises_id"]] = ("apartment", 1000)
    business = [p for p in premises if p["kind"] == "university_building"
                and p["shape"] == "business_hours" and float(p["mean_kw"]) < 25]
    for p in business:
        mean, top = float(p["mean_kw"]), float(p["p99_kw"])
        if mean < 7:
            chosen[p["premises_id"]] = ("shop", share_permille(mean, top, SHOP_MEAN_KW, SHOP_MAX_KW))
        else:
            chosen[p["premises_id"]] = ("office", share_permille(mean, top, OFFICE_MEAN_KW, OFFICE_MAX_KW))
    return chosen


def doubtful_hours(rows):
    hours = set()
    for row in rows:
        if row["file"].startswith("premises_hourly") and row["kind"] in DOUBTFUL:
            at = datetime.datetime.fromisoformat(row["start"])
            end = datetime.datetime.fromisoformat(row["end"])
            while at < end:
                hours.add((row["premises_id"], at.date().isoformat(), at.hour))
                at += datetime.timedelta(hours=1)
    return hours


def main():
    source = sys.argv[1]
    out = sys.argv[2] if len(sys.argv) > 2 else "."
    premises = list(csv.DictReader(open(f"{source}/premises.csv")))
    chosen = choose(premises)
    doubtful = doubtful_hours(csv.DictReader(gzip.open(f"{source}/events.csv.gz", "rt")))
    first = datetime.date(2013, 1, 1)
    curves = {pid: [[""] * 24 for _ in range(DAYS)] for pid in chosen}
    for row in csv.reader(gzip.open(f"{source}/premises_hourly.csv.gz", "rt")):
        if row[0] not in chosen:
            continue
        day = (datetime.date.fromisoformat(row[1]) - first).days
        if day >= DAYS:
            continue
        for hour, kwh in enumerate(row[2:26]):
            if kwh != "" and (row[0], row[1], hour) not in doubtful:
                curves[row[0]][day][hour] = str(round(float(kwh) * 1000))
    text = io.StringIO()
    for pid in sorted(curves):
        for day, hours in enumerate(curves[pid]):
            text.write(f"{pid},{day}," + ",".join(hours) + "\n")
    with open(f"{out}/load-curves.csv.gz", "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as packed:
            packed.write(b"premises_id,day," + ",".join(f"h{h:02}" for h in range(24)).encode() + b"\n")
            packed.write(text.getvalue().encode())
    with open(f"{out}/premises.csv", "w", newline="\n") as table:
        table.write("premises_id,use,share_permille,gap_hours\n")
        for pid in sorted(curves):
            gaps = sum(hour == "" for hours in curves[pid] for hour in hours)
            table.write(f"{pid},{chosen[pid][0]},{chosen[pid][1]},{gaps}\n")


if __name__ == "__main__":
    main()
