"""What is wrong with a plan, by name: the checks of docs/tariffs.md a second time."""

import datetime as dt

from tariff_folders import date_of, day_number, e4, minute, steps_of


# ---- is the plan in order? -------------------------------------------------------------------------
def month_day(text):
    """(month, day), whether it exists in some year"""
    month, day = (int(part) for part in text.split("-"))
    lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (month, day), 1 <= month <= 12 and 1 <= day <= lengths[month - 1]


ALL_DAYS = [(m, d) for m, n in enumerate([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], 1) for d in range(1, n + 1)]


def days_of_season(first, last):
    a, b = ALL_DAYS.index(first), ALL_DAYS.index(last)
    return ALL_DAYS[a:b + 1] if a <= b else ALL_DAYS[a:] + ALL_DAYS[:b + 1]


def bad_names(names):
    return sum(1 for i, name in enumerate(names) if not name or len(name.encode()) > 60 or name in names[:i])


def calendar_faults(calendar):
    faults = []
    types = calendar["day_types"]
    if len(types) > 8 or len(calendar["seasons"]) > 12 or len(calendar["day_plans"]) > 96:
        return ["too_many"]
    faults += ["bad_name"] * (bad_names(types) + bad_names([s["name"] for s in calendar["seasons"]]) +
                              bad_names([p["name"] for p in calendar["day_plans"]]))
    faults += ["unknown_day_type"] * sum(1 for t in calendar["weekdays"] if t not in types)
    for plan in calendar["day_plans"]:
        if len(plan["periods"]) > 48:
            faults.append("too_many")
            continue
        covered = [0] * 1440
        periods = sorted((minute(a), minute(b)) for a, b, _ in plan["periods"])
        faults += ["period_out_of_day"] * sum(1 for a, b in periods if a >= b or b > 1440)
        periods = [(a, b) for a, b in periods if a < b <= 1440]
        for a, b in periods:
            if any(covered[a:b]):
                faults.append("periods_overlap")
            covered[a:b] = [1] * (b - a)
        faults += ["gap_in_day"] * sum(1 for i in range(1440) if not covered[i] and (i == 0 or covered[i - 1]))
    days = []
    for season in calendar["seasons"]:
        if len(season["day_plans"]) != len(types):
            faults.append("day_plans_missing")
        faults += ["unknown_day_plan"] * sum(1 for n in season["day_plans"]
                                             if n not in [p["name"] for p in calendar["day_plans"]])
        (first, ok1), (last, ok2) = month_day(season["from"]), month_day(season["to"])
        if not (ok1 and ok2):
            faults.append("bad_date")
            continue
        own = days_of_season(first, last)
        if set(own) & set(days):
            faults.append("seasons_overlap")
        days += own
    if set(days) != set(ALL_DAYS):
        faults.append("gap_in_year")
    seen = set()
    for special in calendar.get("special_days", []):
        parts = special["day"].split("-")
        ok = month_day("-".join(parts[-2:]))[1]
        if ok and len(parts) == 3:
            try:
                dt.date.fromisoformat(special["day"])
            except ValueError:
                ok = False
        if not ok:
            faults.append("bad_date")
        elif special["day"] in seen:
            faults.append("special_day_twice")
        seen.add(special["day"])
        if special["type"] not in types:
            faults.append("unknown_day_type")
    return faults


def version_faults(version):
    faults = []
    steps = steps_of(version)
    faults += ["no_step"] * (not steps) + ["too_many"] * (len(steps) > 12)
    used = {"flat"}
    if version.get("calendar"):
        used = {rate for plan in version["calendar"]["day_plans"] for _, _, rate in plan["periods"]}
    below = 0
    for i, step in enumerate(steps):
        limit, last = step.get("up_to_wh"), i == len(steps) - 1
        faults += ["last_step_has_limit"] * (limit is not None and last)
        faults += ["limit_missing"] * (limit is None and not last)
        if limit is not None:
            faults += ["steps_not_ascending"] * (limit <= below)
            below = max(below, limit)
        faults += ["price_out_of_range"] * sum(1 for p in step["prices"].values() if not 0 <= e4(p) <= 10**9)
        faults += ["price_missing"] * sum(1 for rate in used if rate not in step["prices"])
    faults += ["year_begins_nowhere"] * (not 1 <= version.get("year_begins", 1) <= 12)
    per_kwh, fixed = version.get("energy_charges", []), version.get("fixed_charges", [])
    faults += ["price_out_of_range"] * sum(1 for c in per_kwh if not 0 <= e4(c["price"]) <= 10**9)
    amounts = [c["monthly"] for c in fixed] + [version.get("deposit", "0"), version.get("overdraft", "0")]
    if version.get("minimum"):
        amounts.append(version["minimum"]["monthly"])
    faults += ["amount_out_of_range"] * sum(1 for a in amounts if not 0 <= e4(a) <= 10**13)
    faults += ["too_many"] * (len(per_kwh) + len(fixed) > 20)
    faults += ["bad_name"] * bad_names([c["name"] for c in per_kwh + fixed])
    faults += ["tax_out_of_range"] * (not 0 <= version.get("tax", {}).get("bp", 0) <= 10000)
    if version.get("calendar"):
        faults += calendar_faults(version["calendar"])
    return faults


def plan_faults(plan):
    faults = ["bad_name"] * bad_names([plan["name"]]) + ["no_version"] * (not plan["versions"])
    faults += ["too_many"] * (len(plan["versions"]) > 200)
    before = None
    for version in plan["versions"]:
        start = day_number(version["from"])
        faults += ["bad_date"] * (not 1970 <= date_of(start).year <= 2200)
        faults += ["versions_not_ascending"] * (before is not None and start <= before)
        before = start
        faults += version_faults(version)
    return sorted(faults)
