"""What is done to a running Wutong while it sells: processes and database killed, meters without power, faulty frames, somebody else at
a meter. Whatever is done is counted and, where it is a kill, written down with the deliveries that it met."""
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

from system import Failed

STATES = ("queued", "sending", "unknown", "delivered", "refused", "quarantined")
ENOUGH_HITS = 20   # of each state; from then on chance decides
FRESH_S = 3        # a final state is met by a kill that comes so soon after it was written
FRAME_FAULTS = ("lost_request", "lost_answer", "late_answer", "torn_answer", "garbled_answer", "foreign_answer", "repeated_answer")
POWER_CUT = "power_cut_after_write"
MET = ("select state, count(*) from credit_delivery where state in ('queued', 'sending', 'unknown', 'quarantined') "
       f"or finished_at > now() - interval '{FRESH_S} s' group by state")


class Books:
    """Questions to the database over one connection that may die at any time."""

    def __init__(self, system):
        self.system = system
        self.psql = None
        self.lock = threading.Lock()

    def close(self):
        if self.psql:
            self.psql.kill()
            self.psql.wait()
            self.psql = None

    def connect(self):
        password = (self.system.var / "etc/superuser.password").read_text(encoding="ascii").strip()
        words = ["psql", "-h", "127.0.0.1", "-p", str(self.system.port("PG")), "-U", "postgres", "-d", "wutong", "-XAtq", "-F", "\t"]
        self.psql = subprocess.Popen(words, env={**os.environ, "PGPASSWORD": password, "PGOPTIONS": "-c search_path=wutong"}, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(self, sql, seconds=60):
        """Rows of text columns; asked again while the database is away."""
        until = time.monotonic() + seconds
        while True:
            rows = self.try_once(sql)
            if rows is not None:
                return rows
            if time.monotonic() > until:
                raise Failed(f"the database did not answer within {seconds} s: {sql}")
            time.sleep(0.1)

    def try_once(self, sql):
        with self.lock:
            try:
                if self.psql is None or self.psql.poll() is not None:
                    self.connect()
                self.psql.stdin.write(f"{sql};\n\\echo asked :ERROR\n")
                self.psql.stdin.flush()
                rows = []
                for line in self.psql.stdout:
                    if line.startswith("asked "):
                        if line.strip() == "asked false":
                            return rows
                        break
                    rows.append(line.rstrip("\n").split("\t"))
            except OSError:
                pass
            self.close()
            return None

    def met(self):
        return {state: int(count) for state, count in self.ask(MET)}


class Kills:
    """kill -9 of server, collector and a database session, and the crash of the whole database."""

    def __init__(self, system, books, field, sold, awaited, seed, say):
        self.system, self.books, self.field, self.say = system, books, field, say
        self.sold, self.awaited = sold, awaited
        self.random = random.Random(seed)
        self.commands = {name: system.command_of(name) for name in ("server", "collector")}
        self.daemons = {}
        self.counts = {"server": 0, "collector": 0, "database session": 0, "database": 0}
        self.hits = dict.fromkeys(STATES, 0)
        self.lock = threading.Lock()

    def waiting(self):
        """Deliveries in the queue."""
        return self.books.met().get("queued", 0)

    def total(self):
        return sum(self.counts.values())

    def note(self, what, met):
        with self.lock:
            self.counts[what] += 1
            for state, count in met.items():
                self.hits[state] += count
            self.say(f"kill {self.total():4} after {self.sold():5} sales  {what:17} met " + ", ".join(f"{state} {met[state]}" for state in STATES if met.get(state)))

    def aim(self, seconds=1.5):
        """Waits for a moment in which some delivery is in the state that was hit least; chance decides where there is none. Deliveries
        become unknown when their meter goes dark while they are sent."""
        wanted = min(STATES, key=lambda state: self.hits[state])
        if self.hits[wanted] >= ENOUGH_HITS:
            return
        until = time.monotonic() + seconds
        dark = set()
        while time.monotonic() < until and not self.books.met().get(wanted):
            if wanted == "unknown" and not dark:
                rows = self.books.ask("select serial_number from credit_delivery join meter using (property_id, meter_id) where state = 'sending'")
                dark = {serial for serial, in rows if serial in self.field.serials}
                for serial in dark:
                    self.field.meters.set(serial, powered=False)
            time.sleep(0.01)
        if dark:
            # Light again some time after the kill.
            threading.Timer(2, lambda: [self.field.meters.set(serial, powered=True) for serial in dark]).start()

    def wait_for_sales(self, count, seconds=20):
        """Kills are spread over the sales and not over the time: on a slow machine nothing would be up long enough to do anything."""
        wanted, until = self.sold() + count, time.monotonic() + seconds
        while time.monotonic() < until and self.sold() < wanted and not self.awaited():
            time.sleep(0.05)

    def kill_daemon(self, name, down_s):
        os.kill(self.system.pid(name), signal.SIGKILL)
        if name in self.daemons:
            self.daemons[name].wait()
        # Nothing moves any more what it had in hand: what the books say now is what the kill has met.
        self.note(name, self.books.met())
        time.sleep(down_s)
        self.daemons[name] = self.system.launch(name, self.commands[name])

    def kill_session(self):
        rows = self.books.ask("select pid from pg_stat_activity where usename in ('wutong_server', 'wutong_collector') "
                              "order by state <> 'idle' desc, random() limit 1")
        met = self.books.met()
        if rows:
            try:
                os.kill(int(rows[0][0]), signal.SIGKILL)
            except ProcessLookupError:
                return  # it had ended by itself
            self.note("database session", met)

    def crash_database(self, down_s):
        met = self.books.met()
        self.system.database(["stop", "-m", "immediate"])
        self.note("database", met)
        time.sleep(down_s)
        self.system.database(["start"])

    def strike(self):
        """One kill, sometimes several at once."""
        down = self.random.uniform
        blows = {"server": lambda: self.kill_daemon("server", down(0, 1)), "collector": lambda: self.kill_daemon("collector", down(0, 1)),
                 "session": self.kill_session, "database": lambda: self.crash_database(down(0, 1.5))}
        for blow in self.random.choices((("server",), ("collector",), ("session",), ("database",), ("collector", "server"), ("server", "database")),
                                        (30, 35, 15, 10, 6, 4))[0]:
            blows[blow]()

    def run(self, over, sales_between, broken):
        """Goes on until over() is true; sales_between(): so many sales on average between two strikes. @returns join()"""
        def work():
            while not over():
                self.wait_for_sales(self.random.uniform(0.4, 1.6) * sales_between())
                self.aim()
                self.strike()
        return start_all([work], broken)


def start_all(jobs, broken):
    """@param broken an event that a job which fails sets, so that the others end too
    @returns join(), which raises what the first of them raised"""
    failures = []

    def guarded(job):
        try:
            job()
        except Exception as error:  # raised again by join()
            failures.append(error)
            broken.set()

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()

    def join():
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
    return join


class Field:
    """What happens out there: the wire and the meters."""

    def __init__(self, meters, serials, seed):
        self.meters, self.serials = meters, serials
        self.random = random.Random(seed)
        self.power_cuts = 0
        self.foreign = []           # meters whose number somebody else has moved

    def faulty_frames(self, share):
        """So many of all frames, of every kind alike. As many of the writes are carried out, and the meter is dark before it can answer."""
        for bus in sorted({meter["bus"] for meter in self.meters.all()}):
            self.meters.fault(target=f"bus:{bus}", kind=POWER_CUT, count=1_000_000, probability=share, delay_ms=2500)
            for kind in FRAME_FAULTS:
                self.meters.fault(target=f"bus:{bus}", kind=kind, count=1_000_000, probability=share / len(FRAME_FAULTS), delay_ms=700)

    def hits(self):
        hits = {}
        for fault in self.meters.request("GET", "/v1/faults")["faults"]:
            hits[fault["kind"]] = hits.get(fault["kind"], 0) + fault["hits"]
        return hits

    def cut_power(self):
        serial = self.random.choice(self.serials)
        self.meters.set(serial, powered=False)
        time.sleep(self.random.uniform(0.3, 2))
        self.meters.set(serial, powered=True)
        self.power_cuts += 1

    def write_foreign(self):
        """Somebody else at the meter: the number moves, and no money. Far, so that our next number is not that one by chance."""
        serial = self.random.choice([serial for serial in self.serials if serial not in self.foreign])
        self.meters.set(serial, purchase_number=self.meters.truth(serial)["purchase_number"] + 100)
        self.foreign.append(serial)

    def run(self, over, foreign_every_s, foreign_max, broken):
        def power():
            while not over():
                time.sleep(self.random.uniform(0.5, 2))
                self.cut_power()

        def foreign():
            while not over():
                for _ in range(int(foreign_every_s * 5)):
                    time.sleep(0.2)
                    if over():
                        return
                if len(self.foreign) < foreign_max:
                    self.write_foreign()

        return start_all([power, foreign], broken)


def write_plan(path, links, ports, per_line=9):
    """A building with fast lines: four serial buses and two gateways, 115 200 baud. @returns how many meters"""
    text, number = "", 0
    for line in range(6):
        name = f"bus{line + 1}" if line < 4 else f"gw{line - 3}"
        kind, where = ("serial", f'link = "{links}/{name}"') if line < 4 else (("modbus_tcp", "rtu_over_tcp")[line - 4], f"port = {ports[line - 4]}")
        text += f'[[line]]\nname = "{name}"\nkind = "{kind}"\n{where}\nbaud = 115200\nturnaround_ms = 3\n\n'
        for address in range(1, per_line + 1):
            number += 1
            profile = "acrel-dtsy1352" if address % 3 == 0 else "acrel-ddsy1352"
            text += (f'[[meter]]\nserial = "2026099{number:05}"\ncode = "{100 * (line + 1) + address}"\nprofile = "{profile}"\nline = "{name}"\n'
                     f'address = {address}\nfloor = {line + 1}\nunit = "{100 * (line + 1) + address}"\npremises = "E004"\nshift_weeks = {number % 10}\n\n')
    pathlib.Path(path).write_text(text, encoding="ascii")
    return number
