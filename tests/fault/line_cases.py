"""Faults of lines and meters, and lines recorded and played back: cases of collectors.py, each with a field of its own."""
import os
import pathlib
import re
import time

from field import LONG, ONE_A_SECOND, Field, longest_hole, soon
from system import ROOT, Failed, wait_for


def rebooted_gateway():
    """A gateway that is away for a moment, and a serial server whose cable is pulled, beside one that stays."""
    away = 60 if LONG else 4
    with Field() as field:
        for name, kind in (("GW1", "modbus_tcp"), ("GW2", "rtu_over_tcp"), ("GW3", "modbus_tcp")):
            field.add_line(name, kind=kind, meters=3)
        field.start_sim()
        field.start("a", polling={**ONE_A_SECOND, "lost_after_s": 120})
        field.all_read()
        for name in ("GW1", "GW2"):
            field.meters.request("PATCH", f"/v1/gateways/{name}", {"dead": True})
        time.sleep(away)
        for name in ("GW1", "GW2"):
            field.meters.request("PATCH", f"/v1/gateways/{name}", {"dead": False})
        back = field.value("SELECT clock_timestamp()")
        took = soon("all meters are read again", 30, lambda: field.value(
            f"SELECT count(DISTINCT meter_id) FROM reading WHERE read_at > '{back}'") == "9")
        time.sleep(1.5)
        neighbour = longest_hole(field, "meter_id > 6")
        hole = longest_hole(field, "meter_id <= 6")
        if neighbour > 8 or took > 15:
            raise Failed(f"hole of {neighbour:.1f} s on the gateway that stayed, back after {took:.1f} s")
        return (f"two of three gateways away for {away} s: all read again {took:.1f} s after they were back; lost: the {hole:.1f} s in which nobody could be asked; "
                f"longest hole on the third {neighbour:.1f} s")


def garbled_frames():
    """20 % of the answers with turned bits: no wrong value may get in."""
    seconds = 120 if LONG else 5
    with Field() as field:
        serials = field.add_line("GW1", kind="rtu_over_tcp", meters=4) + field.add_line("BUS1", kind="serial", baud=9600, meters=2)
        field.start_sim()
        field.start("a", polling=ONE_A_SECOND)
        field.all_read()
        for target in ("bus:GW1", "bus:BUS1"):
            field.meters.fault(target=target, kind="garbled_answer", count=100_000, probability=0.2)
        time.sleep(seconds)
        hits = sum(fault["hits"] for fault in field.meters.request("GET", "/v1/faults")["faults"])
        field.meters.no_faults()
        wrong = 0
        for serial in serials:
            truth = field.meters.truth(serial)
            rows = field.sql(f"SELECT energy_wh, power_w FROM reading r JOIN meter m USING (property_id, meter_id) WHERE serial_number = '{serial}'")
            wrong += sum(1 for energy, _ in rows if not energy or abs(int(energy) * 1000 - truth["energy_mwh"]) > 20_000)
        doubted = int(field.value("SELECT count(*) FROM doubted_reading"))
        count, lost = field.value("SELECT count(*) FROM reading"), field.value("SELECT count(*) FROM meter_state WHERE lost_since IS NOT NULL")
        if wrong or doubted or lost != "0" or hits == 0:
            raise Failed(f"{wrong} wrong readings, {doubted} doubted, {lost} meters lost, {hits} frames garbled")
        return f"20 % of the answers garbled for {seconds} s ({hits} frames): {count} readings, none wrong, no meter lost, longest hole {longest_hole(field):.1f} s"


def foreign_answers():
    """A meter that answers for another: by its frame's address, and by hanging where another should."""
    with Field() as field:
        serials = field.add_line("GW1", kind="rtu_over_tcp", meters=3)
        field.start_sim()
        field.start("a", polling=ONE_A_SECOND)
        field.all_read()
        # Somebody has exchanged the meter at address 2: the books know another serial number.
        field.sql("UPDATE meter SET serial_number = '202699990002' WHERE bus_address = 2")
        field.open(serials[0])
        field.meters.fault(target=f"meter:{serials[0]}", kind="foreign_answer", count=100_000, probability=0.25)
        field.sql("INSERT INTO account_meter (property_id, account_id, meter_id) VALUES (1, 1, 2)")
        wrong = field.deliver("202699990002", "open", 500_000, '{"price_e4": 9500, "alarm_1_e4": 0, "alarm_2_e4": 0, "overdraft_e4": 0}')
        sale = field.deliver(serials[0], "top_up", 100_000)
        wait_for("the sale is on its meter", 90, lambda: field.delivery(sale) == "delivered")
        hits = sum(fault["hits"] for fault in field.meters.request("GET", "/v1/faults")["faults"])
        told = soon("it is said", 30, lambda: field.delivery(wrong) in ("quarantined", "refused"))
        del told
        others = [field.meters.truth(serial) for serial in serials[1:]]
        if any(other["purchase_number"] for other in others) or field.meters.truth(serials[0])["purchase_number"] != 2 or hits == 0:
            raise Failed(f"money where none belongs, or {hits} hits")
        reason = field.value(f"SELECT reason FROM credit_delivery WHERE delivery_id = {wrong}")
        return (f"a quarter of a meter's answers under another's address ({hits}): its sale arrived once; another meter at an address: {field.delivery(wrong)}, nothing written "
                f"(\"{reason}\")")


def two_at_one_address():
    """Two meters answer at once: what nobody can read is not believed, and the others don't suffer."""
    with Field() as field:
        field.add_line("BUS1", kind="serial", baud=9600, meters=4)
        twin = {**field.plan[1], "serial": "202699990002", "twin": True}
        field.plan.append(twin)
        field.start_sim()
        field.start("a", polling=ONE_A_SECOND)
        wait_for("the others are read", 60, lambda: field.value("SELECT count(DISTINCT meter_id) FROM reading") == "3")
        wait_for("the address is lost, with an alarm", 60, lambda: field.value("SELECT count(*) FROM alarm WHERE kind = 'lost_meter' AND meter_id = 2") == "1")
        time.sleep(2)
        hole = longest_hole(field)
        if field.value("SELECT count(*) FROM reading WHERE meter_id = 2") != "0" or hole > 10:
            raise Failed(f"readings of the doubled address, or a hole of {hole:.1f} s")
        field.meters.set("202699990002", dead=True)
        took = soon("one is taken off: the other is read", 30, lambda: field.value("SELECT count(*) FROM reading WHERE meter_id = 2") != "0")
        return f"two meters at address 2: not one reading believed, alarm lost_meter, longest hole of the others {hole:.1f} s; one taken off: read after {took:.1f} s"


def recorded_and_replayed():
    """A bus with garbled frames is recorded; the recording, and the kept one, are played back to collectors with empty databases."""
    values = ("SELECT bus_address, energy_wh, voltage_mv FROM reading r JOIN meter m USING (property_id, meter_id) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")

    def read(field, least):
        collector = field.start("a", polling=ONE_A_SECOND, line_recording={"directory": str(field.folder / "rec"), "channels": "BUS1 GW1"})
        wait_for("the meters are read", 60, lambda: int(field.value(
            "SELECT coalesce(min(n), 0) FROM (SELECT count(r.read_at) AS n FROM meter m LEFT JOIN reading r USING (property_id, meter_id) GROUP BY m.meter_id) t")) >= least)
        collector.end()
        return field.sql(values)

    def replay(files, meters):
        with Field() as field:
            for name, kind in (("BUS1", "serial"), ("GW1", "modbus_tcp")):
                field.add_line(name, kind=kind, baud=9600, meters=meters, replay=str(files[name]))
            field.plan.clear()
            field.start_sim()
            rows = read(field, 3)
            buses = field.meters.request("GET", "/v1/buses")["buses"]
            return rows, sum(bus["bad_frames"] for bus in buses), len(re.findall(" > ", (field.folder / "rec/1-BUS1.rec").read_text(encoding="ascii")))

    with Field() as field:
        field.add_line("BUS1", kind="serial", baud=9600, meters=3)
        field.add_line("GW1", kind="modbus_tcp", baud=9600, meters=3)
        field.start_sim()
        field.meters.fault(target="bus:BUS1", kind="garbled_answer", count=100_000, probability=0.2)
        live = read(field, 4)
        files = {name: field.folder / f"rec/1-{name}.rec" for name in ("BUS1", "GW1")}
        sizes = {name: file.stat().st_size for name, file in files.items()}
        if any(file.stat().st_mode & 0o077 for file in files.values()):
            raise Failed("others may read the recordings")
        if os.environ.get("KEEP_RECORDINGS"):
            for name, file in files.items():
                pathlib.Path(os.environ["KEEP_RECORDINGS"], f"{name}.rec").write_bytes(file.read_bytes())
        rows, unknown, _ = replay(files, 3)
        strangers = [row for row in rows if row not in live]
        if strangers or unknown or not rows:
            raise Failed(f"played back: {strangers} were never read, {unknown} questions not known")
    kept = {name: ROOT / f"tests/recordings/{name}.rec" for name in ("BUS1", "GW1")}
    rows, unknown, asked = replay(kept, 3)
    addresses = {row[0] for row in rows}
    if unknown or addresses != {"1", "2", "3"}:
        raise Failed(f"the kept recording: meters {sorted(addresses)}, {unknown} questions not known")
    return (f"two channels recorded ({sizes['BUS1']} and {sizes['GW1']} bytes, 20 % garbled), played back to an empty database: every value was read live too, no question unknown; "
            f"the kept recordings play ({asked} questions on the bus)")
