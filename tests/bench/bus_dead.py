#!/usr/bin/python3
"""Bench `bus_dead`: the bus of the bench `bus` with some of its 30 meters dead, ours beside programs that people build such things with.

The same simulated bus at 9600 baud, the same tap, the same 48 registers in one request. Contenders: ours (the collector's own channel: schedule, quarantine,
probes, retries as in production), a plain libmodbus loop, pymodbus, and modbus-serial from npm (what node-red's Modbus nodes stand on), each asking
the meters in turn with its own default time-out and retries (modbus-serial has no default; it gets 1 s).

  bus_dead.NAME          good answers of living meters, per second, as share of what the wire could carry if nobody were dead
  bus_dead.NAME.oldest   the longest time that a living meter waited for its next good answer, in rounds of a bus without dead meters
Each contender has BUS_WARM_S (110) to find out who is dead (with ours that takes nine time-outs of each), then is measured for BUS_SECONDS (25). Fails when ours loses more than 10 % of the wire
to 3 or to 10 dead meters, or when a byte was faster than the wire.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

import bus
from bus import BIN, LIMIT, METERS, ROOT, Simulator, Wrong

SECONDS = int(os.environ.get("BUS_SECONDS", "25"))
WARM_S = int(os.environ.get("BUS_WARM_S", "110"))
LOST_MAX = 0.10


def die(simulator, dead):
    for unit in range(1, METERS + 1):
        body = b'{"dead": true}' if unit in dead else b'{"dead": false}'
        request = urllib.request.Request(f"{simulator.url}/v1/meters/2026020{unit:05}", data=body, method="PATCH", headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()


def modbus_serial():
    """@returns the folder with node's packages, fetched once into the build folder; None where there is no npm or no network"""
    place = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build/release")) / "npm"
    if not (place / "node_modules/modbus-serial").exists():
        if not shutil.which("npm") or subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", place, "modbus-serial@8"], stdin=subprocess.DEVNULL,
                                                     capture_output=True, timeout=300, check=False).returncode != 0:
            return None
    return place / "node_modules"


def measure(name, dead, exchanges):
    if not exchanges:
        raise Wrong(f"{name}: nothing was asked")
    begin = exchanges[0].at + WARM_S
    end = exchanges[-1].at
    if end - begin < 5:
        raise Wrong(f"{name}: only {end - begin:.1f} s to measure")
    good = [exchange for exchange in exchanges if exchange.at >= begin and len(exchange.request) == bus.REQUEST and exchange.good()]
    if any(exchange.request[0] in dead for exchange in good):
        raise Wrong(f"{name}: a dead meter has answered")
    for exchange in good:
        for index, at in enumerate(exchange.times):
            if at < exchange.at + (bus.REQUEST + index + 1) * bus.BYTE + bus.TURNAROUND - bus.TOLERANCE:
                raise Wrong(f"{name}: a byte came before the wire could have brought it")
    last = {unit: begin for unit in range(1, METERS + 1) if unit not in dead}
    oldest = 0.0
    for exchange in good:
        oldest = max(oldest, exchange.at - last[exchange.request[0]])
        last[exchange.request[0]] = exchange.at
    oldest = max([oldest] + [end - at for at in last.values()])
    rate = len(good) / (end - begin)
    share, rounds = rate * LIMIT, oldest / (LIMIT * METERS)
    what = f"{len(dead)} of {METERS} meters dead"
    print(f"bus_dead.{name} {100 * share:.1f} % ({rate:.2f} good answers a second with {what}; the wire carries {1 / LIMIT:.2f}, {share:.3f})")
    print(f"bus_dead.{name}.oldest {rounds:.2f} rounds (the longest wait of a living meter, {oldest:.1f} s; a full round takes {LIMIT * METERS:.1f} s, {rounds:.2f})", flush=True)
    return share


def main():
    seconds = WARM_S + SECONDS
    ours = [BIN / "bench_bus", "--port", "{port}", "--profile", ROOT / "profiles/acrel-ddsy1352.toml", "--meters", METERS, "--seconds", seconds]
    three, ten = {5, 15, 25}, set(range(3, 31, 3))
    contenders = [("wutong_10", ten, ours), ("wutong", three, ours),
                  ("libmodbus", three, [BIN / "bench_bus_libmodbus", "{port}", METERS, seconds]),
                  ("pymodbus", three, ["/usr/bin/python3", ROOT / "tests/bench/bus_pymodbus.py", "{port}", METERS, seconds])]
    packages = modbus_serial()
    if packages:
        contenders.append(("modbus_serial", three, ["env", f"NODE_PATH={packages}", "node", ROOT / "tests/bench/bus_modbus_serial.js", "{port}", METERS, seconds]))
    else:
        print("  modbus_serial: no npm, or no network to fetch it by: left out", file=sys.stderr)
    only = sys.argv[1:]
    simulator, status = None, 0
    with tempfile.TemporaryDirectory(prefix="wutong-bus-bench.") as folder:
        try:
            simulator = Simulator(pathlib.Path(folder))
            for name, dead, command in contenders:
                if only and name not in only:
                    continue
                die(simulator, dead)
                share = measure(name, dead, bus.listen(name, simulator, pathlib.Path(folder), command, seconds))
                if name.startswith("wutong") and share < 1 - LOST_MAX:
                    print(f"  {name}: {100 * share:.1f} % of the wire, the goal is {100 * (1 - LOST_MAX):.0f} %", file=sys.stderr)
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
