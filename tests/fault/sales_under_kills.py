#!/usr/bin/env python3
"""1 000 sales to simulated meters with 5 % faulty frames, while processes are killed: nothing is lost, nothing comes twice.

Starts a whole Wutong in a folder of its own with 54 meters on fast lines. Cashiers sell, refund and take back over gRPC, each call as a
client makes it: the same request until there is an answer. Meanwhile server, collector and database sessions are killed with -9, the
database crashes, meters lose power, somebody else writes to some. At the end the meters are asked what they hold.
A round goes on until all its sales and kills are done and every state of a delivery was met; with --minutes there are rounds, each with a
system of its own, until the time is over.
"""
import argparse
import collections
import os
import pathlib
import random
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import api  # noqa: E402
from saboteurs import STATES, Books, Field, Kills, start_all, write_plan  # noqa: E402
from system import QUANTUM, ROOT, YUAN, Failed, System, in_parallel, money, wait_for  # noqa: E402

FRAMES_FAULTY = 0.05
CASHIERS = 10
EXHAUSTED = 6              # meters that hold less than is to be taken off when the refund comes
HITS_MIN = 3               # of each state
FOREIGN_EVERY_S, FOREIGN_MAX = 12, 12
QUEUE_MAX = 100            # deliveries; the tenants wait then
ROUND_MAX_S = 480


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Counter:
    """The cashiers, and what they were answered."""

    def __init__(self, system, meters):
        self.system, self.meters = system, meters
        self.sales, self.accounts, self.devices = api.messages("sale_service"), api.messages("account_service"), api.messages("device_service")
        self.common = api.messages("common")
        self.admin = api.connect(system)
        self.second = None          # who says the second word on a quarantined delivery
        self.tower = None
        self.place = {}             # serial -> (account, meter)
        self.receipts = {}          # sale id -> (kind, serial, amount)
        self.refusals = collections.Counter()
        self.repeated = 0
        self.waiting = 0            # deliveries
        self.ahead = lambda: False  # more is sold than was killed for
        self.settled = collections.Counter()
        self.lock = threading.Lock()

    def open(self, serials, first):
        from google.protobuf import empty_pb2
        self.tower = self.admin.call("site_service", "ListProperties", empty_pb2.Empty()).properties[0].property_id
        listed = self.admin.call("device_service", "ListMeters", self.devices.ListMetersRequest(property_id=self.tower, page=self.common.Page(size=1000)))
        numbers = {meter.serial_number: meter.meter_id for meter in listed.meters}

        def one(serial):
            answer = self.admin.call("account_service", "OpenAccount", self.accounts.OpenAccountRequest(
                request_id=api.new_id(), property_id=self.tower, customer=self.accounts.Customer(name=f"Tenant {serial}"),
                method=self.common.TENDER_METHOD_CASH, meters=[self.accounts.OpenMeter(meter_id=numbers[serial], first_purchase_e4=first)]))
            self.place[serial] = (answer.account.account_id, numbers[serial])
        for serial in serials:
            one(serial)

    def done(self, kind=None):
        with self.lock:
            return sum(1 for receipt in self.receipts.values() if kind in (None, receipt[0]))

    def change(self, connection, kind, method, request, serial, amount):
        """@returns the receipt, or None when it was refused"""
        request.request_id, request.property_id = api.new_id(), self.tower
        try:
            receipt = connection.call("sale_service", method, request)
        except api.Refused as refused:
            if refused.code != "FAILED_PRECONDITION":
                raise Failed(f"{method} on {serial}: {refused} ({refused.reason})") from refused
            with self.lock:
                self.refusals[f"{kind}: {refused.reason}"] += 1
            return None
        with self.lock:
            if receipt.sale_id in self.receipts:
                raise Failed(f"sale {receipt.sale_id} answers two requests: {self.receipts[receipt.sale_id]} and {kind} {serial} {amount}")
            self.receipts[receipt.sale_id] = (kind, serial, amount)
        return receipt

    def sell(self, connection, serial, amount):
        account, meter = self.place[serial]
        request = self.sales.SellRequest(account_id=account, meter_id=meter, amount_e4=amount, method=self.common.TENDER_METHOD_CASH)
        return self.change(connection, "sale", "Sell", request, serial, amount), request

    def refund(self, connection, serial, amount, why="too much"):
        account, meter = self.place[serial]
        request = self.sales.RefundRequest(account_id=account, meter_id=meter, amount_e4=amount, reason=why)
        return self.change(connection, "refund", "Refund", request, serial, amount)

    def repeat(self, connection, request, receipt):
        """The same again gets the first answer, the same id for something else is refused."""
        if connection.call("sale_service", "Sell", request).sale_id != receipt.sale_id:
            raise Failed(f"a repeated request was answered with another sale than {receipt.sale_id}")
        request.amount_e4 += QUANTUM
        try:
            connection.call("sale_service", "Sell", request)
            raise Failed(f"the id of sale {receipt.sale_id} was taken for another amount")
        except api.Refused as refused:
            if refused.code != "ALREADY_EXISTS":
                raise
        with self.lock:
            self.repeated += 1

    def cashier(self, number, over, serials, seed):
        dice = random.Random(f"{seed}/{number}")
        connection = api.connect(self.system, token=self.admin.token)
        while not over():
            if self.waiting > QUEUE_MAX or self.ahead():
                time.sleep(0.2)
                continue
            serial, what = dice.choice(serials), dice.random()
            amount = dice.randint(100, 999) * QUANTUM
            if what < 0.94:
                receipt, request = self.sell(connection, serial, amount)
                if receipt and what < 0.05:
                    self.repeat(connection, request, receipt)
                elif receipt and what < 0.10:
                    self.change(connection, "reversal", "Reverse", self.sales.ReverseRequest(sale_id=receipt.sale_id, reason="wrong amount"), serial, amount)
            else:
                self.refund(connection, serial, dice.randint(1, 50) * QUANTUM)
            time.sleep(dice.uniform(0, 0.6))

    def exhaust(self, over, serials):
        """Refunds of all that a meter holds, which uses some of it before the refund comes: the meter can't give it and refuses."""
        connection = api.connect(self.system, token=self.admin.token)
        while not over():
            for serial in serials:
                self.meters.set(serial, dead=True, load_w=60_000)
                balance = self.meters.truth(serial)["balance_e4"]
                # What the server knows is a little older, and more.
                self.refund(connection, serial, balance // QUANTUM * QUANTUM, "moves out")
            time.sleep(3)
            for serial in serials:
                self.meters.set(serial, dead=False, load_w=0)
            for _ in range(50):
                if over():
                    return
                time.sleep(0.2)

    def quarantined(self):
        answer = self.admin.call("sale_service", "ListDeliveries", self.sales.ListDeliveriesRequest(
            property_id=self.tower, state="quarantined", page=self.common.Page(size=1000)))
        return answer.deliveries

    def settle(self, delivery, delivered):
        for connection in (self.admin, self.second):
            connection.call("sale_service", "SettleDelivery", self.sales.SettleDeliveryRequest(
                request_id=api.new_id(), property_id=self.tower, delivery_id=delivery.delivery_id, delivered=delivered, reason="as the meter shows"))
        with self.lock:
            self.settled["delivered" if delivered else "refused"] += 1


class Proof:
    """Compares what the meters hold with what the ledger says."""

    def __init__(self, system, counter, field):
        self.system, self.counter, self.field = system, counter, field
        self.serials = {str(meter): serial for serial, (_, meter) in counter.place.items()}

    def delivered(self):
        """serial -> (money that the ledger believes on the meter, deliveries, writes)"""
        rows = self.system.psql("select meter_id, sum(amount_e4) filter (where state = 'delivered'), count(*) filter (where state = 'delivered'), "
                                "sum(attempts) from credit_delivery group by meter_id")
        return {self.serials[meter]: (int(amount or 0), int(count), int(writes)) for meter, amount, count, writes in rows}

    def truth(self):
        return {serial: self.meters_money(serial) for serial in self.serials.values()}

    def meters_money(self, serial):
        meter = self.field.meters.truth(serial)
        return meter["balance_e10"] + meter["cost_e10"], meter["purchase_number"]

    @staticmethod
    def remainder(writes):
        """A write drops less than one cent that was not shown, and forgives what was used between look and write."""
        return (writes + 1) * QUANTUM

    def on_meter(self, delivery):
        """What the operators go by: is more on the meter than the other deliveries explain?"""
        serial = self.serials[str(delivery.meter_id)]
        believed, _, writes = self.delivered()[serial]
        return abs(self.meters_money(serial)[0] // 1_000_000 - believed - delivery.amount_e4) <= self.remainder(writes)

    def compare(self, truth, ledger):
        """[(serial, "lost" or "duplicated", money)]"""
        wrong = []
        for serial, (believed, count, writes) in ledger.items():
            held_e10, number = truth[serial]
            difference = held_e10 // 1_000_000 - believed
            if abs(difference) > self.remainder(writes):
                wrong.append((serial, "lost" if difference < 0 else "duplicated", difference))
            elif serial not in self.field.foreign and number != count:
                wrong.append((serial, "lost" if number < count else "duplicated", 0))
        return wrong

    def can_fail(self, truth, ledger):
        """The comparison has to see one lost and one doubled sale of the smallest amount on each meter."""
        for serial, row in ledger.items():
            for amount, named in ((-YUAN, "lost"), (YUAN, "duplicated")):
                planted = {serial: (row[0] * 1_000_000 + amount * 1_000_000, truth[serial][1])}
                if [one[:2] for one in self.compare(planted, {serial: row})] != [(serial, named)]:
                    raise Failed(f"a {named} sale of {money(YUAN)} on {serial} would not be found: {row[2]} writes")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def prepare(system):
    ctl = system.ctl()
    ctl.run("parameter", "set", "state_interval_s=4", "lost_after_s=60", "alarm_1_e4=0", "alarm_2_e4=0")
    secret = system.var / "etc/second.password"
    secret.write_text("second-person-17\n", encoding="ascii")
    ctl.run("operator", "create", "second", "--role", "administrator", "--all-properties", "--password-file", secret)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--sales", type=int, default=1000, help="of a round")
    parser.add_argument("--kills", type=int, default=52, help="of a round")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the dice; what the clock does is not in it")
    parser.add_argument("--var", help="the folder; deleted first")
    options = parser.parse_args()
    until = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as generated:
        api.generate(generated)
        while True:
            if not one_round(options):
                return 1
            if time.monotonic() >= until:
                return 0
            options.seed += 1


def one_round(options):
    build = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build/ci"))
    var = pathlib.Path(options.var or build / "kills-var")
    plan = pathlib.Path(f"{var}.plan.toml")
    plan.parent.mkdir(parents=True, exist_ok=True)
    write_plan(plan, var / "sim", free_ports(2))
    system = System(var, os.environ.get("WUTONG_BIN", build / "bin"), {"WUTONG_SIM_CONFIG": str(plan)})
    books, holds = Books(system), False
    try:
        system.start()
        prepare(system)
        holds = run(system, books, options)
    except Failed as error:
        print(f"FAILED  {error}", flush=True)
    finally:
        books.close()
        if holds:
            system.remove()
        else:
            system.stop()
    return holds


def run(system, books, options):
    meters = system.meters()
    serials = [meter["serial"] for meter in meters.all()]
    counter, field = Counter(system, meters), Field(meters, serials[:-EXHAUSTED], options.seed)
    counter.second = api.connect(system, "second", "second-person-17")
    counter.open(serials, 5 * YUAN)
    wait_for("all meters are opened", 120, lambda: books.ask("select count(*) from credit_delivery where state <> 'delivered'") == [["0"]])
    proof = Proof(system, counter, field)
    say(f"seed {options.seed}: {len(serials)} meters on {len({meter['bus'] for meter in meters.all()})} lines are opened, {CASHIERS} cashiers begin")

    started, api.Api.unanswered = time.monotonic(), 0
    field.faulty_frames(FRAMES_FAULTY)
    kills = Kills(system, books, field, lambda: counter.done("sale"), lambda: counter.ahead(), options.seed, say)
    broken = threading.Event()

    def over():
        return ((counter.done("sale") >= options.sales and kills.total() >= options.kills and min(kills.hits.values()) >= HITS_MIN)
                or broken.is_set())

    def queue():
        while not over():
            counter.waiting = kills.waiting()
            time.sleep(0.3)

    # A slow machine takes long to come up again: the sales wait for the kills, as the kills wait for sales.
    counter.ahead = lambda: counter.done("sale") > 40 + kills.total() * options.sales / options.kills

    def sales_between():
        return max(4, 0.7 * (options.sales - counter.done("sale")) / max(1, options.kills - kills.total()))

    def settler():
        while not over():
            waiting = counter.quarantined()
            for delivery in waiting[:len(waiting) // 2]:
                counter.settle(delivery, proof.on_meter(delivery))
            for _ in range(100):
                if over():
                    return
                time.sleep(0.2)

    def limit():
        wait_for("the figures that are wanted", ROUND_MAX_S, over)

    jobs = [lambda n=n: counter.cashier(n, over, field.serials, options.seed) for n in range(CASHIERS)]
    jobs += [lambda: counter.exhaust(over, serials[-EXHAUSTED:]), settler, queue, limit]
    joins = [start_all(jobs, broken), kills.run(over, sales_between, broken), field.run(over, FOREIGN_EVERY_S, FOREIGN_MAX, broken)]
    for join in joins:
        join()
    took = time.monotonic() - started
    frame_hits = field.hits()
    meters.no_faults()
    in_parallel(lambda serial: meters.set(serial, powered=True, dead=False), serials)
    say("the faults have ended; what is on its way arrives")
    wait_for("nothing is on its way but what waits behind an operator's case", 180, lambda: books.ask(
        "select count(*) from credit_delivery d where state in ('queued', 'sending', 'unknown') and not exists (select from credit_delivery q "
        "where q.meter_id = d.meter_id and q.state = 'quarantined')") == [["0"]])
    # A crash takes the counters with it by which autovacuum finds what has grown; without statistics sums over the journal take very long.
    system.psql("analyze")
    return report(system, books, counter, field, kills, proof, frame_hits, took)


def report(system, books, counter, field, kills, proof, frame_hits, took):
    faults = []
    outcome = {state: int(count) for state, count in books.ask("select state, count(*) from credit_delivery where kind <> 'open' group by state")}

    def all_settled():
        for delivery in counter.quarantined():
            counter.settle(delivery, proof.on_meter(delivery))
        return books.ask("select count(*) from credit_delivery where state not in ('delivered', 'refused')") == [["0"]]

    wait_for("the operators' cases are settled, and what waited behind them has arrived", 180, all_settled)
    truth, ledger = proof.truth(), proof.delivered()
    wrong = proof.compare(truth, ledger)
    proof.can_fail(truth, ledger)

    booked = {int(sale): kind for sale, kind in books.ask("select sale_id, kind from sale where kind <> 'opening'")}
    lost_sales, extra_sales = set(counter.receipts) - set(booked), set(booked) - set(counter.receipts)
    for sale in sorted(lost_sales):
        faults.append(f"sale {sale} was answered and is not in the books: {counter.receipts[sale]}")
    for sale in sorted(extra_sales):
        faults.append(f"sale {sale} is in the books and was never asked for")
    for serial, how, amount in wrong:
        faults.append(f"meter {serial}: {how} {money(abs(amount))}, ledger {ledger[serial]}, meter {truth[serial]}")

    ctl = system.ctl()
    balance = ctl.run("ledger", "balance")[0]
    verdict = ctl.run("ledger", "verify")[-1]
    if balance["in_flight_e4"] != 0:
        faults.append(f"{money(balance['in_flight_e4'])} are still in flight")
    if not verdict.get("intact"):
        faults.append(f"verify: {verdict}")
    unbalanced = books.ask("select count(*) from (select 1 from posting group by property_id, entry_id having sum(amount_e4) <> 0) t")[0][0]
    if unbalanced != "0":
        faults.append(f"{unbalanced} entries do not sum to zero")
    twice = books.ask("select count(*) from (select 1 from reading group by property_id, meter_id, read_at having count(*) > 1) t")[0][0]
    if twice != "0":
        faults.append(f"{twice} readings are there twice")
    for state in STATES:
        if kills.hits[state] < HITS_MIN:
            faults.append(f"state {state} was hit {kills.hits[state]} times, at least {HITS_MIN} are wanted")

    kinds = collections.Counter(receipt[0] for receipt in counter.receipts.values())
    print(f"""
in {took:.0f} s
  sold            {kinds['sale']} sales, {kinds['refund']} refunds, {kinds['reversal']} taken back; {counter.repeated} requests repeated on purpose
  not answered    {api.Api.unanswered} calls, made again with the same request until they were
  at the counter  {sum(counter.refusals.values())} refused: {dict(counter.refusals)}
  killed          {kills.total()}: {kills.counts}
  states met      {kills.hits}
  faulty frames   {sum(frame_hits.values())}: {frame_hits}
  power           {field.power_cuts} meters without power for a while
  others          moved the purchase number of {len(field.foreign)} meters
  deliveries      {outcome.get('delivered', 0)} delivered, {outcome.get('refused', 0)} refused, {outcome.get('quarantined', 0)} in an operator's hands at the end, {outcome.get('queued', 0)} behind them
  settled         {dict(counter.settled)} by two operators as the meters showed
  on the meters   {money(sum(held for held, _ in truth.values()) // 1_000_000)} held and used; the ledger says {money(sum(row[0] for row in ledger.values()))}
  the books       {verdict.get('checked')} entries intact: {verdict.get('intact')}; in flight {money(balance['in_flight_e4'])}
  lost            {len(lost_sales) + sum(1 for one in wrong if one[1] == 'lost')}
  duplicated      {len(extra_sales) + sum(1 for one in wrong if one[1] == 'duplicated')}""", flush=True)
    for fault in faults:
        print(f"FAILED  {fault}", flush=True)
    return not faults


if __name__ == "__main__":
    sys.exit(main())
