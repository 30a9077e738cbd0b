#!/usr/bin/env python3
"""Several collectors, the line, the network and the disk: faults against the real processes, with a database and a simulated field of their own
for each case. What is injected is printed, and what was lost; that must be nothing, or what the case says.

usage: collectors.py [CASE...]     WUTONG_FAULTS_LONG=1: as nightly runs them, minutes instead of seconds
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import line_cases  # noqa: E402
import outage_cases  # noqa: E402
import protocol_cases  # noqa: E402
from field import ONE_A_SECOND, Field, Process, Skipped, free_port, longest_hole, soon  # noqa: E402
from system import ROOT, Failed, wait_for  # noqa: E402

HANDED_OVER_S = 5


def killed_of_three():
    """kill -9 of the one that holds most, with its default lease of 15 s and orders under way."""
    with Field() as field:
        serials = [serial for number in range(1, 13) for serial in field.add_line(f"GW{number}", meters=3)]
        field.start_sim()
        settings = {"polling": ONE_A_SECOND, "lease": {"channels_max": 8}}
        field.start("a", **settings)
        wait_for("a holds eight", 30, lambda: field.value("SELECT count(*) FROM channel WHERE lease_holder = 'a'") == "8")
        field.start("b", **settings)
        wait_for("b holds the others", 30, lambda: field.value("SELECT count(*) FROM channel WHERE lease_holder = 'b'") == "4")
        field.start("c", **settings)
        field.all_read()
        wait_for("c is there", 30, lambda: field.value("SELECT count(*) FROM collector") == "3")
        orders = [field.command(serial, "read_now") for serial in serials[:12]]
        field.processes[1].end(signal.SIGKILL)
        killed = field.value("SELECT clock_timestamp()")
        took = soon("all channels of a are held by others", 30, lambda: field.value("SELECT count(*) FROM channel WHERE lease_holder = 'a'") == "0")
        read = took + soon("each of its meters is read by its successor", 30, lambda: field.value(
            "SELECT count(*) FROM meter m WHERE channel_id <= 8 AND NOT EXISTS (SELECT FROM reading r WHERE r.property_id = 1 AND "
            f"r.meter_id = m.meter_id AND r.read_at > '{killed}')") == "0")
        wait_for("the orders are done", 30, lambda: field.value(f"SELECT count(*) FROM command WHERE command_id IN ({', '.join(orders)}) AND state = 'done'") == "12")
        holders = ", ".join(f"{name} {count}" for name, count in field.sql("SELECT lease_holder, count(*) FROM channel GROUP BY 1 ORDER BY 1"))
        if took > HANDED_OVER_S:
            raise Failed(f"handed over after {took:.1f} s")
        return (f"a killed with 8 of 12 channels and 12 orders under way: channels handed over after {took:.1f} s (limit {HANDED_OVER_S} s; {holders}), all its "
                f"meters read again after {read:.1f} s; 12 of 12 orders done, longest hole {longest_hole(field):.1f} s of readings each second; lost: nothing else")


def spread_evenly():
    """Two join one that has all channels, then one leaves: how often channels move, and what the meters notice."""
    with Field() as field:
        serials = [serial for number in range(1, 13) for serial in field.add_line(f"GW{number}", meters=2)]
        field.start_sim()
        settings = {"polling": ONE_A_SECOND, "lease": {"spread_after_s": 1}}

        def shares():
            return " ".join(str(count) for _, count in field.sql("SELECT lease_holder, count(*) FROM channel GROUP BY 1 ORDER BY 1"))

        def moves():
            return int(field.value("SELECT sum(lease_epoch) FROM channel")) - 12

        field.start("a", **settings)
        wait_for("a holds all", 30, lambda: shares() == "12")
        field.all_read()
        field.start("b", **settings)
        leaver = field.start("c", **settings)
        order = field.command(serials[0], "read_now")
        joined = soon("each has four", 60, lambda: shares() == "4 4 4")
        moved = moves()
        leaver.end()
        left = soon("the others have six each", 60, lambda: shares() == "6 6")
        wait_for("the order is done", 30, lambda: field.command_state(order) == "done")
        if moved != 8:
            raise Failed(f"{moved} channels moved, 8 would do")
        again = moves()
        time.sleep(5)
        if moves() != again or shares() != "6 6":
            raise Failed(f"channels move without need: {shares()}")
        hole = longest_hole(field)
        if hole > HANDED_OVER_S:
            raise Failed(f"a meter was not read for {hole:.1f} s")
        return (f"two collectors joined one with 12 channels: 4, 4, 4 after {joined:.1f} s with {moved} channels moved (the least); one left: 6 and 6 after {left:.1f} s, "
                f"then still; longest hole {hole:.1f} s of readings each second; lost: nothing")


def start_gateway(field, device):
    """wutong-gateway in front of a serial line. @returns its process and the endpoint"""
    port = free_port()
    (field.folder / "epochs").mkdir()
    file = field.folder / "gateway.toml"
    file.write_text(f'listen = "127.0.0.1:{port}"\nsuite = "plain"\nstate = "{field.folder}/epochs"\n[[port]]\nname = "bus1"\ndevice = "{device}"\n',
                    encoding="utf-8")
    process = Process([field.bin / "wutong-gateway", "--config", file], field.folder / "gateway.log")
    field.processes.append(process)
    soon("wutong-gateway listens", 20, lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
    return process, port


def paused_behind_gateway():
    """SIGSTOP with an order half done; its successor finishes it; then SIGCONT."""
    with Field() as field:
        device = field.folder / "BUS1"
        port = free_port()
        serial = field.add_line("BUS1", kind="serial", baud=9600, meters=4, timeout_ms=3000, transport="gateway_plain", endpoint=f"127.0.0.1:{port}/bus1")[0]
        field.start_sim()
        gateway, real = start_gateway(field, device)
        field.sql(f"UPDATE channel SET endpoint = '127.0.0.1:{real}/bus1'")
        settings = {"polling": ONE_A_SECOND, "lease": {"duration_s": 3}}
        first = field.start("a", **settings)
        field.all_read()
        field.open(serial)
        field.start("b", **settings)
        wait_for("b is there", 30, lambda: field.value("SELECT count(*) FROM collector") == "2")
        field.meters.fault(target=f"meter:{serial}", kind="late_answer", function=0x10, delay_ms=1500)
        order = field.command(serial, "switch_off")
        soon("a has sent the order", 20, lambda: not field.meters.truth(serial)["relay_closed"])
        first.send(signal.SIGSTOP)
        begin = time.monotonic()
        soon("b holds the channel", 30, lambda: field.value("SELECT lease_holder FROM channel") == "b")
        leased = time.monotonic() - begin
        shut = soon("the gateway knows b's epoch", 30, lambda: "epoch=2" in gateway.log())
        wait_for("b has finished the order", 30, lambda: field.command_state(order) == "done")
        back = field.command(serial, "restore_prepaid")
        wait_for("b restores", 30, lambda: field.command_state(back) == "done")
        evidence = field.value(f"SELECT claimed_by || ' ' || claim_epoch FROM command WHERE command_id = {order}")
        before = field.value("SELECT md5(string_agg(c::text, '|' ORDER BY command_id)) FROM command c")
        first.send(signal.SIGCONT)
        wait_for("a knows", 30, lambda: "event=stopped" in first.log() or "event=fenced" in first.log())
        # It may come with its old epoch: so does this test, in its name.
        with socket.create_connection(("127.0.0.1", real), timeout=10) as old:
            hello = re.search(r"opened .* channel=(\S+) epoch=1", gateway.log())
            old.sendall(f"WGL1 port=bus1 channel={hello.group(1)} epoch=1 baud=9600 parity=N stop=1\n".encode())
            said = old.recv(300).decode()
        time.sleep(1)
        if "epoch" not in said:
            raise Failed(f"the gateway said to the old epoch: {said}")
        if field.value("SELECT md5(string_agg(c::text, '|' ORDER BY command_id)) FROM command c") != before:
            raise Failed("a has written a result after it lost the channel")
        if not field.meters.truth(serial)["relay_closed"] or evidence != "b 2":
            raise Failed(f"relay {field.meters.truth(serial)['relay_closed']}, order done by {evidence}")
        after = gateway.log().split("epoch=2", 1)[1]
        if re.search(r"event=opened .*epoch=1\b", after):
            raise Failed("the gateway let the old epoch in")
        refused = len(re.findall("stale", after))
        return (f"a stopped with an order half done: b took the lease after {leased:.1f} s (lease of 3 s) and the gateway shut a out {shut:.2f} s later; the order is done "
                f"once, by b; a, awake again, wrote nothing ({'fenced' if 'event=fenced' in first.log() else 'gave up its channel'}), old epochs refused at the gateway: {refused}; lost: nothing")


def paused_behind_serial_server():
    """Where nobody knows the epoch: stopped between the last check and the money frame, which then comes late."""
    with Field() as field:
        preload = field.folder / "stop_at_money.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", preload, ROOT / "tests/fault/stop_at_money.c", "-ldl"], check=True)
        serial = field.add_line("GW1", kind="rtu_over_tcp", meters=3)[0]
        field.start_sim()
        settings = {"polling": ONE_A_SECOND, "lease": {"duration_s": 3}}
        mark = field.folder / "stop-now"
        first = field.start("a", environment={"LD_PRELOAD": str(preload), "STOP_AT_MONEY": str(mark)}, **settings)
        field.all_read()
        field.open(serial)
        other = field.start("b", **settings)
        wait_for("b is there", 30, lambda: field.value("SELECT count(*) FROM collector") == "2")
        mark.touch()
        sale = field.deliver(serial, "top_up", 200_000)
        wait_for("a has stopped itself before the frame", 30, lambda: not mark.exists())
        wait_for("b has delivered", 60, lambda: field.delivery(sale) == "delivered")
        second = field.deliver(serial, "top_up", 300_000)
        wait_for("b has delivered another", 60, lambda: field.delivery(second) == "delivered")
        held = field.meters.truth(serial)
        if held["purchase_number"] != 3:
            raise Failed(f"purchase number {held['purchase_number']} after an opening and two sales")
        # The worst case is a frame that arrives: it must not meet b's questions on the wire, where both would be lost.
        other.send(signal.SIGSTOP)
        time.sleep(0.5)
        first.send(signal.SIGCONT)
        try:
            wait_for("the frame came late", 30, lambda: field.meters.truth(serial)["purchase_number"] == 2)
        finally:
            other.send(signal.SIGCONT)
        took = soon("the alarm", 30, lambda: field.value("SELECT count(*) FROM alarm WHERE kind = 'foreign_write' AND cleared_at IS NULL") == "1")
        states = field.value("SELECT string_agg(DISTINCT claimed_by || ' ' || state, ', ') FROM credit_delivery WHERE kind = 'top_up'")
        if states != "b delivered":
            raise Failed(f"deliveries: {states}")
        missing = (held["balance_e10"] - field.meters.truth(serial)["balance_e10"]) / 1e6
        # The next sale must not build on what the late frame left.
        third = field.deliver(serial, "top_up", 100_000)
        wait_for("the next sale waits for a person", 60, lambda: field.delivery(third) in ("quarantined", "delivered"))
        state = field.delivery(third)
        if state != "quarantined":
            raise Failed(f"the next sale is {state} on a meter whose number went back")
        text = field.value("SELECT text FROM alarm WHERE kind = 'foreign_write' AND cleared_at IS NULL")
        return (f"a stopped just before its money frame; b delivered it and another sale (numbers 2 and 3, each once); a woke up and its old frame set the meter back by "
                f"{missing / 1e4:.2f}: alarm after {took:.1f} s (\"{text}\"), the next sale stopped for a person, nothing booked twice")


CASES = {case.__name__: case for case in (
    killed_of_three, spread_evenly, paused_behind_gateway, paused_behind_serial_server, outage_cases.network_cut, outage_cases.full_spool_disk, outage_cases.database_away,
    line_cases.rebooted_gateway, line_cases.garbled_frames, line_cases.foreign_answers, line_cases.two_at_one_address, line_cases.recorded_and_replayed,
    protocol_cases.every_protocol)}


def one(name):
    begin = time.monotonic()
    try:
        verdict, text = "ok", CASES[name]()
    except Skipped as reason:
        verdict, text = "skipped", str(reason)
    except (Failed, KeyError, IndexError, OSError, ValueError, AttributeError, subprocess.SubprocessError, json.JSONDecodeError) as error:
        verdict, text = "FAILED", f"{type(error).__name__}: {error}"
    print(f"{verdict:7} {name:28} {time.monotonic() - begin:6.1f} s  {text}", flush=True)
    return verdict != "FAILED"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help=", ".join(CASES))
    parser.add_argument("--jobs", type=int, default=5, help="cases at the same time; they mostly wait")
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        return 0 if all(list(pool.map(one, arguments.cases or CASES))) else 1


if __name__ == "__main__":
    sys.exit(main())
