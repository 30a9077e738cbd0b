"""The database, the network and the disk are away or full: cases of collectors.py, each with a field of its own."""
import os
import re
import signal
import subprocess
import sys
import time

from field import LONG, ONE_A_SECOND, Field, Skipped, free_port, longest_hole, soon
from system import Failed, wait_for


def full_spool_disk():
    """The database is away and the spool's disk is full: said, the newest kept, what was dropped counted."""
    with Field() as field:
        spool = field.folder / "spool"
        spool.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={'8m' if LONG else '1m'}", "tmpfs", spool], capture_output=True, check=False)
        if mounted.returncode != 0:
            raise Skipped("mounting a small file system is not allowed here")
        try:
            for number in range(1, 5):
                field.add_line(f"GW{number}", meters=60, turnaround_ms=0)
            field.start_sim()
            collector = field.start("a", polling=ONE_A_SECOND)
            field.all_read()
            begin = float(field.value("SELECT extract(epoch FROM clock_timestamp())"))
            cut(field)
            wait_for("the spool is full", 600 if LONG else 60, lambda: collector.metric("wutong_collector_spool_dropped_total") > 0)
            time.sleep(30 if LONG else 2)
            full = float(time.time())
            mend(field)
            wait_for("the spool is empty again", 120, lambda: collector.metric("wutong_collector_spool_readings") == 0)
            dropped = int(collector.metric("wutong_collector_spool_dropped_total") + collector.metric("wutong_collector_readings_total", 'outcome="dropped"'))
            stored = int(collector.metric("wutong_collector_readings_total", 'outcome="stored"'))
            in_table = int(field.value("SELECT count(*) FROM reading"))
            # Readings go on while they are counted, so the count lies between what is told before and after.
            stored_then = int(collector.metric("wutong_collector_readings_total", 'outcome="stored"'))
            tail = float(field.value(f"SELECT coalesce(extract(epoch FROM max(gap)), 0) FROM (SELECT read_at - lag(read_at) OVER (PARTITION BY meter_id ORDER BY read_at) AS gap, "
                                     f"read_at FROM reading) g WHERE read_at > to_timestamp({full - 2})"))
            said = re.search("event=spool_full.*", collector.log())
            if not said or tail > 8 or not stored - 300 <= in_table <= stored_then + 300:
                raise Failed(f"said: {said}; longest hole around the end {tail:.1f} s; {stored} to {stored_then} counted as stored, {in_table} there")
            return (f"database away for {full - begin:.0f} s with a disk of {'8 MB' if LONG else '1 MB'} for the spool: \"{said.group(0)}\"; {dropped} of the oldest readings dropped and counted, "
                    f"{in_table} stored, the newest among them (longest hole at the end {tail:.1f} s)")
        finally:
            for process in field.processes:
                process.end(signal.SIGKILL)
            subprocess.run(["umount", spool], check=False)


def cut(field):
    field.sql(f"ALTER DATABASE {field.database} WITH ALLOW_CONNECTIONS false", database="postgres")
    field.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{field.database}'", database="postgres")


def mend(field):
    field.sql(f"ALTER DATABASE {field.database} WITH ALLOW_CONNECTIONS true", database="postgres")


def ip(*words, check=True):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise Skipped(f"ip {' '.join(words)}: {done.stderr.strip()}; network namespaces are not permitted here")
    return done.stdout


def network_cut():
    """Collector and meters in a network namespace of their own; the cable to the database is pulled, packets just vanish."""
    away = 600 if LONG else 10
    name = f"wf{os.getpid()}"
    ip("netns", "add", name)
    forwarder = None
    try:
        ip("link", "add", name, "type", "veth", "peer", "name", "up0", "netns", name)
        ip("addr", "add", "10.213.47.1/30", "dev", name)
        ip("link", "set", name, "up")
        for words in (("addr", "add", "10.213.47.2/30", "dev", "up0"), ("link", "set", "up0", "up"), ("link", "set", "lo", "up")):
            ip("-n", name, *words)
        with Field() as field:
            inside = ["ip", "netns", "exec", name]
            for number in range(1, 4):
                field.add_line(f"GW{number}", meters=5)
            # The test cluster listens on this machine alone.
            port = free_port()
            forwarder = subprocess.Popen(["socat", f"TCP-LISTEN:{port},bind=10.213.47.1,fork,reuseaddr", f"TCP:{field.cluster.hostname}:{field.cluster.port}"])
            field.start_sim(within=inside)
            collector = field.start("a", within=inside, database={"url": f"postgresql://wutong_collector@10.213.47.1:{port}/{field.database}?tcp_user_timeout=2000", "statement_timeout_ms": 3000},
                                    polling=ONE_A_SECOND)
            field.all_read()
            before = int(field.value("SELECT count(*) FROM reading"))
            ip("link", "set", name, "down")
            time.sleep(away)
            during = int(field.value("SELECT count(*) FROM reading"))
            spooled = counted(inside, collector, "wutong_collector_spool_readings")
            ip("link", "set", name, "up")
            took = soon("the spool is empty", 120, lambda: counted(inside, collector, "wutong_collector_spool_readings") == 0
                        and field.value("SELECT max(read_at) > now() - interval '3 s' FROM reading") == "t")
            time.sleep(1.2)
            hole = longest_hole(field)
            after = int(field.value("SELECT count(*) FROM reading"))
            copies = int(field.value("SELECT count(*) FROM (SELECT FROM reading GROUP BY property_id, meter_id, read_at HAVING count(*) > 1) t"))
            twice = int(counted(inside, collector, "wutong_collector_readings_total", 'outcome="duplicate"'))
            dropped = counted(inside, collector, "wutong_collector_spool_dropped_total")
            # A batch that is lost is a hole in all meters; in ten minutes a busy machine is late now and then.
            if hole > (12 if LONG else 7) or copies or dropped or spooled == 0:
                raise Failed(f"longest hole {hole:.1f} s, {copies} copies, {dropped} dropped, {spooled} in the spool\n{collector.log()[-1500:]}")
            return (f"cable between collector and database pulled for {away} s: {int(spooled)} readings waited in the spool, all stored {took:.1f} s after it was back; {before} → {during} → "
                    f"{after} readings, longest hole {hole:.1f} s, {twice} offered twice and recognised, copies: {copies}; lost: nothing")
    finally:
        if forwarder:
            forwarder.kill()
            forwarder.wait()
        ip("netns", "del", name, check=False)
        ip("link", "del", name, check=False)


def counted(inside, collector, metric, label=""):
    look = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{collector.port}/metrics', timeout=10).read().decode())"
    text = subprocess.run([*inside, sys.executable, "-c", look], capture_output=True, text=True, check=False).stdout
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(metric) and label in line)


def database_away():
    """Nobody gets into the database, for minutes: nightly's part of what whole_system shows for 20 s."""
    away = 600 if LONG else 9
    with Field() as field:
        for number in range(1, 4):
            field.add_line(f"GW{number}", meters=5)
        field.start_sim()
        collector = field.start("a", polling=ONE_A_SECOND)
        field.all_read()
        cut(field)
        time.sleep(away)
        spooled = collector.metric("wutong_collector_spool_readings")
        mend(field)
        took = soon("the spool is empty", 120, lambda: collector.metric("wutong_collector_spool_readings") == 0 and collector.metric("wutong_collector_database_up") == 1)
        time.sleep(1.2)
        hole = longest_hole(field)
        if hole > 7 or spooled == 0:
            raise Failed(f"longest hole {hole:.1f} s, {spooled} in the spool")
        return f"database away for {away} s: {int(spooled)} readings waited, all stored {took:.1f} s later, longest hole {hole:.1f} s; lost: nothing"
