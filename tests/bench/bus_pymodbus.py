"""The obvious loop with pymodbus' synchronous serial client, its defaults untouched: bus_pymodbus.py PORT METERS SECONDS"""

import itertools
import sys
import time

from pymodbus.client import ModbusSerialClient

port, meters, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
end = time.monotonic() + seconds
client = ModbusSerialClient(port, baudrate=9600, bytesize=8, parity="N", stopbits=1)
if not client.connect():
    sys.exit(f"{port}: can't be opened")
answered = failed = 0
for unit in itertools.cycle(range(1, meters + 1)):
    if time.monotonic() >= end:
        break
    reply = client.read_holding_registers(0x0200, 48, slave=unit)
    if not reply.isError() and len(reply.registers) == 48:
        answered += 1
    else:
        failed += 1
client.close()
print(f"answered {answered} failed {failed}")
