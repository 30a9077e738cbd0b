#!/usr/bin/python3
"""A second calculator of tariffs, written from docs/tariffs.md with exact fractions: the witness of the golden cases.

It shares nothing with core/: it cuts time at every moment where anything could change, sorts the pieces, and rounds
fractions. It is slow, and that does not matter.

  tariff_calculator.py                 checks every folder of tests/golden/tariffs against its expected.json
  tariff_calculator.py --write NAME…   writes expected.json of these folders (read the difference before you commit it!)
  tariff_calculator.py --show NAME     prints the lines of one folder
  tariff_calculator.py --self-test     shows that wrong expectations, sources and offsets are found
"""

import datetime as dt
import json
import pathlib
import shutil
import sys
import tempfile
from fractions import Fraction

from tariff_bill import outcome
from tariff_folders import Wall, instant, load, seconds

FOLDER = pathlib.Path(__file__).resolve().parent / "tariffs"


def wrong_offsets(case):
    """The table in the folder against the time zone database, where the folder names a zone and there is one."""
    if "time_zone" not in case:
        return []
    try:
        import zoneinfo
        zone = zoneinfo.ZoneInfo(case["time_zone"])
    except Exception:  # no database on this machine: nothing to compare with
        return []
    wall = Wall(case["utc_offsets"])
    first, last = seconds(case["period"]["from"]), seconds(case["period"]["to"])
    moments = [t for t in range(first, last, 1800)] + [at for at, _ in wall.rows if first <= at <= last]
    wrong = []
    for t in moments:
        right = dt.datetime.fromtimestamp(t, zone).utcoffset().total_seconds()
        if t >= wall.rows[0][0] and wall.offset(t) != right:
            wrong.append(f"{instant(t)}: the table says {wall.offset(t)} s from UTC, {case['time_zone']} has {right:.0f}")
    return wrong[:3]


def check(folder):
    case = load(folder)
    result = outcome(case)
    expected = json.loads((folder / "expected.json").read_text())
    wrong = [] if result == expected else [f"calculated {json.dumps(result)}\n  expected   {json.dumps(expected)}"]
    if "published_total" in case:
        total = result.get("bill", {}).get("total_e4")
        if total is None or Fraction(total, 10000) != Fraction(case["published_total"]):
            wrong.append(f"published is {case['published_total']}, calculated {total} ten-thousandths")
    if not (folder / "source.md").is_file():
        wrong.append("source.md is missing: where do the figures come from?")
    return wrong + wrong_offsets(case)


def self_test():
    """Plants one mistake after the other into a copy of a folder; each must be found, and without one nothing."""
    mistakes = {
        "nothing": lambda folder, case, expected: None,
        "an amount": lambda folder, case, expected: expected["bill"]["lines"][0].update(amount_e4=1),
        "a rest": lambda folder, case, expected: expected["bill"]["state"].update(rest=1),
        "a published total": lambda folder, case, expected: case.update(published_total="1"),
        "an offset": lambda folder, case, expected: case.update(utc_offsets=[["2000-01-01T00:00:00Z", 25200]]),
        "no source": lambda folder, case, expected: (folder / "source.md").unlink(),
    }
    failed = 0
    for name, plant in mistakes.items():
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(shutil.copytree(FOLDER / "flat-one-day", pathlib.Path(place) / "case"))
            case, expected = (json.loads((folder / f).read_text()) for f in ("case.json", "expected.json"))
            plant(folder, case, expected)
            (folder / "case.json").write_text(json.dumps(case))
            (folder / "expected.json").write_text(json.dumps(expected))
            found = bool(check(folder))
            if found != (name != "nothing"):
                failed += 1
                print(f"planted {name}: {'found something' if found else 'not found'}")
    print(f"{len(mistakes)} plants, {failed} wrong")
    return 1 if failed else 0


def main(arguments):
    if arguments[:1] == ["--self-test"]:
        return self_test()
    if arguments[:1] == ["--show"]:
        print(json.dumps(outcome(load(FOLDER / arguments[1])), indent=1))
        return 0
    if arguments[:1] == ["--write"]:
        for name in arguments[1:]:
            text = json.dumps(outcome(load(FOLDER / name)), indent=1, ensure_ascii=False)
            (FOLDER / name / "expected.json").write_text(text + "\n")
        return 0
    folders = sorted(f for f in FOLDER.iterdir() if f.is_dir())
    failed = 0
    for folder in folders:
        for text in check(folder):
            failed += 1
            print(f"{folder.name}: {text}")
    print(f"{len(folders)} folders, {failed} wrong")
    if len(folders) < 60:
        print("fewer than 60 folders: some are missing")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
