#!/usr/bin/env python3
"""Bench `verify`: how many sealed entries `wutongctl ledger verify` proves in a second, through the server, beside `psql \\copy` of the same
columns of the same rows out of the same database, and beside their reading with a sha256 each inside PostgreSQL.

The chain is made here with Python's hashlib from the text that storage/README.md describes, so that the verifier's agreement is also
that of two programs. At the end a posting in the middle is changed, and has to be named.
usage: verify.py [ENTRIES]     (1 000 000)
"""
import hashlib
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from system import ROOT, Failed, System  # noqa: E402

GOAL = 200_000
POSTINGS = (("tender", "credit_in_flight"), ("credit_in_flight", "prepaid_credit"), ("prepaid_credit", "revenue"))
KINDS = ("sale", "delivery", "consumption")


def rows(property_id, account, meter, count):
    """One entry after the other: (entry, line of journal_entry, lines of posting, line of journal_chain)"""
    before = bytes(32)
    for entry in range(1, count + 1):
        kind = entry % 3
        amount = 100 * (entry % 5000 + 1)
        micros = entry % 1_000_000
        second = f"2026-01-{1 + entry // 86400 % 28:02}T{entry // 3600 % 24:02}:{entry // 60 % 60:02}:{entry % 60:02}.{micros:06}Z"
        request = f"00000000-0000-4000-8000-{entry:012}" if kind == 0 else ""
        debit, credit = POSTINGS[kind]
        owners = (1 if debit == "tender" else account, 0 if credit == "revenue" else account)
        text = (f"wutong journal 1\nproperty {property_id}\nentry {entry}\nkind {KINDS[kind]}\nbooked {second}\naccount {account}\nmeter {meter}\n"
                f"operator {1 if kind == 0 else 0}\nrequest {request}\nmemo 0 \n"
                f"posting 1 {debit} {owners[0]} {amount}\nposting 2 {credit} {owners[1]} {-amount}\n")
        before = hashlib.sha256(before + f"position {entry}\n".encode() + text.encode()).digest()
        yield (f"{property_id}\t{entry}\t{KINDS[kind]}\t{second}\t{account}\t{meter}\t{1 if kind == 0 else chr(92) + 'N'}\t{request or chr(92) + 'N'}\t\n",
               f"{property_id}\t{entry}\t1\t{debit}\t{owners[0]}\t{amount}\n{property_id}\t{entry}\t2\t{credit}\t{owners[1]}\t{-amount}\n",
               f"{property_id}\t{entry}\t{entry}\t{chr(92)}{chr(92)}x{before.hex()}\n")


def psql_words(system):
    password = (system.var / "etc/superuser.password").read_text(encoding="ascii").strip()
    words = ["psql", "-h", "127.0.0.1", "-p", str(system.port("PG")), "-U", "postgres", "-d", "wutong", "-XAtq", "-v", "ON_ERROR_STOP=1"]
    return words, {**os.environ, "PGPASSWORD": password, "PGOPTIONS": "-c search_path=wutong -c session_replication_role=replica -c synchronous_commit=off"}


def psql(system, *commands):
    words, environment = psql_words(system)
    for command in commands:
        words += ["-c", command]
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"psql: {done.stderr}")
    return done.stdout.strip()


def load(system, count):
    property_id = int(psql(system, "select property_id from property"))
    psql(system, "insert into customer (property_id, name) values ((select property_id from property), 'Bench')",
         "insert into account (property_id, customer_id, number) select property_id, customer_id, 'BENCH' from customer where name = 'Bench'")
    account = int(psql(system, "select account_id from account where number = 'BENCH'"))
    meter = int(psql(system, "select min(meter_id) from meter"))
    if psql(system, "select count(*) from journal_entry") != "0":
        raise Failed("the journal of a new building is not empty")
    folder = system.var / "bench"
    folder.mkdir()
    files = [open(folder / name, "w", encoding="ascii") for name in ("entry", "posting", "chain")]
    for lines in rows(property_id, account, meter, count):
        for file, line in zip(files, lines):
            file.write(line)
    for file in files:
        file.close()
    psql(system, f"\\copy journal_entry (property_id, entry_id, kind, booked_at, account_id, meter_id, operator_id, request_id, memo) from '{folder}/entry'",
         f"\\copy posting (property_id, entry_id, line, account, owner_id, amount_e4) from '{folder}/posting'",
         f"\\copy journal_chain (property_id, position, entry_id, hash) from '{folder}/chain'",
         "vacuum analyze journal_entry", "vacuum analyze posting", "vacuum analyze journal_chain")
    return property_id


def timed(work):
    started = time.monotonic()
    result = work()
    return time.monotonic() - started, result


def peers(system):
    """Seconds for the same columns: out of the database with \\copy, and read with a sha256 of each row inside it."""
    columns = ("select c.position, c.hash, e.entry_id, e.kind, e.booked_at, e.account_id, e.meter_id, e.operator_id, e.request_id, e.memo, e.shift_id "
               "from journal_chain c join journal_entry e using (property_id, entry_id) order by c.position")
    postings = "select entry_id, line, account, owner_id, amount_e4 from posting order by property_id, entry_id, line"
    out = timed(lambda: psql(system, f"\\copy ({columns}) to '/dev/null'", f"\\copy ({postings}) to '/dev/null'"))[0]
    inside = timed(lambda: psql(
        system, "select count(sha256(convert_to(concat(c.position, e.entry_id, e.kind, e.booked_at, p.lines), 'UTF8'))) "
        "from journal_chain c join journal_entry e using (property_id, entry_id) join lateral "
        "(select string_agg(concat(line, account, owner_id, amount_e4), ' ' order by line) as lines from posting p "
        "where p.property_id = e.property_id and p.entry_id = e.entry_id) p on true"))[0]
    return out, inside


def verify(system, count):
    ctl = system.ctl()
    seconds, said = timed(lambda: ctl.run("ledger", "verify"))
    if not said[-1].get("intact") or int(said[-1]["checked"]) != count:
        raise Failed(f"an intact chain of {count} entries: {said[-1]}")
    return seconds


def change_is_named(system, count):
    entry = count // 2
    psql(system, f"update posting set amount_e4 = amount_e4 + 1 where entry_id = {entry} and line = 1",
         f"update posting set amount_e4 = amount_e4 - 1 where entry_id = {entry} and line = 2",
         f"update posting set amount_e4 = amount_e4 * 2 where entry_id = {entry + count // 4}")
    said = system.ctl().run("ledger", "verify", expect=None)[-1]
    if said.get("intact") or f"entry {entry} " not in str(said):
        raise Failed(f"entry {entry} was changed first: {said}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    build = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build/release"))
    system = System(build / "verify-var", os.environ.get("WUTONG_BIN", build / "bin"))
    try:
        system.start()
        # What it does by itself is not to be measured: meters are not read meanwhile.
        system.kill("collector", 15)
        load(system, count)
        first, again = verify(system, count), verify(system, count)
        out, inside = peers(system)
        rate = count / min(first, again)
        print(f"verify.rate {rate:.0f} entries_per_s (goal {GOAL}, {rate / GOAL:.3f})")
        print(f"verify.beside_copy {rate:.0f} entries_per_s (psql copy {count / out:.0f} entries_per_s, {rate * out / count:.3f})")
        print(f"verify.beside_sha256 {rate:.0f} entries_per_s (PostgreSQL reading and sha256 {count / inside:.0f} entries_per_s, {rate * inside / count:.3f})")
        change_is_named(system, count)
        print(f"{count} sealed entries, walked in {first:.2f} s and again in {again:.2f} s; a changed one was named", file=sys.stderr)
    except Failed as error:
        print(f"FAILED  {error}", file=sys.stderr)
        return 1
    finally:
        system.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
