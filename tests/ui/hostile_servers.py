#!/usr/bin/env python3
"""Servers that no client should have to meet: another certificate, silence, slowness, 100 000 rows, absurd values, names of 10 kB.

None of them may freeze or end the client: after each it still answers keys within two seconds.
usage: hostile_servers.py
"""
import argparse
import contextlib
import importlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent import futures

import grpc
from google.protobuf.descriptor import FieldDescriptor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk import Failed, Steps, places, run, wait_for  # noqa: E402
from screen import Client, Display, sign_in_file  # noqa: E402
from system import ROOT  # noqa: E402

INTEGERS = {FieldDescriptor.TYPE_INT64: 63, FieldDescriptor.TYPE_UINT64: 64, FieldDescriptor.TYPE_INT32: 31, FieldDescriptor.TYPE_UINT32: 32}
ROWS_ABSURD = 100
MEMORY_MAX_MB = 1500


def make_messages(place):
    """Python classes of every message of the API, by protoc."""
    protos = sorted((ROOT / "proto/wutong/v1").glob("*.proto"))
    done = subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={place}", *map(str, protos)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"protoc: {done.stderr}")
    sys.path.insert(0, str(place))
    methods = {}
    for proto in protos:
        module = importlib.import_module(f"wutong.v1.{proto.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                methods[f"/{service.full_name}/{method.name}"] = method
    return methods


def class_of(descriptor):
    from google.protobuf import message_factory
    maker = getattr(message_factory, "GetMessageClass", None)
    return maker(descriptor) if maker else message_factory.MessageFactory().GetPrototype(descriptor)


def fill_absurdly(message, depth=0, seed=1):
    """The largest and the smallest numbers, moments beyond the calendar, and names of 10 kB."""
    for field in message.DESCRIPTOR.fields:
        seed += 1
        if field.message_type and field.message_type.GetOptions().map_entry:
            continue
        if field.message_type:
            if field.label == FieldDescriptor.LABEL_REPEATED:
                for row in range(ROWS_ABSURD if depth == 0 else 3):
                    if depth < 4:
                        fill_absurdly(getattr(message, field.name).add(), depth + 1, seed + row)
            elif depth < 4:
                getattr(message, field.name).SetInParent()
                fill_absurdly(getattr(message, field.name), depth + 1, seed)
        elif field.label == FieldDescriptor.LABEL_REPEATED:
            continue
        elif field.type in INTEGERS:
            bits = INTEGERS[field.type]
            signed = bits % 2 == 1
            value = [(1 << bits) - 1, -(1 << bits) if signed else 0, 0, -1 if signed else 1][seed % 4]
            setattr(message, field.name, seed * 1_000 if field.name.endswith("_id") else value)
        elif field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, ["名" * 3_000, "W" * 10_000, "a\nb\tc" * 500, "\u202e\u0007<b>&amp;%s%n{}" * 100][seed % 4])
        elif field.type == FieldDescriptor.TYPE_BOOL:
            setattr(message, field.name, seed % 2 == 0)
        elif field.type == FieldDescriptor.TYPE_ENUM:
            setattr(message, field.name, [v.number for v in field.enum_type.values][seed % len(field.enum_type.values)])


class Hostile(grpc.GenericRpcHandler):
    """Answers every method, in its own way."""

    def __init__(self, methods, way):
        self.methods, self.way = methods, way
        self.calls = []

    def service(self, details):
        method = self.methods.get(details.method)
        if method is None:
            return None
        decode = class_of(method.input_type).FromString

        def encode(message):
            return message.SerializeToString()

        def unary(request, context):
            self.calls.append(details.method)
            return self.way.unary(details.method, class_of(method.output_type)(), context)

        def stream(request, context):
            self.calls.append(details.method)
            yield from self.way.stream(details.method, class_of(method.output_type), context)

        streaming = details.method.rsplit("/", 1)[1] in ("Watch", "WatchCommands", "WatchDelivery", "Verify")
        if streaming:
            return grpc.unary_stream_rpc_method_handler(stream, decode, encode)
        return grpc.unary_unary_rpc_method_handler(unary, decode, encode)


def who(message):
    who = message.who if message.DESCRIPTOR.name == "SignInResponse" else message
    who.operator_id = 1
    setattr(who, "operator", "admin")
    who.permissions.append("*")
    who.property_ids.append(1)
    return message


class Way:
    """Answers as a small healthy server would, with nothing in it."""
    meters = 3
    chunk = 500

    def unary(self, path, answer, context):
        if path.endswith("/SignIn"):
            answer.token = "token"
            return who(answer)
        if path.endswith("/WhoAmI"):
            return who(answer)
        if path.endswith("/ListProperties"):
            answer.properties.add(property_id=1, code="T", name="Tower", time_zone="Asia/Shanghai", currency="CNY")
            return answer
        return self.other(path, answer, context)

    def other(self, path, answer, context):
        return answer

    def meter(self, update, number):
        meter = update.meters.add(meter_id=number, code=f"M-{number}", unit_code=str(number), building_code=f"B{number % 20}", floor_number=number % 60, role="prepaid")
        meter.state.status = 1 + number % 9
        meter.state.balance_e4 = number * 100
        return meter

    def stream(self, path, kind, context):
        if path.endswith("LiveService/Watch"):
            for first in range(1, self.meters + 1, self.chunk):
                update = kind(snapshot=True)
                for number in range(first, min(first + self.chunk, self.meters + 1)):
                    self.meter(update, number)
                update.snapshot_complete = first + self.chunk > self.meters
                yield update
            while context.is_active():
                yield kind()
                time.sleep(2)


class Slow(Way):
    def unary(self, path, answer, context):
        if not path.endswith("/WhoAmI"):
            time.sleep(4)
        return super().unary(path, answer, context)


class ManyRows(Way):
    meters = 100_000

    def other(self, path, answer, context):
        for field in answer.DESCRIPTOR.fields:
            if field.label == FieldDescriptor.LABEL_REPEATED and field.message_type and not field.message_type.GetOptions().map_entry:
                for _ in range(100_000):
                    getattr(answer, field.name).add()
        return answer


class Absurd(Way):
    meters = 2_000
    chunk = 100   # 65 kB each

    def other(self, path, answer, context):
        fill_absurdly(answer)
        return answer

    def meter(self, update, number):
        meter = update.meters.add()
        fill_absurdly(meter, 1, number)
        meter.meter_id = number


@contextlib.contextmanager
def serving(methods, way, place, name):
    key, certificate = place / f"{name}.key", place / f"{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    printed = subprocess.run(["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"], check=True, capture_output=True, text=True).stdout
    handler = Hostile(methods, way)
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_send_message_length", -1)])
    server.add_generic_rpc_handlers((handler,))
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())]))
    server.start()
    try:
        yield handler, ["--server", f"127.0.0.1:{port}", "--fingerprint", printed.split("=")[1].strip().replace(":", "").lower()]
    finally:
        server.stop(0)


class Scene:
    def __init__(self):
        self.binaries, self.pictures = places()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="wutong-hostile-"))
        self.methods = make_messages(self.place)
        self.display = Display(1366, 768)

    @contextlib.contextmanager
    def client(self, name, options):
        words = [*options, "--language", "en", "--size", "1366x768", "--sign-in-from-file", sign_in_file(self.place / name, "admin", "secret-password")]
        client = Client(self.display, self.binaries, self.place / name, *words)
        try:
            yield client
        finally:
            self.display.screenshot(self.pictures / "hostile" / f"{name}.png")
            client.close()

    def answers_keys(self, client, seconds=2.0):
        """F1 opens the list of keys, Escape closes it. On a machine that is busy with other things it may take its share longer."""
        seconds *= max(1.0, os.getloadavg()[0] / os.cpu_count())
        for key, there in (("F1", True), ("Escape", False)):
            begun = time.monotonic()
            client.key(key)
            try:
                wait_for(f"an answer to {key}", seconds, lambda there=there: any(frame["title"] == "Keys" for frame in client.screen()) == there)
            except Failed as failed:
                raise Failed(f"{failed}; there is: {' | '.join(client.texts())[:600]}") from None
            print(f"  {key} answered after {time.monotonic() - begun:.2f} s")
        memory = int(next(line.split()[1] for line in open(f"/proc/{client.process.pid}/status", encoding="ascii") if line.startswith("VmRSS"))) // 1024
        print(f"  memory {memory} MB (at most {MEMORY_MAX_MB})")
        if memory > MEMORY_MAX_MB:
            raise Failed(f"the client has grown to {memory} MB")

    def through_pages(self, client):
        for key in ("ctrl+2", "ctrl+3", "ctrl+4", "ctrl+5", "ctrl+6", "ctrl+1"):
            client.key(key)
            time.sleep(1.0)
            client.alive()

    # ---- the servers ----------------------------------------------------------------------------
    def another_certificate(self):
        with serving(self.methods, Way(), self.place, "impostor") as (handler, options):
            options[-1] = "a" * 64
            with self.client("impostor", options) as client:
                client.wait("another certificate", 30)
                time.sleep(3)
                if handler.calls:
                    raise Failed(f"calls were sent to a server with another certificate: {handler.calls}")

    def silent(self):
        """Takes connections and never says a word."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            held = []
            threading.Thread(target=lambda: [held.append(listening.accept()) for _ in range(50)], daemon=True).start()
            with self.client("silent", ["--server", f"127.0.0.1:{listening.getsockname()[1]}", "--fingerprint", "a" * 64]) as client:
                client.wait("does not answer", 30)
                client.type("x")
                wait_for("what was typed", 3, lambda: any("x" in str(w.get("value", "")) for w in client.windows()))

    def no_tls(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            def babble():
                while True:
                    other, _ = listening.accept()
                    with contextlib.suppress(OSError):
                        other.sendall(os.urandom(100_000))
                        other.close()
            threading.Thread(target=babble, daemon=True).start()
            with self.client("no-tls", ["--server", f"127.0.0.1:{listening.getsockname()[1]}", "--fingerprint", "a" * 64]) as client:
                client.wait("does not answer", 30)

    def slow(self):
        with serving(self.methods, Slow(), self.place, "slow") as (_, options), self.client("slow", options) as client:
            client.wait("Wall of meters", 60)
            self.answers_keys(client)
            self.through_pages(client)
            self.answers_keys(client)

    def many_rows(self):
        with serving(self.methods, ManyRows(), self.place, "rows") as (_, options), self.client("rows", options) as client:
            client.wait("Wall of meters", 60)
            client.wait("100,000", 120)
            self.answers_keys(client, 3.0)
            self.through_pages(client)
            time.sleep(8)
            self.answers_keys(client, 3.0)

    def absurd(self):
        with serving(self.methods, Absurd(), self.place, "absurd") as (_, options), self.client("absurd", options) as client:
            client.wait("Wall of meters", 60)
            client.wait("2,000", 60)
            self.answers_keys(client)
            self.through_pages(client)
            time.sleep(4)
            self.answers_keys(client)

    def close(self):
        self.display.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="names of servers")
    given = parser.parse_args()
    scene, steps = Scene(), Steps()
    try:
        for name in given.only or ["another_certificate", "silent", "no_tls", "slow", "many_rows", "absurd"]:
            with steps.step(name.replace("_", " ")):
                getattr(scene, name)()
    finally:
        scene.close()
    steps.finish()


if __name__ == "__main__":
    run(main)
