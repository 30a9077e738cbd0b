#!/usr/bin/python3
"""Programs that we did not write read wutong-sim and agree with its control port.

    simulator_peers.py [PATH_OF_WUTONG_SIM]

mbpoll (libmodbus) and python3-pymodbus read the same meters over a pseudo-terminal, over the Modbus TCP gateway
and, pymodbus only, over the serial server. One line per check; exit status 1 if one fails, 2 if a peer is missing.
"""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.request

try:
    from pymodbus.client import ModbusSerialClient, ModbusTcpClient
    from pymodbus.transaction import ModbusRtuFramer
except ImportError as missing:
    print(f"simulator_peers: python3-pymodbus is missing ({missing})", file=sys.stderr)
    sys.exit(2)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
failed = 0


def check(name, holds, detail=""):
    global failed
    failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {name}{' ' + detail if detail else ''}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Simulator:
    def __init__(self, binary, folder):
        self.folder = folder
        self.control, self.tcp, self.rtu = free_port(), free_port(), free_port()
        self.process = subprocess.Popen(
            [binary, "--demo", folder, "--control-port", str(self.control), "--modbus-tcp-port", str(self.tcp),
             "--rtu-over-tcp-port", str(self.rtu)], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
        raise RuntimeError("wutong-sim did not say ready")

    def call(self, path, method="GET", body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def truth(self, serial):
        return self.call(f"/v1/meters/{serial}")

    def stop(self):
        self.process.terminate()
        return self.process.wait(10)


def s32(words):
    return struct.unpack(">i", struct.pack(">HH", *words))[0]


def mbpoll(arguments, where, first, count, function="4"):
    """Registers as mbpoll prints them; it counts from 1 and shows a negative reading in brackets too."""
    result = subprocess.run(["mbpoll", *arguments, "-t", f"{function}:hex", "-r", str(first + 1), "-c", str(count),
                             "-1", "-o", "1", where], capture_output=True, text=True, timeout=30)
    return [int(word, 16) for word in re.findall(r"^\[\d+\]:\s+0x([0-9A-F]{4})", result.stdout, re.M)]


def agree(name, live, truth):
    """A live block (48 registers at 0200h) against the truth taken around it."""
    before, after = truth
    energy = s32(live[0x15:0x17]) * 10
    check(f"{name}: energy", before["energy_wh"] <= energy <= after["energy_wh"],
          f"{before['energy_wh']} <= {energy} <= {after['energy_wh']} Wh")
    balance = s32(live[0x1F:0x21]) * 100
    check(f"{name}: balance", after["balance_e4"] <= balance <= before["balance_e4"],
          f"{after['balance_e4']} <= {balance} <= {before['balance_e4']}")
    check(f"{name}: purchase number", live[0x21] == before["purchase_number"], str(live[0x21]))
    closed = bool(live[0x24] & 0x2000)
    check(f"{name}: relay", closed == before["relay_closed"], "closed" if closed else "open")


def framed(simulator, name, serial, read):
    before = simulator.truth(serial)
    live = read()
    after = simulator.truth(serial)
    if len(live) != 48:
        check(f"{name}: 48 registers", False, f"got {len(live)}")
        return
    agree(name, live, (before, after))


def registers(answer):
    return [] if answer.isError() else answer.registers


def recharge(simulator, meter, client):
    """Function 20h byte for byte as the fact sheet has it, CRC included; pymodbus reads what became of it."""
    frame = bytes.fromhex("01 20 02 00 00 1E 3C 00 00 01 00 00 27 10 01 00 05") + bytes(50) + b"\x5c\xca"
    with socket.create_connection(("127.0.0.1", simulator.rtu), timeout=3) as line:
        line.sendall(frame)
        answer = b""
        while len(answer) < 15:
            answer += line.recv(64)
    check("20h recharge: 15 bytes come back", len(answer) == 15 and answer[:2] == b"\x01\x20", answer.hex(" "))
    truth = simulator.truth(meter["serial"])
    check("20h recharge: the truth", truth["balance_e4"] == 1_000_000 and truth["purchase_number"] == 5,
          f"balance_e4={truth['balance_e4']} purchase_number={truth['purchase_number']}")
    client.connect()
    words = registers(client.read_holding_registers(0x21F, 3, slave=meter["address"]))
    client.close()
    check("20h recharge: pymodbus reads it", words == [0, 10_000, 5], str(words))


def run(simulator):
    by_code = {meter["code"]: meter for meter in simulator.call("/v1/meters")["meters"]}
    pty_meter, tcp_meter, rtu_meter = by_code["101"], by_code["2901"], by_code["3501"]
    feeder = by_code["F01"]
    for place, meter in enumerate((pty_meter, tcp_meter, rtu_meter)):
        simulator.call(f"/v1/meters/{meter['serial']}", "PATCH",
                       {"load_w": 9_000_000 + place, "balance_e4": 1_000_000 - 250_000 * place,
                        "purchase_number": 11 + place})
    bus1 = os.path.join(simulator.folder, "bus1")
    serial_line = ["-m", "rtu", "-b", "9600", "-P", "none", "-a"]
    tcp_line = ["-m", "tcp", "-p", str(simulator.tcp), "-a"]

    framed(simulator, "mbpoll, pty", pty_meter["serial"],
           lambda: mbpoll([*serial_line, str(pty_meter["address"])], bus1, 0x200, 48))
    framed(simulator, "mbpoll, Modbus TCP", tcp_meter["serial"],
           lambda: mbpoll([*tcp_line, str(tcp_meter["address"])], "127.0.0.1", 0x200, 48))
    watts = mbpoll([*serial_line, str(feeder["address"])], bus1, 0x34, 2, "3")
    shown = struct.unpack(">f", struct.pack(">HH", *watts))[0] if len(watts) == 2 else -1.0
    truth = simulator.truth(feeder["serial"])["load_w"]
    check("mbpoll, pty: feeder's power", abs(shown - truth) < 1.0, f"{shown} W, {truth} W")

    clients = [
        ("pymodbus, pty", pty_meter, ModbusSerialClient(bus1, baudrate=9600, timeout=2)),
        ("pymodbus, Modbus TCP", tcp_meter, ModbusTcpClient("127.0.0.1", port=simulator.tcp, timeout=2)),
        ("pymodbus, RTU over TCP", rtu_meter,
         ModbusTcpClient("127.0.0.1", port=simulator.rtu, framer=ModbusRtuFramer, timeout=2)),
    ]
    for name, meter, client in clients:
        check(f"{name}: connects", bool(client.connect()))
        unit = meter["address"]
        framed(simulator, name, meter["serial"],
               lambda: registers(client.read_holding_registers(0x200, 48, slave=unit)))
        refused = client.read_holding_registers(0x100, 1, slave=unit)
        check(f"{name}: unmapped register is exception 02", getattr(refused, "exception_code", None) == 2,
              str(refused))
        for command, closed in (([1, 1], False), ([1, 0], True), ([0, 0], True)):
            written = client.write_registers(0x57, command, slave=unit)
            relay = simulator.truth(meter["serial"])["relay_closed"]
            check(f"{name}: relay command {command}", not written.isError() and relay == closed,
                  "closed" if relay else "open")
        client.close()

    recharge(simulator, rtu_meter, clients[2][2])

    name, meter, client = clients[0][0], feeder, clients[0][2]
    client.connect()
    answer = registers(client.read_input_registers(0x48, 2, slave=meter["address"]))
    kwh = struct.unpack(">f", struct.pack(">HH", *answer))[0] if len(answer) == 2 else -1.0
    now = simulator.truth(feeder["serial"])["energy_mwh"] / 1e6
    check(f"{name}: feeder's energy", 0 <= now - kwh < 0.1, f"{kwh:.4f} kWh, {now:.4f} kWh")
    client.close()

    simulator.call(f"/v1/meters/{pty_meter['serial']}", "PATCH", {"dead": True})
    check("mbpoll, pty: a dead meter does not answer",
          mbpoll([*serial_line, str(pty_meter["address"])], bus1, 0x200, 1) == [])
    check("simulator: stops cleanly", simulator.stop() == 0)
    check("simulator: takes its links away", not os.path.lexists(bus1))


def main():
    built = os.environ.get("WUTONG_BIN", os.path.join(ROOT, "build", "dev", "bin"))
    binary = sys.argv[1] if len(sys.argv) > 1 else os.path.join(built, "wutong-sim")
    if not os.access(binary, os.X_OK):
        print(f"simulator_peers: no wutong-sim at {binary}; build it or give its path", file=sys.stderr)
        return 2
    if shutil.which("mbpoll") is None:
        print("simulator_peers: mbpoll is missing", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="wutong-peers-") as folder:
        simulator = Simulator(binary, folder)
        try:
            run(simulator)
        finally:
            if simulator.process.poll() is None:
                simulator.stop()
    print(f"simulator_peers: {'all agree' if failed == 0 else f'{failed} checks failed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
