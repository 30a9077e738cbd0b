// The obvious loop with modbus-serial, which node-red's Modbus nodes use; its defaults untouched but for the time-out, which it has none of:
// bus_modbus_serial.js PORT METERS SECONDS
"use strict";
const ModbusRTU = require("modbus-serial");
const [port, meters, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

async function main() {
    const client = new ModbusRTU();
    await client.connectRTUBuffered(port, { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 });
    client.setTimeout(1000);
    const end = Date.now() + seconds * 1000;
    let answered = 0, failed = 0;
    for (let unit = 1; Date.now() < end; unit = unit % meters + 1) {
        client.setID(unit);
        try {
            const reply = await client.readHoldingRegisters(0x0200, 48);
            if (reply.data.length === 48) { answered += 1; } else { failed += 1; }
        } catch (fault) {
            failed += 1;
        }
    }
    console.log(`answered ${answered} failed ${failed}`);
    client.close(() => process.exit(0));
}
main().catch((fault) => { console.error(String(fault)); process.exit(1); });
