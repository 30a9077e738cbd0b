"""What tests of the whole system share: the simulator's control port, wutongctl, and the processes around them."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

YUAN = 10_000          # ten-thousandths
QUANTUM = 100          # 0.01, what a meter's balance moves in
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failed(Exception):
    pass


class Meters:
    """The truth about each meter."""

    def __init__(self, url):
        self.url = url

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise Failed(f"simulator: {method} {path}: {error.code} {error.read().decode(errors='replace')}") from error

    def all(self):
        return self.request("GET", "/v1/meters")["meters"]

    def truth(self, serial):
        return self.request("GET", f"/v1/meters/{serial}")

    def set(self, serial, **values):
        return self.request("PATCH", f"/v1/meters/{serial}", values)

    def sums(self):
        return self.request("GET", "/v1/sums")

    def fault(self, **values):
        return self.request("POST", "/v1/faults", values)

    def no_faults(self):
        self.request("DELETE", "/v1/faults")


class Ctl:
    def __init__(self, path, server, home, fingerprint):
        self.base = [path, "--json", "--server", server, "--home", home]
        if fingerprint:
            self.base += ["--fingerprint", fingerprint]

    def run(self, *words, expect=0, stdin=None):
        done = subprocess.run(self.base + [str(word) for word in words], input=stdin, capture_output=True, text=True, timeout=180, check=False)
        lines = []
        for line in done.stdout.splitlines():
            try:
                lines.append(json.loads(line))
            except json.JSONDecodeError:
                lines.append({"text": line})
        if expect is not None and done.returncode != expect:
            said = lines[-1] if lines else done.stderr.strip()
            raise Failed(f"wutongctl {' '.join(str(word) for word in words)}: exit {done.returncode}, expected {expect}: {said}")
        return lines

    def start(self, *words):
        return subprocess.Popen(self.base + [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(what, seconds, condition):
    """The first true value of `condition`, tried five times a second."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.2)


def money(e4):
    return f"{e4 / YUAN:.4f}"


def parse_time(text):
    import datetime
    return datetime.datetime.fromisoformat(text.split(".")[0].rstrip("Z") + "+00:00").timestamp()


class System:
    """One running Wutong in a folder of its own, started by run.sh on free ports."""

    def __init__(self, var, binaries, environment=None):
        self.var = pathlib.Path(var)
        self.bin = pathlib.Path(binaries)
        self.environment = {**os.environ, "WUTONG_BIN": str(self.bin), "WUTONG_SKIP_INSTALL": "1", **(environment or {})}
        self.front = None

    def start(self, seconds=240, tenants=False):
        """A fresh one: whatever was in the folder is deleted. Nobody lives in it unless tenants are asked for."""
        self.run_sh("--reset")
        self.var.mkdir(parents=True, exist_ok=True)
        log = open(str(self.var) + ".front.log", "w", encoding="utf-8")
        self.front = subprocess.Popen([ROOT / "run.sh", "--var", str(self.var), "--free-ports", *([] if tenants else ["--empty"])], env=self.environment, stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        until = time.monotonic() + seconds
        while "Wutong is running" not in pathlib.Path(log.name).read_text(encoding="utf-8"):
            if self.front.poll() is not None or time.monotonic() > until:
                raise Failed("run.sh did not come up:\n" + pathlib.Path(log.name).read_text(encoding="utf-8")[-3000:])
            time.sleep(0.3)
        return self

    def stop(self):
        self.run_sh("--stop")
        if self.front:
            self.front.wait(60)
            self.front = None

    def remove(self):
        self.run_sh("--reset")
        if self.front:
            self.front.wait(60)
            self.front = None

    def run_sh(self, *words):
        done = subprocess.run([ROOT / "run.sh", "--var", str(self.var), *words], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != 0:
            raise Failed(f"run.sh {' '.join(words)}: {done.stdout[-1000:]}{done.stderr[-2000:]}")

    def port(self, name):
        text = (self.var / "etc/ports.env").read_text(encoding="ascii")
        return int(re.search(rf"^WUTONG_{name}_PORT=(\d+)$", text, re.M).group(1))

    def pid(self, name):
        return int((self.var / f"run/{name}.pid").read_text(encoding="ascii").split()[0])

    def kill(self, name, how=signal.SIGKILL):
        os.kill(self.pid(name), how)

    def restart(self, name):
        self.run_sh("--restart", name)

    def command_of(self, name):
        """The words that a daemon was started with."""
        return [word.decode() for word in pathlib.Path(f"/proc/{self.pid(name)}/cmdline").read_bytes().split(b"\0")[:-1]]

    def launch(self, name, words):
        """Starts a killed daemon with these words, at once and without looking whether it answers. run.sh --stop ends it like its own."""
        with open(self.var / f"log/{name}.log", "ab") as log:
            daemon = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd="/", env=self.environment, start_new_session=True)
        started = pathlib.Path(f"/proc/{daemon.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
        (self.var / f"run/{name}.pid").write_text(f"{daemon.pid} {started}\n", encoding="ascii")
        return daemon

    def log(self, name):
        return (self.var / f"log/{name}.log").read_text(encoding="utf-8", errors="replace")

    def meters(self):
        return Meters(f"http://127.0.0.1:{self.port('SIM')}")

    def ctl(self, home=None):
        return Ctl(str(self.bin / "wutongctl"), f"127.0.0.1:{self.port('SERVER')}", str(home or self.var / "ctl"), self.fingerprint())

    def fingerprint(self):
        return (self.var / "tls/server.crt.sha256").read_text(encoding="ascii").split()[0].replace(":", "")

    def psql(self, sql):
        """One query as superuser; rows of text columns. A database that is coming up again is waited for."""
        password = (self.var / "etc/superuser.password").read_text(encoding="ascii").strip()
        words = ["psql", "-h", "127.0.0.1", "-p", str(self.port("PG")), "-U", "postgres", "-d", "wutong", "-XAtq", "-F", "\t", "-c", sql]
        give_up = time.monotonic() + 120
        while True:
            done = subprocess.run(words, env={**os.environ, "PGPASSWORD": password, "PGOPTIONS": "-c search_path=wutong"}, capture_output=True,
                                  text=True, timeout=60, check=False)
            if done.returncode == 0:
                return [line.split("\t") for line in done.stdout.splitlines()]
            # Nothing but a connection that was refused or lost (psql's own status 2) may be tried again.
            if done.returncode != 2 or time.monotonic() > give_up:
                raise Failed(f"psql: {done.stderr}")
            time.sleep(0.3)

    def database(self, action):
        """pg_ctl ACTION ("stop -m immediate", "start") on the private cluster, as the user that owns it."""
        place = (self.var / "pg").resolve()
        words = ["/usr/lib/postgresql/15/bin/pg_ctl", "-D", str(place / "data"), "-w", "-s", "-l", str(place / "log")] + action
        if action[0] == "start":
            words += ["-o", f"-p {self.port('PG')} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}/socket -c max_connections=200"]
        if os.geteuid() == 0:
            words = ["runuser", "-u", "postgres", "--"] + words
        done = subprocess.run(words, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=90, check=False)
        if done.returncode != 0:
            raise Failed(f"{' '.join(words)}: {done.stderr}")


def in_parallel(work, items):
    """work(item) for each in a thread of its own; the results in order, the first exception raised."""
    results = [None] * len(items)

    def one(index):
        try:
            results[index] = work(items[index])
        except Exception as error:  # handed to the caller below
            results[index] = error

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(items))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results
