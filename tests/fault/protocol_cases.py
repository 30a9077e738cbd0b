"""Every protocol that is not Modbus, through the whole field: a case of collectors.py. Meters of wutong-sim behind serial servers and at a real
broker, a collector, the database; readings in, a relay or valve moved by an order, and a purchase on a meter of DL/T 645 that holds money."""
import shutil
import subprocess
import time

from field import ONE_A_SECOND, Field, Process, free_port, premises, soon
from system import ROOT, Failed, wait_for

SECRETS = """[default]
password = "000000"
[dlms.default]
password = "12345678"
encryption_key = "000102030405060708090A0B0C0D0E0F"
authentication_key = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
"""
# name, what the line speaks, profile, profile that the simulator knows, station address of a serial number, physical address
STATIONS = (
    ("HDLC", "hdlc", "dlms-1ph", "dlms-1ph", lambda serial: "17", 17),
    ("WRAPPER", "dlms_wrapper", "dlms-3ph-tcp", "dlms-3ph", lambda serial: "1", 1),
    ("WATER", "cjt188", "cjt188-valve-water", "cjt188-valve-water", lambda serial: "7833" + serial[-10:], None),
    ("READOUT", "iec62056", "iec62056-3ph", "iec62056-3ph", lambda serial: serial, None),
    ("RELAY", "dlt645", "dlt645-relay-1ph", "dlt645-relay-1ph", lambda serial: serial, None),
    ("PURSE", "dlt645", "dlt645-purse-1ph", "dlt645-relay-1ph", lambda serial: serial, None),
)
# what devices say at the broker, their profile, whether they have a relay, station address of line and serial number
TONGUES = (
    ("tasmota", "tasmota-energy", True, lambda line, serial: f"plug-{serial}"),
    ("shelly", "shelly-pro-3em", False, lambda line, serial: f"shellypro3em-{serial}"),
    ("json", "mqtt-json-gateway", True, lambda line, serial: f"{line}/{serial}"),
    ("sparkplug", "sparkplug-meter", True, lambda line, serial: f"WUTONG/{line}/{serial}"),
)
PRICE_E4 = 6_000          # what the simulated DL/T 645 meter charges
CENT_E4 = 100


def add_channel(field, code, transport, endpoint):
    return field.value(f"INSERT INTO channel (property_id, code, transport, endpoint, baud, answer_timeout_ms) VALUES (1, '{code}', '{transport}', "
                       f"'{endpoint}', 115200, 1000) RETURNING channel_id")


def add_meter(field, channel, line, serial, profile, plays, station, address=None):
    plan = {"serial": serial, "profile": plays, "line": line, "premises": premises()}
    field.plan.append({**plan, "address": address} if address else plan)
    field.sql("INSERT INTO meter (property_id, channel_id, code, serial_number, profile, commodity, station_address, price_e4) VALUES (1, "
              f"{channel}, '{line}', '{serial}', '{profile}', '{'water' if 'water' in profile else 'electricity'}', '{station}', {PRICE_E4})")


def start_broker(field):
    port = free_port()
    (field.folder / "broker.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n", encoding="ascii")
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not program:
        raise Failed("mosquitto is not installed")
    broker = Process([program, "-c", field.folder / "broker.conf"], field.folder / "broker.log")
    field.processes.append(broker)
    soon("mosquitto runs", 20, lambda: "running" in broker.log())
    return port


def lay_out(field):
    """@returns serial numbers by line"""
    serials = {}
    for number, (name, framing, profile, plays, station, address) in enumerate(STATIONS, 1):
        serial = serials[name] = f"2026{number:08}"
        port = free_port()
        field.lines.append({"name": name, "kind": "rtu_over_tcp", "framing": framing, "port": port, "baud": 115_200, "turnaround_ms": 1})
        add_meter(field, add_channel(field, name, "rtu_over_tcp", f"127.0.0.1:{port}"), name, serial, profile, plays, station(serial), address)
    broker = f"mqtt://127.0.0.1:{start_broker(field)}"
    channel = add_channel(field, "BROKER", "mqtt", broker)
    for number, (tongue, profile, _, station) in enumerate(TONGUES, 101):
        serial = serials[tongue] = f"2026{number:08}"
        field.lines.append({"name": tongue, "kind": "mqtt", "broker": broker, "tongue": tongue, "every_ms": 500})
        add_meter(field, channel, tongue, serial, profile, "acrel-ddsy1352", station(tongue, serial))
    return serials


def check_registers(field, serials):
    """What was stored last is what the meter counted, to a hundred watt-hours or litres."""
    for name, serial in serials.items():
        truth = field.meters.truth(serial)
        shown = field.value("SELECT energy_wh FROM reading JOIN meter USING (property_id, meter_id) "
                            f"WHERE serial_number = '{serial}' ORDER BY read_at DESC LIMIT 1")
        wanted = truth["litres"] if name == "WATER" else truth["energy_mwh"] // 1000
        if shown == "" or abs(int(shown) - wanted) > 100:
            raise Failed(f"{name}: {shown or 'nothing'} is stored, the meter shows {wanted}")


def switch(field, serials, order, closed):
    """Orders for all at once, each proved by the meter itself and in the newest state."""
    orders = {name: field.command(serial, order) for name, serial in serials.items()}
    for name, number in orders.items():
        wait_for(f"{order} of {name}", 40, lambda number=number: field.command_state(number) in ("done", "failed", "expired"))
        state, why = field.sql(f"SELECT state, coalesce(result::text, '') FROM command WHERE command_id = {number}")[0]
        told = field.meters.truth(serials[name])["relay_closed"]
        if state != "done" or told != closed:
            raise Failed(f"{order} of {name} is {state} ({why}), the relay is {'closed' if told else 'open'}")
        wait_for(f"{name}'s state tells it", 20, lambda name=name: field.value(
            f"SELECT relay_closed FROM meter_state JOIN meter USING (property_id, meter_id) WHERE serial_number = '{serials[name]}'") == ("t" if closed else "f"))


def buy(field, serial, kind, amount_e4, settings, number):
    """A delivery on its way, and what the meter itself then holds. @returns its balance before and after"""
    before = field.meters.truth(serial)
    sale = field.deliver(serial, kind, amount_e4, settings)
    wait_for(f"{kind} is delivered", 40, lambda: field.delivery(sale) in ("delivered", "quarantined", "refused", "failed"))
    after = field.meters.truth(serial)
    spent_e4 = (after["energy_mwh"] - before["energy_mwh"]) * PRICE_E4 // 1_000_000
    held = after["balance_e4"] - before["balance_e4"]
    if field.delivery(sale) != "delivered" or after["purchase_number"] != number:
        raise Failed(f"{kind}: {field.delivery(sale)}, the meter's purchase number is {after['purchase_number']}, expected {number}")
    if not amount_e4 - spent_e4 - 2 * CENT_E4 <= held <= amount_e4:
        raise Failed(f"{kind} of {amount_e4}: the meter holds {held} more, and {spent_e4} was used")
    return before["balance_e4"], after["balance_e4"]


def probe(field, tongue, serial):
    """As somebody tries a profile before the import: one round of messages, raw and scaled."""
    _, profile, _, station = next(entry for entry in TONGUES if entry[0] == tongue)
    broker = next(line["broker"] for line in field.lines if line["name"] == tongue)
    done = subprocess.run([field.bin / "wutongctl", "probe", ROOT / f"profiles/{profile}.toml", "--mqtt", broker, "--station", station(tongue, serial),
                           "--listen-s", "40"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("energy_total")]
    if done.returncode != 0 or not told or told[0][-1] != "Wh" or told[0][-2] != told[0][-3] or "\n< " not in done.stdout:
        raise Failed(f"the probe of {tongue} ends with {done.returncode}: {done.stdout[:500]}{done.stderr}")


def every_protocol():
    with Field() as field:
        serials = lay_out(field)
        secrets = field.folder / "secrets.toml"
        secrets.touch(0o600)
        secrets.write_text(SECRETS, encoding="ascii")
        begin = time.monotonic()
        field.start_sim()
        field.start("a", polling=ONE_A_SECOND, meters={"secrets": str(secrets)})
        field.all_read()
        read = time.monotonic() - begin
        probe(field, "json", serials["json"])
        # Nobody measured water: ten litres flow with each kilowatt-hour of the simulated curve.
        field.meters.set(serials["WATER"], load_w=1_200_000)
        wait_for("litres in the readings", 40, lambda: int(field.value(
            f"SELECT max(energy_wh) FROM reading WHERE meter_id = {field.meter_id(serials['WATER'])}")) > 10)
        check_registers(field, serials)
        movable = {name: serial for name, serial in serials.items() if name not in ("PURSE", "READOUT", *[tongue for tongue, _, relay, _ in TONGUES if not relay])}
        switch(field, movable, "switch_off", False)
        switch(field, movable, "restore_prepaid", True)
        serial = serials["PURSE"]
        field.sql(f"INSERT INTO account_meter (property_id, account_id, meter_id) VALUES (1, 1, {field.meter_id(serial)})")
        buy(field, serial, "open", 500_000, "{}", 1)
        before, after = buy(field, serial, "top_up", 250_000, "{}", 2)
        wait_for("the newest state has the balance", 20, lambda: abs(int(field.value(
            f"SELECT balance_e4 FROM meter_state WHERE meter_id = {field.meter_id(serial)}")) - field.meters.truth(serial)["balance_e4"]) <= CENT_E4)
        check_registers(field, serials)
        lost = field.value("SELECT count(*) FROM meter_state WHERE lost_since IS NOT NULL")
        doubted = field.value("SELECT count(*) FROM doubted_reading")
        if (lost, doubted) != ("0", "0"):
            raise Failed(f"{lost} meters lost, {doubted} readings doubted")
        return (f"{len(serials)} meters (DLMS on HDLC and in the TCP wrapper, CJ/T 188, IEC 62056-21, DL/T 645, four kinds of devices at mosquitto): all read after {read:.1f} s, registers "
                f"as the meters', litres among them; relays and valve of {len(movable)} opened and closed; DL/T 645 purchases 1 and 2 delivered, {before / 1e4:.2f} → {after / 1e4:.2f} on the meter; lost: nothing")
