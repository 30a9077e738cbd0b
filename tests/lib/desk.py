"""One building, one display, one counter: what the UI tests start from.

Development: --system DIR uses a Wutong that run.sh already runs there, and leaves it alone.
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import time

from screen import Client, Display, sign_in_file
from system import Failed, System, wait_for


def arguments(description, **more):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--system", help="a folder in which run.sh runs already")
    parser.add_argument("--keep", action="store_true", help="leave the folder for looking at it")
    for name, options in more.items():
        parser.add_argument("--" + name, **options)
    return parser.parse_args()


def places():
    """(programs, where to keep screenshots)"""
    binaries = os.environ.get("WUTONG_BIN")
    if not binaries:
        sys.exit("WUTONG_BIN is not set: run this through ./test.sh ui")
    build = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", pathlib.Path(binaries).parent))
    return pathlib.Path(binaries), build / "screenshots"


class Desk:
    def __init__(self, given, width=1366, height=768):
        self.binaries, self.pictures = places()
        for program in ("wutong-client", "wutong-server"):
            if not (self.binaries / program).exists():
                sys.exit(f"{self.binaries / program} is not built")
        self.given = given
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wutong-ui-"))
        self.display = None
        self.system = None
        self.clients = []
        self.size = (width, height)

    def __enter__(self):
        if self.given.system:
            self.system = System(self.given.system, self.binaries)
        else:
            self.system = System(self.folder / "var", self.binaries)
            self.system.start(tenants=True)
        self.show(*self.size)
        return self

    def show(self, width, height, scale=1):
        """A display for windows of that size; clients on the old one end."""
        self.end_clients()
        if self.display:
            self.display.close()
        self.display = Display(width * scale, height * scale, scale=scale)
        self.size = (width, height)

    def server_options(self):
        return ["--server", f"127.0.0.1:{self.system.port('SERVER')}", "--fingerprint", self.system.fingerprint()]

    def password(self, operator="admin"):
        return (self.system.var / f"etc/{operator}.password").read_text(encoding="ascii").strip()

    def client(self, *options, profile="seat", signed_in=True, environment=None):
        words = self.server_options() + ["--size", "x".join(map(str, self.size))]
        if signed_in:
            words += ["--sign-in-from-file", sign_in_file(self.folder / profile, "admin", self.password())]
        client = Client(self.display, self.binaries, self.folder / profile, *words, *options, environment=environment)
        self.clients.append(client)
        return client

    def end_clients(self):
        for client in self.clients:
            client.close()
        self.clients = []

    def __exit__(self, kind, error, trace):
        if kind and self.display:
            with contextlib.suppress(Exception):
                self.display.screenshot(self.pictures / "failed.png")
                print(f"the screen when it failed: {self.pictures / 'failed.png'}")
        self.end_clients()
        if self.display:
            self.display.close()
        if not self.given.system and self.system:
            with contextlib.suppress(Failed):
                self.system.remove()
        if not self.given.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


class Steps:
    """Says what it does, and how long that took."""

    def __init__(self):
        self.started = time.monotonic()
        self.done = 0

    @contextlib.contextmanager
    def step(self, name):
        begun = time.monotonic()
        print(f"{name} ...", flush=True)
        yield
        self.done += 1
        print(f"{name}: {time.monotonic() - begun:.1f} s", flush=True)

    def finish(self):
        print(f"{self.done} steps passed in {time.monotonic() - self.started:.0f} s")


def run(main):
    try:
        main()
    except Failed as failed:
        print(f"FAILED: {failed}", flush=True)
        sys.exit(1)


__all__ = ["Desk", "Failed", "Steps", "arguments", "run", "wait_for"]
