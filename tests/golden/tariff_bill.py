"""Energy and bill by the rules of docs/tariffs.md, with exact fractions."""

import bisect
import datetime as dt
from fractions import Fraction
from math import floor

from tariff_folders import DAY, RATES, Wall, date_of, day_number, e4, instant, minute, seconds, steps_of
from tariff_plan_faults import month_day, plan_faults

TIME_MAX = seconds("2201-01-01T00:00:00Z")


class Refused(Exception):
    """A calculation that the rules refuse; the text is the fault's name."""


# ---- energy between readings -----------------------------------------------------------------------
def counted(one, before, now):
    if now >= before:
        return now - before
    size = one.get("rolls_over_at_wh")
    if size and before >= size - size // 10 and now < size // 10:
        return size - before + now
    raise Refused("backward_reading")


def intervals(series):
    out, end = [], None
    for one in series:
        size, quantum = one.get("rolls_over_at_wh"), one.get("quantum_wh", 10)
        before = None
        for at, total, rates in one["readings"]:
            if not 0 <= at < TIME_MAX:
                raise Refused("time_out_of_range")
            for value in [total] + (rates or []):
                if value < 0:
                    raise Refused("reading_below_zero")
                if size and value >= size:
                    raise Refused("reading_above_register")
            if before is None and end is not None and at < end:
                raise Refused("series_overlap")
            if before:
                at0, total0, rates0 = before
                if at <= at0:
                    raise Refused("readings_not_in_order")
                if at - at0 > 400 * DAY:
                    raise Refused("readings_too_far_apart")
                used = counted(one, total0, total)
                by_rate = None
                if rates and rates0:
                    by_rate = [counted(one, a, b) for a, b in zip(rates0, rates)]
                    if max(by_rate) > 10**12:
                        raise Refused("quantity_too_large")
                    if abs(sum(by_rate) - used) > 4 * quantum:
                        raise Refused("rates_do_not_add_up")
                if used > 10**12:
                    raise Refused("quantity_too_large")
                if one.get("watts_max") is not None and used > one["watts_max"] * (at - at0) // 3600 + quantum:
                    raise Refused("more_than_meter_can_carry")
                out.append((at0, at, used, by_rate, one["meter"]))
            before = (at, total, rates)
            end = at
    return out


# ---- which rate ------------------------------------------------------------------------------------
def day_plan(calendar, day):
    date = date_of(day)
    specials = {s["day"]: s["type"] for s in calendar.get("special_days", [])}
    kind = specials.get(date.isoformat()) or specials.get(date.strftime("%m-%d")) or calendar["weekdays"][date.weekday()]
    for season in calendar["seasons"]:
        first, last = month_day(season["from"])[0], month_day(season["to"])[0]
        here = (date.month, date.day)
        if first <= here <= last if first <= last else here >= first or here <= last:
            name = season["day_plans"][calendar["day_types"].index(kind)]
            return next(p for p in calendar["day_plans"] if p["name"] == name)["periods"]
    raise AssertionError("a day without a season")


def rate_at(calendar, wall, t):
    day, at = wall.shows(t)
    return next(rate for a, b, rate in day_plan(calendar, day) if minute(a) <= at < minute(b))


def rate_changes(calendar, wall, first, last):
    moments = {at for at, _ in wall.rows if first < at < last}
    for day in range(first // DAY - 2, last // DAY + 3):
        for a, _, _ in day_plan(calendar, day):
            moments.update(t for t in wall.moments(day * DAY + minute(a) * 60) if first < t < last)
    return moments


# ---- the bill --------------------------------------------------------------------------------------
def month_text(month):
    return None if month is None else f"{month[0]:04d}-{month[1]:02d}"


def month_from(text):
    return tuple(int(p) for p in text.split("-")) if text else None


def following(month):
    return (month[0] + month[1] // 12, month[1] % 12 + 1)


def length(month):
    return (dt.date(*following(month), 1) - dt.date(*month, 1)).days


def first_day(month):
    return (dt.date(*month, 1) - dt.date(1970, 1, 1)).days


def share(monthly, first, days, of):
    """Ten-millionths of the days [first, first + days) of a month."""
    return floor(Fraction(monthly * 1000 * (first + days), of)) - floor(Fraction(monthly * 1000 * first, of))


EMPTY = {"through": None, "version": None, "meter": None, "step_period": None, "step_used_wh": 0, "rest": 0,
         "tax_rests": [], "below_quantum_e4": 0, "whole_charged": None, "month": None, "month_charged": 0,
         "month_minimum": 0}


class Bill:
    def __init__(self, case):
        self.case = case
        self.versions = case["plan"]["versions"]
        self.wall = Wall(case["utc_offsets"])
        period = case["period"]
        self.first, self.last = seconds(period["from"]), seconds(period["to"])
        self.quantum, self.closing = e4(period.get("quantum", "0.0001")), period.get("closing", False)
        self.state = {**EMPTY, **case.get("state", {})}
        self.lines = []

    def refuse(self):
        state = self.state
        if not (0 <= self.first <= TIME_MAX and 0 <= self.last <= TIME_MAX):
            raise Refused("time_out_of_range")
        if self.first >= self.last:
            raise Refused("period_empty")
        if self.last - self.first > 3660 * DAY:
            raise Refused("period_too_long")
        if self.quantum <= 0:
            raise Refused("bad_quantum")
        if self.wall.rows[0][0] > self.first:
            raise Refused("local_time_unknown")
        sane = 0 <= state["rest"] < 1000 and 0 <= state["step_used_wh"] <= 10**18 and min(
            state["below_quantum_e4"], state["month_charged"], state["month_minimum"]) >= 0
        for one in state["tax_rests"]:
            parts = 1000 * (10000 + (one["bp"] if one["included"] else 0))
            sane = sane and 0 <= one["bp"] <= 10000 and 0 <= one["parts"] < parts
        if not sane:
            raise Refused("bad_state")
        if state["through"] and seconds(state["through"]) != self.first:
            raise Refused("period_does_not_follow")

    def stretches(self):
        """(from, to, index of the version, month, whether the month ends with it)"""
        starts = [self.wall.start(day_number(v["from"])) for v in self.versions]
        if starts[0] > self.first:
            raise Refused("no_version_in_force")
        day = self.wall.shows(self.first)[0] - 40
        months = sorted({(date_of(d).year, date_of(d).month) for d in range(day, self.wall.shows(self.last)[0] + 40)})
        begins = [(self.wall.start(first_day(m)), m) for m in months]
        cuts = sorted({self.first, self.last} | {t for t in starts + [b for b, _ in begins] if self.first < t < self.last})
        for a, b in zip(cuts, cuts[1:]):
            month = [m for t, m in begins if t <= a][-1]
            yield a, b, [i for i, t in enumerate(starts) if t <= a][-1], month, b in [t for t, _ in begins]

    def pieces(self, a, b, version, parts):
        """(rate, watt-hours, meter) in the order of time, for one stretch"""
        calendar = version.get("calendar")
        for start, end, total, by_rate, meter in parts:
            low, high = max(a, start), min(b, end)
            if low >= high:
                continue

            def between(whole, x, y):
                return floor(Fraction(whole * (y - start), end - start)) - floor(Fraction(whole * (x - start), end - start))
            if calendar is None:
                yield "flat", between(total, low, high), meter
            elif by_rate is not None:
                for rate, whole in zip(RATES, by_rate):
                    yield rate, between(whole, low, high), meter
            else:
                key = (a, b)
                if self.cached != key:
                    self.cached, self.cuts = key, sorted(rate_changes(calendar, self.wall, a, b))
                inside = self.cuts[bisect.bisect_right(self.cuts, low):bisect.bisect_left(self.cuts, high)]
                moments = [low] + inside + [high]
                for x, y in zip(moments, moments[1:]):
                    yield rate_at(calendar, self.wall, x), between(total, x, y), meter

    def calculate(self):
        parts = intervals(self.case["series"])
        self.refuse()
        self.cached, energy, groups, unmeasured = None, 0, {}, []
        state = self.state
        for a, b, index, month, month_ends in self.stretches():
            version = self.versions[index]
            steps = steps_of(version)
            group = groups.setdefault(index, {"energy": {}, "fixed": [], "minimum": []})
            self.begin_steps(version, month)
            if month_from(state["month"]) != month:
                state.update(month=month_text(month), month_charged=0, month_minimum=0)
            begun = [d for d in range(first_day(month), first_day(following(month))) if a <= self.wall.start(d) < b]
            first, days = (begun[0] - first_day(month), len(begun)) if begun else (0, 0)
            self.fixed(version, month, first, days, group)
            here = 0
            for rate, wh, meter in self.pieces(a, b, version, parts):
                if state["meter"] not in (None, meter) and version.get("when_meter_exchanged", "keep") == "restart":
                    state["step_used_wh"] = 0
                state["meter"] = meter
                here += wh
                while wh:
                    at = next(i for i, s in enumerate(steps)
                              if s.get("up_to_wh") is None or state["step_used_wh"] < s["up_to_wh"])
                    limit = steps[at].get("up_to_wh")
                    fits = wh if limit is None else min(wh, limit - state["step_used_wh"])
                    if rate not in steps[at]["prices"]:
                        raise Refused("rate_not_in_plan")
                    group["energy"][at, RATES.index(rate)] = group["energy"].get((at, RATES.index(rate)), 0) + fits
                    state["month_charged"] += fits * e4(steps[at]["prices"][rate])
                    state["step_used_wh"] += fits
                    wh -= fits
            state["month_charged"] += sum(here * e4(c["price"]) for c in version.get("energy_charges", []))
            energy += here
            state["version"] = version["from"]
            self.minimum(version, month, first, days, month_ends or (self.closing and b == self.last), group)
        covered = [(s, e) for s, e, *_ in parts if e > self.first and s < self.last]
        edge = self.first
        for s, e in covered + [(self.last, self.last)]:
            if s > edge:
                unmeasured.append([instant(edge), instant(s)])
            edge = max(edge, e)
        for index in sorted(groups):
            self.list_lines(self.versions[index], groups[index])
        state["through"] = instant(self.last)
        return self.sums(energy, unmeasured)

    def begin_steps(self, version, month):
        state, begins = self.state, month
        if version.get("step_period", "month") == "year":
            start = version.get("year_begins", 1)
            begins = (month[0] if month[1] >= start else month[0] - 1, start)
        other = state["version"] not in (None, version["from"])
        if month_from(state["step_period"]) != begins or (other and version.get("when_version_begins", "keep") == "restart"):
            state.update(step_period=month_text(begins), step_used_wh=0)

    def line(self, version, kind, exact, taxed=True, **more):
        tax = version.get("tax", {})
        return {"kind": kind, "name": "", "version": version["from"], "rate": None, "step": 0, "quantity_wh": 0,
                "price_e4": 0, "month": None, "first_day": 0, "days": 0, "monthly_e4": 0, "exact": exact,
                "tax_bp": tax.get("bp", 0) if taxed else 0, "tax_included": tax.get("included", True), **more}

    def fixed(self, version, month, first, days, group):
        for charge in version.get("fixed_charges", []):
            monthly, taxed = e4(charge["monthly"]), charge.get("taxed", True)
            more = {"name": charge["name"], "month": month_text(month), "monthly_e4": monthly}
            if charge.get("spread", "by_day") == "by_day":
                if days == 0:
                    continue
                exact = share(monthly, first, days, length(month))
                more.update(first_day=first, days=days)
            else:
                if month_from(self.state["whole_charged"]) == month:
                    continue
                exact = monthly * 1000
            self.state["month_charged"] += exact
            group["fixed"].append(self.line(version, "fixed_charge", exact, taxed, **more))
        self.state["whole_charged"] = month_text(month)

    def minimum(self, version, month, first, days, due, group):
        state, least = self.state, version.get("minimum")
        by_day = least and least.get("spread", "whole") == "by_day"
        if by_day:
            state["month_minimum"] += share(e4(least["monthly"]), first, days, length(month))
        if due and least:
            wanted = state["month_minimum"] if by_day else e4(least["monthly"]) * 1000
            if wanted > state["month_charged"]:
                group["minimum"].append(self.line(version, "minimum", wanted - state["month_charged"],
                                                  month=month_text(month), monthly_e4=e4(least["monthly"])))
        if due:
            state.update(month=None, month_charged=0, month_minimum=0)

    def list_lines(self, version, group):
        for (at, rate), wh in sorted(group["energy"].items()):
            price = e4(steps_of(version)[at]["prices"][RATES[rate]])
            self.lines.append(self.line(version, "energy", wh * price, rate=RATES[rate], step=at + 1, quantity_wh=wh,
                                        price_e4=price))
        total = sum(group["energy"].values())
        for charge in version.get("energy_charges", []) if total else []:
            price = e4(charge["price"])
            self.lines.append(self.line(version, "energy_charge", total * price, charge.get("taxed", True),
                                        name=charge["name"], quantity_wh=total, price_e4=price))
        self.lines += group["fixed"] + group["minimum"]

    def sums(self, energy, unmeasured):
        state = self.state
        through = Fraction(state["rest"], 1000)
        charged = 0
        taxes = {(one["bp"], one["included"]): [None, one["parts"]] for one in state["tax_rests"]}
        out = {"charges_e4": 0, "tax_added_e4": 0, "tax_included_e4": 0}
        for line in self.lines:
            through += Fraction(line["exact"], 1000)
            line["amount_e4"] = floor(through) - charged
            charged = floor(through)
            line["rest"] = int((through - charged) * 1000)
            line["tax_e4"] = line["tax_rest"] = 0
            bp, included = line["tax_bp"], line["tax_included"]
            if bp:
                whole = 10000 + bp if included else 10000
                entry = taxes.setdefault((bp, included), [None, 0])
                due = Fraction(line["exact"] * bp, 1000 * whole) + Fraction(entry[1], 1000 * whole)
                line["tax_e4"] = floor(due)
                entry[1] = int((due - floor(due)) * 1000 * whole)
                line["tax_rest"] = entry[1]
                out["tax_included_e4" if included else "tax_added_e4"] += line["tax_e4"]
        out["charges_e4"] = charged
        total = charged + out["tax_added_e4"]
        waiting = total + state["below_quantum_e4"]
        booked = waiting // self.quantum * self.quantum
        state["rest"] = int((through - charged) * 1000)
        state["tax_rests"] = [{"bp": bp, "included": included, "parts": parts}
                              for (bp, included), (_, parts) in taxes.items()]
        state["below_quantum_e4"] = 0 if self.closing else waiting - booked
        largest = [abs(out[k]) for k in out] + [abs(l["exact"]) for l in self.lines] + [total]
        if max(largest) > 2**63 - 1:
            raise Refused("quantity_too_large")
        return {"lines": self.lines, "energy_wh": energy, **out, "total_e4": total, "booked_e4": booked,
                "to_rounding_e4": waiting - booked if self.closing else 0, "unmeasured": unmeasured, "state": state}


def outcome(case):
    faults = plan_faults(case["plan"])
    if faults:
        return {"plan_faults": faults}
    try:
        return {"bill": Bill(case).calculate()}
    except Refused as refused:
        return {"fault": str(refused)}
