#!/usr/bin/python3
"""wutong-gateway's triple-DES suite against a second implementation, written from docs/protocols/gateway-link.md with
Python's own hmac and the cryptography package: both directions over a pseudo-terminal, a stale epoch, a changed record."""

import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import tty

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
BIN = pathlib.Path(os.environ.get("WUTONG_BIN", ROOT / "build/dev/bin"))

try:
    from gateway_link import MAGIC, Direction, client_hello
except ImportError as error:
    print(f"cannot run: {error}; install python3-cryptography", file=sys.stderr)
    sys.exit(77)

PATIENCE_S = 30


def exactly(line, count):
    got = b""
    while len(got) < count:
        part = line.recv(count - len(got))
        if not part:
            raise EOFError(f"hung up after {len(got)} of {count} bytes")
        got += part
    return got


class Collector:
    def __init__(self, port, secret):
        self.line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        mine = secrets.token_bytes(32)
        self.line.sendall(client_hello("collector", mine))
        answer = exactly(self.line, 37)
        assert answer[:5] == MAGIC, answer
        self.down = Direction(secret, mine, answer[5:], True)
        self.up = Direction(secret, mine, answer[5:], False)

    def say(self, plain):
        self.line.sendall(self.down.seal(1, plain, secrets.token_bytes(8)))

    def hear(self, count):
        got = b""
        while len(got) < count:
            head = exactly(self.line, 3)
            kind, plain = self.up.open(head + exactly(self.line, int.from_bytes(head[:2], "big")))
            if kind == 2:
                self.up.next_keys()
            got += plain
        return got

    def hello(self, epoch):
        self.say(b"WGL1 port=bus1 channel=1/2 epoch=%d baud=9600 parity=N stop=1\n" % epoch)
        got = b""
        while not got.endswith(b"\n"):
            got += self.hear(1)
        return got

    def hung_up(self):
        try:
            return self.line.recv(1) == b""
        except ConnectionResetError:
            return True


def main():
    secret = secrets.token_bytes(32)
    bus, terminal = os.openpty()
    tty.setraw(bus)
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder)
        (state / "collector").write_text(secret.hex() + "\n")
        (state / "gateway.toml").write_text(
            f'listen = "127.0.0.1:{os.environ.get("WUTONG_PEER_PORT", "24690")}"\nsuite = "triple_des"\nstate = "{state}"\n'
            f'[triple_des]\nsecrets = "{state}"\n[[port]]\nname = "bus1"\ndevice = "{os.ttyname(terminal)}"\n')
        gateway = subprocess.Popen([BIN / "wutong-gateway", "--config", state / "gateway.toml"], stdout=subprocess.PIPE,
                                   text=True)
        try:
            port = int(re.search(r"port=(\d+)", gateway.stdout.readline()).group(1))
            first = Collector(port, secret)
            assert first.hello(7) == b"OK\n"
            question = bytes.fromhex("010302000030448e")
            first.say(question)
            assert os.read(bus, 100) == question
            answer = bytes(range(256)) * 5  # more than one record
            for at in range(0, len(answer), 64):
                os.write(bus, answer[at:at + 64])
                assert first.hear(64) == answer[at:at + 64]

            stale = Collector(port, secret)
            assert stale.hello(6).startswith(b"NO stale_epoch"), "an old epoch came in"
            assert stale.hung_up()

            # New keys by our own wish, then a record that somebody changed on its way.
            first.line.sendall(first.down.seal(2, b"", secrets.token_bytes(8)))
            first.down.next_keys()
            first.say(b"under new keys")
            assert os.read(bus, 100) == b"under new keys"
            changed = bytearray(first.down.seal(1, b"write 100.00", secrets.token_bytes(8)))
            changed[15] ^= 1
            first.line.sendall(changed)
            assert first.hung_up(), "a changed record was taken"

            wrong = Collector(port, secrets.token_bytes(32))
            wrong.say(b"WGL1 port=bus1 channel=1/2 epoch=9 baud=9600 parity=N stop=1\n")
            assert wrong.hung_up(), "another secret was taken"
        finally:
            gateway.terminate()
            gateway.wait(PATIENCE_S)
    print("gateway link: an independent implementation agrees")


if __name__ == "__main__":
    main()
