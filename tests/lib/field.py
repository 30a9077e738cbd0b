"""A field without a server, for fault tests and benches: a database of its own in the test cluster (WUTONG_TEST_PG), wutong-sim as a process,
collectors as processes, meters and orders put straight into the tables. Everything is in one folder and gone at the end."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

from system import ROOT, Failed, Meters, wait_for

HZ = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def premises():
    for line in (ROOT / "simulator/data/premises.csv").read_text(encoding="utf-8").splitlines():
        if ",apartment," in line:
            return line.split(",")[0]
    raise Failed("simulator/data/premises.csv has no apartment")


def toml_value(value):
    return json.dumps(value) if not isinstance(value, bool) else str(value).lower()


class Process:
    """A child with its log in a file, ended with the field."""

    def __init__(self, words, log, environment=None, **options):
        self.log_file = pathlib.Path(log)
        self.since = self.log_file.stat().st_size if self.log_file.exists() else 0
        with open(log, "ab") as out:
            self.child = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                          env={**os.environ, **(environment or {})}, **options)

    def log(self):
        """What it has said since this start."""
        return self.log_file.read_bytes()[self.since:].decode(errors="replace")

    def send(self, what):
        os.kill(self.child.pid, what)

    def end(self, how=signal.SIGTERM, seconds=30):
        if self.child.poll() is None:
            self.send(how)
            if how == signal.SIGTERM:
                self.send(signal.SIGCONT)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise Failed(f"{self.child.args[0]} did not end in {seconds} s") from None
        return self.child.returncode

    def cpu(self):
        """Seconds of processor time so far."""
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / HZ

    def memory_mb(self):
        """The most that it ever had in memory."""
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


class Collector(Process):
    def __init__(self, field, name, settings, environment=None, within=()):
        self.name, self.port = name, free_port()
        file = field.folder / f"{name}.toml"
        sections = {
            "database": {"url": field.url("wutong_collector"), "password_file": str(field.folder / "password")},
            "profiles": {"directory": str(ROOT / "profiles")},
            "polling": {"state_interval_s": 2, "reading_interval_s": 2, "lost_after_s": 6, "probe_first_s": 1, "probe_max_s": 2, "reload_s": 1},
            "spool": {"directory": str(field.folder / "spool")},
            "metrics": {"listen": f"127.0.0.1:{self.port}"},
        }
        for title, values in settings.items():
            sections.setdefault(title, {}).update(values)
        text = [f"name = {toml_value(name)}\n"]
        for title, values in sections.items():
            text.append(f"[{title}]\n" + "".join(f"{key} = {toml_value(value)}\n" for key, value in values.items()))
        file.write_text("".join(text), encoding="utf-8")
        super().__init__([*within, field.bin / "wutong-collector", "--config", file], field.folder / f"{name}.log", environment)

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def metric(self, name, label=""):
        """Sum over all its labels, or those with this one; 0 when it is not there (yet)."""
        total = 0.0
        for line in self.metrics().splitlines():
            if line.split("{")[0].split(" ")[0] == name and label in line:
                total += float(line.rsplit(" ", 1)[1])
        return total


class Field:
    count = 0
    model = ""
    lock = threading.Lock()

    def __init__(self, build=None):
        self.bin = pathlib.Path(os.environ.get("WUTONG_BIN", ROOT / "build/ci/bin"))
        if "WUTONG_TEST_PG" not in os.environ:
            raise Failed("WUTONG_TEST_PG is not set: run this by ./test.sh")
        self.cluster = urllib.parse.urlsplit(os.environ["WUTONG_TEST_PG"])
        with Field.lock:
            Field.count += 1
            self.database = f"wf_{os.getpid()}_{Field.count}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wutong-field.", dir=build))
        self.processes = []
        self.sim = self.meters = None
        self.lines, self.plan = [], []
        (self.folder / "password").write_text("test-collector\n", encoding="ascii")
        self.make_database()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.child.poll() is None:
                process.child.kill()
                process.child.wait()
        with contextlib.suppress(Failed):
            self.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", database="postgres")
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the database ---------------------------------------------------------------------------
    def url(self, user):
        return f"postgresql://{user}@{self.cluster.hostname}:{self.cluster.port}/{self.database}"

    def psql(self, *words, database=None, seconds=60):
        command = ["psql", "-h", self.cluster.hostname, "-p", str(self.cluster.port), "-U", self.cluster.username, "-d", database or self.database,
                   "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", *[str(word) for word in words]]
        done = subprocess.run(command, env={**os.environ, "PGPASSWORD": self.cluster.password, "PGOPTIONS": "-c search_path=wutong,public"},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)
        if done.returncode != 0:
            raise Failed(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def sql(self, text, database=None):
        """As a superuser; rows of texts."""
        return self.psql("-c", text, database=database)

    def value(self, text):
        rows = self.sql(text)
        return rows[0][0] if rows else ""

    def make_database(self):
        """Migrated once in a process, then copied."""
        with Field.lock:
            if not Field.model:
                model = f"wf_{os.getpid()}_model"
                self.sql(f"DROP DATABASE IF EXISTS {model} WITH (FORCE)", database="postgres")
                self.sql(f"CREATE DATABASE {model} TEMPLATE template0", database="postgres")
                mine, self.database = self.database, model
                # Roles belong to the whole cluster: one test at a time makes them.
                self.psql("-v", "owner_password=test-owner", "-v", "server_password=test-server", "-v", "collector_password=test-collector",
                          "-c", "SELECT pg_advisory_lock(2411)", "-f", ROOT / "deploy/database/roles.sql")
                done = subprocess.run([self.bin / "wutong-server", "--migrate", "--migrations", ROOT / "sql/migrations", "--database-url",
                                       self.url("wutong_owner")], env={**os.environ, "PGPASSWORD": "test-owner"}, stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=120, check=False)
                if done.returncode != 0:
                    raise Failed(f"the schema: {done.stdout}{done.stderr}")
                self.sql("INSERT INTO property (code, name) VALUES ('T', 'Test'); INSERT INTO customer (property_id, name) VALUES (1, 'Li');"
                         "INSERT INTO account (property_id, number, customer_id) VALUES (1, 'A1', 1)")
                self.database, Field.model = mine, model
            self.sql(f"CREATE DATABASE {self.database} TEMPLATE {Field.model}", database="postgres")
        # What belongs to a role in one database is not copied with it.
        for role in ("owner", "server", "collector"):
            self.sql(f"ALTER ROLE wutong_{role} IN DATABASE {self.database} SET search_path = wutong", database="postgres")

    # ---- what hangs where -------------------------------------------------------------------------
    def add_line(self, name, kind="modbus_tcp", meters=6, baud=115_200, turnaround_ms=2, timeout_ms=200, retries=2, endpoint=None, transport=None,
                 profile="acrel-ddsy1352", **plan):
        """A line of the simulator with its meters, and the channel that reads them. Meters have the addresses 1, 2, 3 …"""
        line = {"name": name, "kind": kind, "baud": baud, "turnaround_ms": turnaround_ms, **plan}
        if kind == "serial":
            line.setdefault("link", str(self.folder / name))
            reached = line["link"]
        else:
            line.setdefault("port", free_port())
            reached = f"127.0.0.1:{line['port']}"
        number = len(self.lines) + 1
        self.lines.append(line)
        serials = []
        for address in range(1, meters + 1):
            serial = f"2026{number:04}{address:04}"
            serials.append(serial)
            self.plan.append({"serial": serial, "profile": profile, "line": name, "address": address, "premises": premises()})
        self.sql(f"INSERT INTO channel (property_id, code, transport, endpoint, baud, answer_timeout_ms, retries) VALUES (1, '{name}', "
                 f"'{transport or kind}', '{endpoint or reached}', {baud}, {timeout_ms}, {retries})")
        self.sql(f"INSERT INTO meter (property_id, channel_id, code, serial_number, profile, bus_address, price_e4) SELECT 1, {number}, "
                 f"'{name}-' || a, '2026{number:04}' || lpad(a::text, 4, '0'), '{profile}', a, 9500 FROM generate_series(1, {meters}) AS a")
        return serials

    def start_sim(self, within=(), **root):
        text = [f"{key} = {toml_value(value)}\n" for key, value in {"control_port": 0, "data": str(ROOT / "simulator/data"), **root}.items()]
        for line in self.lines:
            text.append("\n[[line]]\n" + "".join(f"{key} = {toml_value(value)}\n" for key, value in line.items()))
        for meter in self.plan:
            text.append("\n[[meter]]\n" + "".join(f"{key} = {toml_value(value)}\n" for key, value in meter.items()))
        (self.folder / "sim.toml").write_text("".join(text), encoding="utf-8")
        self.sim = Process([*within, self.bin / "wutong-sim", "--config", self.folder / "sim.toml"], self.folder / "sim.log")
        self.processes.append(self.sim)

        def ready():
            if self.sim.child.poll() is not None:
                raise Failed(f"wutong-sim: {self.sim.log()[-2000:]}")
            return "\nready\n" in self.sim.log()
        wait_for("wutong-sim is ready", 60, ready)
        control = next(line for line in self.sim.log().splitlines() if line.startswith("control url="))
        self.meters = Meters(control.split("=", 1)[1].strip().removesuffix("/v1/health"))
        return self.sim

    def start(self, name, within=(), environment=None, **settings):
        collector = Collector(self, name, settings, environment, within)
        self.processes.append(collector)
        return collector

    # ---- orders ---------------------------------------------------------------------------------------
    def meter_id(self, serial):
        return int(self.value(f"SELECT meter_id FROM meter WHERE serial_number = '{serial}'"))

    def command(self, serial, kind, expires_s=60):
        """As an operator orders it. @returns its id"""
        return self.value(f"WITH made AS (INSERT INTO command (property_id, meter_id, kind, arguments, expires_at, operator_id) VALUES (1, {self.meter_id(serial)}, "
                          f"'{kind}', '{{}}', now() + interval '{expires_s} s', 1) RETURNING command_id) SELECT command_id FROM made, pg_notify('wutong_work', '')")

    def deliver(self, serial, kind, amount_e4, settings="{}"):
        return self.value(f"WITH made AS (INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4, settings) VALUES (1, "
                          f"{self.meter_id(serial)}, 1, '{kind}', {amount_e4}, '{settings}') RETURNING delivery_id) "
                          "SELECT delivery_id FROM made, pg_notify('wutong_work', '')")

    def open(self, serial, amount_e4=500_000):
        self.sql(f"INSERT INTO account_meter (property_id, account_id, meter_id) VALUES (1, 1, {self.meter_id(serial)})")
        delivery = self.deliver(serial, "open", amount_e4, '{"price_e4": 9500, "alarm_1_e4": 0, "alarm_2_e4": 0, "overdraft_e4": 0}')
        wait_for(f"account on {serial}", 60, lambda: self.delivery(delivery) == "delivered")

    def delivery(self, number):
        return self.value(f"SELECT state FROM credit_delivery WHERE delivery_id = {number}")

    def command_state(self, number):
        return self.value(f"SELECT state FROM command WHERE command_id = {number}")

    def all_read(self, seconds=60):
        wait_for("each meter has a reading", seconds, lambda: self.value(
            "SELECT count(*) FROM meter m WHERE NOT EXISTS (SELECT FROM reading r WHERE r.property_id = m.property_id AND r.meter_id = m.meter_id)") == "0")


# ---- for fault cases ------------------------------------------------------------------------------------
LONG = bool(os.environ.get("WUTONG_FAULTS_LONG"))   # minutes instead of seconds
ONE_A_SECOND = {"state_interval_s": 2, "reading_interval_s": 1, "lost_after_s": 6, "probe_first_s": 1, "probe_max_s": 2, "reload_s": 1}


class Skipped(Exception):
    """The machine does not allow it."""


def soon(what, seconds, condition):
    """wait_for, looked at more often: for what is measured. @returns how long it took"""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.05)
    return time.monotonic() - begin


def longest_hole(field, where="true"):
    """Between two readings of a meter, over all meters."""
    return float(field.value("SELECT coalesce(extract(epoch FROM max(gap)), 0) FROM (SELECT read_at - lag(read_at) OVER (PARTITION BY meter_id "
                             f"ORDER BY read_at) AS gap FROM reading r WHERE source = 'scheduled' AND {where}) AS gaps"))
