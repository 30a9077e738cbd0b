"""The folders of golden cases, and the clock on the wall."""

import csv
import datetime as dt
import json
from fractions import Fraction

RATES = ["sharp", "peak", "flat", "valley"]
EPOCH = dt.datetime(1970, 1, 1)
DAY = 86400


# ---- the folders ---------------------------------------------------------------------------------
def seconds(text):
    return int((dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") - EPOCH).total_seconds())


def instant(value):
    return (EPOCH + dt.timedelta(seconds=value)).strftime("%Y-%m-%dT%H:%M:%SZ")


def e4(text):
    """"0.5283" -> 5283 ten-thousandths"""
    value = Fraction(text) * 10000
    assert value.denominator == 1, text
    return int(value)


def minute(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def day_number(text):
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def date_of(day):
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def steps_of(version):
    return version["steps"] if "steps" in version else [{"prices": version["prices"]}]


def load(folder):
    case = json.loads((folder / "case.json").read_text())
    case["plan"] = json.loads((folder / "plan.json").read_text())
    series = []
    with open(folder / "readings.csv", newline="") as file:
        for row in csv.DictReader(file):
            if not series or series[-1]["meter"] != row["meter"]:
                series.append({"meter": row["meter"], "readings": [], **case.get("meters", {}).get(row["meter"], {})})
            rates = None
            if row.get("flat_wh"):
                rates = [int(row[f"{rate}_wh"]) for rate in RATES]
            series[-1]["readings"].append((seconds(row["at"]), int(row["total_wh"]), rates))
    case["series"] = series
    return case


# ---- the clock on the wall -------------------------------------------------------------------------
class Wall:
    def __init__(self, rows):
        self.rows = [(seconds(at), offset) for at, offset in rows]
        self.ends = [at for at, _ in self.rows[1:]] + [10**12]

    def offset(self, t):
        return [offset for at, offset in self.rows if at <= t][-1]

    def shows(self, t):
        """(day, minute of the day)"""
        local = t + self.offset(t)
        return local // DAY, local % DAY // 60

    def moments(self, local):
        """When the wall shows this local second: never, once or twice."""
        return [local - offset for (at, offset), end in zip(self.rows, self.ends) if at <= local - offset < end]

    def start(self, day):
        local = day * DAY
        return min(max(at, local - offset) for (at, offset), end in zip(self.rows, self.ends)
                   if max(at, local - offset) < end)
