#!/usr/bin/python3
"""The collector reads a meter that pymodbus plays, over Modbus TCP and over RTU in a TCP connection.

Starts a whole Wutong in a folder of its own, and two pymodbus servers beside it: an Eastron SDM630 each, floating point in
input registers as the vendor lists them. Imports them as monitored meters and compares what the server tells of them.
"""
import asyncio
import logging
import os
import pathlib
import struct
import sys
import threading

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.server import StartAsyncTcpServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from system import Failed, System, wait_for  # noqa: E402

UNIT = 7
# Register: value, in the meter's units (V, A, W, Hz, kWh). All of them are exact in single precision.
SHOWN = {0x0000: 229.5, 0x0002: 230.25, 0x0004: 231.0, 0x0006: 4.5, 0x0034: 3105.0, 0x0046: 50.0, 0x0048: 1234.5}
EXPECTED = {"voltage_mv": 229_500, "power_w": 3_105, "energy_wh": 1_234_500}


class Device:
    """A pymodbus server on a free port, in a thread with an event loop of its own."""

    def __init__(self, framer):
        self.framer, self.port, self.listening = framer, 0, threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        if not self.listening.wait(10):
            raise Failed("pymodbus does not listen")

    async def serve(self):
        registers = [0] * 0x0200
        for address, value in SHOWN.items():
            registers[address:address + 2] = struct.unpack(">HH", struct.pack(">f", value))
        unit = ModbusSlaveContext(ir=ModbusSequentialDataBlock(0, registers), zero_mode=True)
        server = await StartAsyncTcpServer(context=ModbusServerContext(slaves={UNIT: unit}, single=False), address=("127.0.0.1", 0),
                                           framer=self.framer, defer_start=True)
        serving = asyncio.create_task(server.serve_forever())
        await server.serving
        self.port = server.server.sockets[0].getsockname()[1]
        self.listening.set()
        await serving


def check(text, holds):
    print(f"{'ok    ' if holds else 'FAILED'}  {text}", flush=True)
    if not holds:
        raise Failed(text)


def drive(system):
    kinds = {"modbus_tcp": ModbusSocketFramer, "rtu_over_tcp": ModbusRtuFramer}
    site = (system.var / "sim/import.toml").read_text(encoding="utf-8").split("[[gateway]]")[0]
    property_code = site.split('code = "')[1].split('"')[0]
    building = site.split("[[building]]")[1].split('code = "')[1].split('"')[0]
    rows = ["property,building,floor,unit,channel,address,profile,serial,code,role,feeds"]
    for number, (kind, framer) in enumerate(kinds.items(), 1):
        port = Device(framer).port
        site += (f'[[gateway]]\ncode = "PEER{number}"\nkind = "{kind}"\nname = "pymodbus {number}"\nendpoint = "127.0.0.1:{port}"\n\n'
                 f'[[channel]]\ncode = "PEER{number}"\ngateway = "PEER{number}"\ntransport = "{kind}"\nendpoint = "127.0.0.1:{port}"\n'
                 f'baud = 9600\nparity = "N"\nstop_bits = 1\n\n')
        rows.append(f"{property_code},{building},1,,PEER{number},{UNIT},eastron-sdm630,98000000000{number},PEER-{number},monitor,")
    (system.var / "peers.toml").write_text(site, encoding="utf-8")
    (system.var / "peers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    ctl = system.ctl()
    done = ctl.run("import", system.var / "peers.toml", system.var / "peers.csv")[0]
    check(f"two meters of pymodbus imported: {done['meters']}", done["meters"] == 2)
    for number, kind in enumerate(kinds, 1):
        def state(code=f"98000000000{number}"):
            told = ctl.run("meter", "show", code)[0]["state"]
            return told if "answered_at" in told and "energy_wh" in told else None
        told = wait_for(f"the meter behind {kind}", 60, state)
        values = {name: told.get(name) for name in EXPECTED}
        check(f"{kind}: {values}", values == EXPECTED)


def main():
    logging.disable(logging.ERROR)  # pymodbus calls every closed connection an error
    build = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build/ci"))
    system = System(build / "collector-pymodbus", os.environ.get("WUTONG_BIN", build / "bin"))
    try:
        drive(system.start())
    except Failed as failed:
        print(f"FAILED  {failed}", flush=True)
        return 1
    finally:
        system.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
