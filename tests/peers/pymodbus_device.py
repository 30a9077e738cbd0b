#!/usr/bin/python3
"""A meter played by pymodbus, to be asked by our clients.

pymodbus_device.py rtu|tcp      listens on a free port of 127.0.0.1

Lines on standard output:
  LISTENING <port>
  RECEIVED <hex>                every request exactly as it came from the socket
  VENDOR <unit> <register> <count> <hex>   a function 20h as pymodbus decoded it
Unit 1: holding registers hold address + 1 (mod 65536), input registers address + 2.
Ends when standard input is closed.
"""

import asyncio
import logging
import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.pdu import ModbusRequest, ModbusResponse
from pymodbus.server import StartAsyncTcpServer


def say(*words):
    print(*words, flush=True)


class VendorResponse(ModbusResponse):
    """15 bytes on the line: unit, function, 11 bytes, CRC."""

    function_code = 0x20
    _rtu_frame_size = 15

    def __init__(self, address=0, count=0, **kwargs):
        super().__init__(**kwargs)
        self.address, self.count = address, count

    def encode(self):
        return struct.pack(">HHB", self.address, self.count, self.count * 2) + bytes(6)


class VendorRequest(ModbusRequest):
    """The shape of function 10h: register, count, byte count, data."""

    function_code = 0x20
    _rtu_byte_count_pos = 6

    def decode(self, data):
        self.address, self.count, length = struct.unpack(">HHB", data[:5])
        self.data = data[5 : 5 + length]

    def execute(self, context):
        say("VENDOR", self.unit_id, f"{self.address:04X}", self.count, self.data.hex(" ").upper())
        return VendorResponse(self.address, self.count)


def listening_to(framer):
    class Listening(framer):
        def processIncomingPacket(self, data, callback, unit, **kwargs):
            if data:
                say("RECEIVED", data.hex(" ").upper())
            super().processIncomingPacket(data, callback, unit, **kwargs)

    return Listening


async def main(kind):
    framer = {"rtu": ModbusRtuFramer, "tcp": ModbusSocketFramer}[kind]
    registers = [(i + 1) % 65536 for i in range(65536)]
    unit = ModbusSlaveContext(
        hr=ModbusSequentialDataBlock(0, registers),
        ir=ModbusSequentialDataBlock(0, registers[1:] + [0]),
        zero_mode=True,
    )
    server = await StartAsyncTcpServer(
        context=ModbusServerContext(slaves={1: unit}, single=False),
        address=("127.0.0.1", 0),
        framer=listening_to(framer),
        defer_start=True,
    )
    server.decoder.register(VendorRequest)
    serving = asyncio.create_task(server.serve_forever())
    await server.serving
    say("LISTENING", server.server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    serving.cancel()


if __name__ == "__main__":
    if sys.argv[1:] not in (["rtu"], ["tcp"]):
        sys.exit(__doc__)
    logging.disable(logging.ERROR)  # it calls the end of its own server an error
    try:
        asyncio.run(main(sys.argv[1]))
    except asyncio.CancelledError:
        pass
