#!/usr/bin/python3
"""Bench `bus`: 30 meters on one bus at 9600 baud 8N1, read round after round, against what the wire can carry.

wutong-sim plays 30 Acrel DDSY1352 on one paced line. Between it and each contender sits bench_bus_tap, a program that
shares no code with either and writes down when every byte came. Every contender reads the same 48 registers of each
meter in one request: 8 bytes out, 101 back.

The limit for one meter: 109 bytes of 10 bits; 3.5 characters of silence before the request (Modbus over serial line,
2.5.1.1); and the meter's turn-around, TURNAROUND_MS, which holds the silence before the answer. It is device time that
no master can save. `.no_turnaround` compares with the bytes and the two silences alone.

It fails when anything was faster than the wire allows: a single exchange, a single byte, or the whole; when the tap and
the simulator's own counters disagree; when our own contender leaves out the silence; and when the goal is missed.
libmodbus does not keep the silence before a request; whoever leaves it out is held against the shorter limit without it.

Simulator and tap are the hardware here, and hardware does not wait for a processor: they run with real-time priority where
that is allowed (said on standard error). The contenders run as any program does.

  BUS_SECONDS (20) for each contender
  BUS_REALTIME=1   the contenders have real-time priority too: on a busy machine, to see them and not the machine
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("WUTONG_BIN", ROOT / "build/release/bin"))
SECONDS = int(os.environ.get("BUS_SECONDS", "20"))
METERS = 30
TURNAROUND_MS = 5
GOAL = 0.97

BYTE = 10 / 9600
GAP = 3.5 * BYTE
TURNAROUND = TURNAROUND_MS / 1000
REQUEST, ANSWER = 8, 101
LIMIT = (REQUEST + ANSWER) * BYTE + GAP + max(TURNAROUND, GAP)
LIMIT_NO_TURNAROUND = (REQUEST + ANSWER) * BYTE + 2 * GAP
TOLERANCE = 2e-6  # the simulator's byte time is cut to whole nanoseconds


class Wrong(Exception):
    pass


def real_time():
    """Called in a process that is about to start."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


class Exchange:
    def __init__(self, at):
        self.at = at            # when the first byte of the request came
        self.request = bytearray()
        self.answer = bytearray()
        self.times = []         # of each byte of the answer

    def good(self):
        unit = self.request[0]
        asked = bytes([unit, 3, 2, 0, 0, 48])
        return (self.request == asked + crc(asked) and len(self.answer) == ANSWER and self.answer[:3] == bytes([unit, 3, 96])
                and crc(self.answer[:-2]) == self.answer[-2:])


def read_log(path):
    exchanges, received, sent = [], 0, 0
    with open(path, encoding="ascii") as log:
        for line in log:
            time, direction, text = line.split()
            at, data = int(time) / 1e9, bytes.fromhex(text)
            if direction == "<":
                received += len(data)
                if not exchanges or len(exchanges[-1].request) >= REQUEST:
                    exchanges.append(Exchange(at))
                exchanges[-1].request += data
            else:
                sent += len(data)
                if not exchanges:
                    raise Wrong("an answer before the first request")
                exchanges[-1].answer += data
                exchanges[-1].times += [at] * len(data)
    return exchanges, received, sent


class Result:
    """One contender. The first round is left out: opening the port, first touches of everything."""

    def __init__(self, name, exchanges):
        if len(exchanges) < 2 * METERS:
            raise Wrong(f"{name}: only {len(exchanges)} exchanges, not two rounds")
        self.name = name
        asked = [exchange.request[0] for exchange in exchanges]
        counts = [asked.count(unit) for unit in range(1, METERS + 1)]
        if max(counts) - min(counts) > 1 or sum(counts) != len(asked):
            raise Wrong(f"{name}: the meters were not asked equally often: {counts}")
        window = exchanges[METERS:]
        self.elapsed = window[-1].at - window[0].at
        self.answered = sum(exchange.good() for exchange in window[:-1])
        self.lost = len(window) - 1 - self.answered
        self.per_meter = self.elapsed / self.answered
        pairs = list(zip(window, window[1:]))
        self.median = statistics.median(after.at - before.at for before, after in pairs)
        self.gaps = [after.at - before.times[-1] for before, after in pairs if before.times]
        self.starts = [exchange.times[0] - exchange.at for exchange in window if exchange.times]
        self.keeps_silence = min(self.gaps) >= GAP - TOLERANCE
        self.limit = LIMIT if self.keeps_silence else LIMIT - GAP
        self.ratio = self.limit / self.per_meter
        self.check(window, pairs)

    def check(self, window, pairs):
        for exchange in window:
            for index, at in enumerate(exchange.times):
                earliest = exchange.at + (REQUEST + index + 1) * BYTE + TURNAROUND
                if at < earliest - TOLERANCE:
                    raise Wrong(f"{self.name}: byte {index} of an answer came {(earliest - at) * 1e6:.0f} µs before the wire could have brought it")
        for before, after in pairs:
            if before.good() and after.at - before.at < self.limit - TOLERANCE:
                raise Wrong(f"{self.name}: an exchange took {(after.at - before.at) * 1e3:.3f} ms, the wire needs {self.limit * 1e3:.3f} ms")
        if self.ratio > 1:
            raise Wrong(f"{self.name}: {100 * self.ratio:.2f} % of what the wire can carry")

    def print(self):
        without = "" if self.keeps_silence else ", without the silence that it leaves out"
        due = f"wire limit {self.limit * 1e3:.2f} ms per meter with {TURNAROUND_MS} ms turn-around{without}"
        print(f"bus.{self.name} {100 * self.ratio:.2f} % ({due}, {self.ratio:.4f})")
        limit = self.limit - LIMIT + LIMIT_NO_TURNAROUND
        print(f"bus.{self.name}.no_turnaround {100 * limit / self.per_meter:.2f} % (bytes and silences alone {limit * 1e3:.2f} ms per meter{without}, "
              f"{limit / self.per_meter:.4f})")
        print(f"bus.{self.name}.median {self.median * 1e3:.3f} ms ({due}, {self.limit / self.median:.4f})")
        gap = statistics.median(self.gaps)
        print(f"bus.{self.name}.gap_median {gap * 1e3:.3f} ms (from an answer's last byte to the next request; due {GAP * 1e3:.3f} ms, {gap / GAP:.4f})")
        round_s, limit_s = self.per_meter * METERS, LIMIT * METERS
        print(f"bus.{self.name}.round {round_s:.3f} s ({METERS} meters, limit with all silences {limit_s:.3f} s, {round_s / limit_s:.4f})", flush=True)
        late = statistics.mean(self.starts) - (REQUEST + 1) * BYTE - TURNAROUND
        print(f"  {self.name}: {self.answered} answers, {self.lost} without; line driver {late * 1e3:.3f} ms; last byte to next request: "
              f"mean {statistics.mean(self.gaps) * 1e3:.3f}, least {min(self.gaps) * 1e3:.3f}, most {max(self.gaps) * 1e3:.3f} ms, "
              f"due {GAP * 1e3:.3f}", file=sys.stderr)


class Simulator:
    def __init__(self, folder):
        apartment = next(line.split(",")[0] for line in (ROOT / "simulator/data/premises.csv").read_text(encoding="utf-8").splitlines()
                         if ",apartment," in line)
        plan = [f'control_port = 0\ndata = "{ROOT / "simulator/data"}"\n\n[[line]]\nname = "bus1"\nkind = "serial"\nlink = "{folder / "bus1"}"\n'
                f"baud = 9600\nturnaround_ms = {TURNAROUND_MS}\n"]
        for unit in range(1, METERS + 1):
            plan.append(f'\n[[meter]]\nserial = "2026020{unit:05}"\nprofile = "acrel-ddsy1352"\nline = "bus1"\naddress = {unit}\n'
                        f'premises = "{apartment}"\n')
        (folder / "sim.toml").write_text("".join(plan), encoding="utf-8")
        self.process = subprocess.Popen([BIN / "wutong-sim", "--config", folder / "sim.toml"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True, preexec_fn=real_time)
        if os.sched_getscheduler(self.process.pid) != os.SCHED_FIFO:
            print("  simulator and tap have no real-time priority here", file=sys.stderr)
        for line in self.process.stdout:
            if line.startswith("control url="):
                self.url = line.split("=", 1)[1].strip().removesuffix("/v1/health")
            if line.strip() == "ready":
                return
        raise Wrong("wutong-sim did not start")

    def bus(self):
        with urllib.request.urlopen(self.url + "/v1/buses", timeout=10) as answer:
            return json.load(answer)["buses"][0]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def listen(name, simulator, folder, command, seconds=SECONDS):
    """Lets a contender use the bus through the tap. @returns its exchanges"""
    log, port = folder / f"{name}.log", folder / "tapped"
    before = simulator.bus()
    tap = subprocess.Popen([BIN / "bench_bus_tap", folder / "bus1", port, log], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                           preexec_fn=real_time)
    try:
        if tap.stdout.readline().strip() != "ready":
            raise Wrong("the tap did not start")
        done = subprocess.run([str(word).replace("{port}", str(port)) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, timeout=seconds + 30, check=False, preexec_fn=real_time if os.environ.get("BUS_REALTIME") else None)
        if done.returncode != 0:
            raise Wrong(f"{name}: exit status {done.returncode}")
    finally:
        tap.stdin.close()
        tap.wait(10)
    after = simulator.bus()
    exchanges, received, sent = read_log(log)
    delta = {key: after[key] - before[key] for key in ("requests", "answers", "bytes_in", "bytes_out", "wire_busy_us", "bad_frames", "collision_bytes")}
    if (delta["bytes_in"], delta["bytes_out"]) != (received, sent):
        raise Wrong(f"{name}: the tap saw {received} bytes in and {sent} out, the simulator says {delta}")
    last = exchanges[-1]
    busy, elapsed = delta["wire_busy_us"] / 1e6, (last.times or [last.at + REQUEST * BYTE])[-1] - exchanges[0].at
    # Whole microseconds are counted for each frame, so up to two are lost in an exchange.
    if abs(busy - (received + sent) * BYTE) > 2e-6 * (len(exchanges) + 1) or busy > elapsed:
        raise Wrong(f"{name}: {received + sent} bytes in {elapsed:.3f} s, the simulator says busy for {busy:.3f} s")
    if delta["bad_frames"] or delta["collision_bytes"]:
        print(f"  {name}: {delta}", file=sys.stderr)
    return exchanges


def run(name, simulator, folder, command):
    return Result(name, listen(name, simulator, folder, command))


def main():
    contenders = {
        "wutong": [BIN / "bench_bus", "--port", "{port}", "--profile", ROOT / "profiles/acrel-ddsy1352.toml", "--meters", METERS, "--seconds", SECONDS],
        "libmodbus": [BIN / "bench_bus_libmodbus", "{port}", METERS, SECONDS],
        "pymodbus": ["/usr/bin/python3", ROOT / "tests/bench/bus_pymodbus.py", "{port}", METERS, SECONDS],
    }
    only = sys.argv[1:] or list(contenders)
    contenders["client"] = contenders["wutong"] + ["--library"]
    for program in ("wutong-sim", "bench_bus", "bench_bus_tap", "bench_bus_libmodbus"):
        if not (BIN / program).exists():
            print(f"{BIN / program} is not built", file=sys.stderr)
            return 1
    simulator = None
    with tempfile.TemporaryDirectory(prefix="wutong-bus-bench.") as folder:
        try:
            simulator = Simulator(pathlib.Path(folder))
            status = 0
            for name in only:
                result = run(name, simulator, pathlib.Path(folder), contenders[name])
                result.print()
                if name == "wutong" and not result.keeps_silence:
                    raise Wrong("our own contender leaves out the silence before a request")
                if name == "wutong" and result.ratio < GOAL:
                    print(f"  wutong: {100 * result.ratio:.2f} %, the goal is {100 * GOAL:.0f} %", file=sys.stderr)
                    status = 1
            return status
        except (Wrong, OSError, subprocess.TimeoutExpired) as wrong:
            print(f"FAILED  {wrong}", file=sys.stderr)
            return 1
        finally:
            if simulator:
                simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
