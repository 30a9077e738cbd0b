#!/usr/bin/python3
"""Bench `live_walls`: what twenty live walls cost one server.

A whole Wutong with its simulated tower, every meter polled as fast as its bus allows. Watchers are `wutongctl wall`, which open the
same stream as the client's wall. For 0, 1 and 20 of them the server's CPU time is taken from /proc over LIVE_WALLS_SECONDS (20), and
what it sent from the sockets' own counters (ss, TLS and framing included), after the first picture has gone out. The peer of the
figure with twenty is the same server with one: a query per client would make it twenty times as dear.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from system import Failed, System, wait_for  # noqa: E402

SECONDS = int(os.environ.get("LIVE_WALLS_SECONDS", "20"))
WATCHERS = 20
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def sent_to_peers(port):
    """Bytes that each peer of the server's port has acknowledged, by the peer's own port."""
    done = subprocess.run(["ss", "-Htin", "state", "established", f"sport = :{port}"], capture_output=True, text=True, check=True)
    lines, found = done.stdout.splitlines(), {}
    for head, facts in zip(lines[::2], lines[1::2]):
        acknowledged = re.search(r"bytes_acked:(\d+)", facts)
        found[head.split()[-1]] = int(acknowledged.group(1)) if acknowledged else 0
    return found


def measure(system, ctl, watchers):
    port, pid = system.port("SERVER"), system.pid("server")
    open_before = set(sent_to_peers(port))
    running = [subprocess.Popen(ctl.base + ["wall", "--for", str(SECONDS + 60)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(watchers)]
    try:
        wait_for(f"{watchers} walls", 60, lambda: len(set(sent_to_peers(port)) - open_before) >= watchers)
        time.sleep(6)   # the first picture and the first comparison are behind us
        cpu, sent, at = cpu_seconds(pid), sent_to_peers(port), time.monotonic()
        time.sleep(SECONDS)
        seconds = time.monotonic() - at
        after = sent_to_peers(port)
        grown = [after[peer] - before for peer, before in sent.items() if peer in after and peer not in open_before]
        if len(grown) < watchers or any(process.poll() is not None for process in running):
            raise Failed("a wall ended while it was measured")
        return (cpu_seconds(pid) - cpu) / seconds * 100, sum(grown) / max(1, len(grown)) / seconds
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def main():
    folder = tempfile.mkdtemp(prefix="wutong-live-walls-")
    system = System(pathlib.Path(folder) / "var", os.environ["WUTONG_BIN"])
    try:
        system.start(tenants=True)
        ctl = system.ctl(pathlib.Path(folder) / "ctl")
        ctl.run("sign-in", "admin", "--password-file", system.var / "etc/admin.password")
        for channel in ctl.run("channel", "list")[0]["channels"]:
            ctl.run("channel", "update", channel["code"], "--state-interval-s", 1)
        meters = len(ctl.run("meter", "list", "--limit", 1000)[0]["meters"])
        time.sleep(15)
        cost = {watchers: measure(system, ctl, watchers) for watchers in (0, 1, WATCHERS)}
    finally:
        system.remove()
    none, one, many = (cost[n] for n in (0, 1, WATCHERS))
    print(f"{meters} meters, all polled without a pause; the server without a wall takes {none[0]:.1f} % of a core")
    print(f"live_walls.cpu {many[0]:.1f} % ({WATCHERS} walls on one server; with one {one[0]:.1f} %, ratio {many[0] / max(one[0], 0.1):.2f})")
    print(f"live_walls.bytes {many[1]:.0f} B/s (to each of {WATCHERS} walls; with one {one[1]:.0f} B/s, ratio {many[1] / max(one[1], 1):.2f})")
    if many[1] <= 0:
        raise Failed("nothing moved on the walls")


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        print(f"FAILED: {failed}")
        sys.exit(1)
