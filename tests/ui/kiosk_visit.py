#!/usr/bin/env python3
"""A tenant's visit at the kiosk, by real clicks, against the real server, collector and simulator.

The kiosk runs full screen on a display of its own (Xvfb, 1920 x 1080). What it must show is known from the title of its window
(which says the stage, never anything about a tenant), what it must have done from the database. Screenshots of every stage, in both
languages, are kept in the build folder under ui/.  usage: kiosk_visit.py
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from system import ROOT, Failed, System, wait_for  # noqa: E402

WIDTH, HEIGHT = 1920, 1080
PIN, WRONG_PIN = "274951", "113355"


def layout():
    """The measures that the kiosk draws with."""
    text = (ROOT / "client-wx/views/kiosk/kiosk_layout.hpp").read_text(encoding="utf-8")
    return {name: float(value) for name, value in re.findall(r"\b(\w+) = ([0-9.]+)[,;]", text)}


K = layout()
AREA_TOP = K["header"] + K["gap"]
AREA_BOTTOM = HEIGHT - K["footer"] - K["gap"]
AREA_LEFT = K["margin"]
AREA_WIDTH = WIDTH - 2 * K["margin"]


class Display:
    def __init__(self):
        self.folder = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build")) / "ui"
        self.folder.mkdir(parents=True, exist_ok=True)
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
                                       pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise Failed("Xvfb did not start (package xvfb)")
        self.environment = {**os.environ, "DISPLAY": f":{number}", "GDK_BACKEND": "x11", "LANG": "C.UTF-8"}
        self.environment.pop("WAYLAND_DISPLAY", None)

    def tool(self, *words):
        done = subprocess.run([str(w) for w in words], env=self.environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout.strip()

    def click(self, x, y):
        self.tool("xdotool", "mousemove", round(x), round(y), "mousedown", 1)
        time.sleep(0.05)
        self.tool("xdotool", "mouseup", 1)
        # Away from what was touched: nothing may look different for it.
        self.tool("xdotool", "mousemove", WIDTH - 1, HEIGHT - 1)

    def key(self, name):
        self.tool("xdotool", "key", name)

    def type(self, text):
        self.tool("xdotool", "type", "--delay", "30", text)

    def picture(self, name):
        time.sleep(0.4)
        path = self.folder / f"kiosk-{name}.png"
        self.tool("import", "-window", "root", path)
        return path

    def differing_pixels(self, one, other):
        done = subprocess.run(["compare", "-metric", "AE", str(one), str(other), "null:"], capture_output=True, text=True, check=False)
        return float(done.stderr.split()[0])

    def stop(self):
        self.server.terminate()
        self.server.wait(10)


class Kiosk:
    def __init__(self, display, system, profile):
        self.display = display
        self.log = open(str(system.var) + ".kiosk.log", "a", encoding="utf-8")
        self.process = subprocess.Popen([str(system.bin / "wutong-client"), "--kiosk", "--profile", str(profile)],
                                        env=display.environment, stdout=self.log, stderr=subprocess.STDOUT)

    def stage(self):
        if self.process.poll() is not None:
            raise Failed(f"the kiosk has ended with {self.process.returncode}; its output: {self.log.name}")
        for window in self.display.tool("xdotool", "search", "--onlyvisible", "--name", "^wutong-kiosk: ").splitlines():
            return self.display.tool("xdotool", "getwindowname", window).removeprefix("wutong-kiosk: ")
        return ""

    def expect(self, stage, seconds=10):
        wait_for(f"the kiosk shows \"{stage}\" (it shows \"{self.stage()}\")", seconds, lambda: self.stage() == stage)
        return self

    # ---- where things are -----------------------------------------------------------------------
    def header(self, index):
        """0 Finish, 1 English, 2 Chinese, 3 Larger: from the right."""
        right = WIDTH - K["margin"]
        for i, (width, gap) in enumerate([(K["header_wide"], K["gap"]), (K["header_button"], K["pair_gap"]),
                                          (K["header_button"], K["gap"]), (K["header_wide"], K["gap"])]):
            if i == index:
                self.display.click(right - width / 2, K["header"] / 2)
                return
            right -= width + gap

    def finish(self):
        self.header(0)

    def logo(self, times):
        for _ in range(times):
            self.display.click(K["margin"] + K["logo"] / 2, K["header"] / 2)

    def begin(self):
        self.display.click(WIDTH / 2, (AREA_TOP + AREA_BOTTOM) / 2 + 10 + K["begin_height"] / 2)

    def digit(self, sign):
        place = 10 if sign == "0" else int(sign) - 1
        column, row = place % 3, place // 3
        pad = 3 * K["pad_key_width"] + 2 * K["pad_gap"]
        x = AREA_LEFT + (AREA_WIDTH - pad) / 2 + column * (K["pad_key_width"] + K["pad_gap"]) + K["pad_key_width"] / 2
        top = AREA_BOTTOM - (4 * K["pad_key"] + 3 * K["pad_gap"])
        self.display.click(x, top + row * (K["pad_key"] + K["pad_gap"]) + K["pad_key"] / 2)

    def digits(self, text):
        for sign in text:
            self.digit(sign)

    def go_on(self):
        self.display.click(AREA_LEFT + AREA_WIDTH - K["go_on_width"] / 2, AREA_BOTTOM - K["pad_key"])

    def full_key(self, sign):
        rows = ["1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:@"]
        row = next(i for i, signs in enumerate(rows) if sign in signs)
        self.at_full(row, rows[row].index(sign), 1)

    def at_full(self, row, column, keys):
        width = (AREA_WIDTH - 9 * K["pad_gap"]) / 10
        top = AREA_BOTTOM - (5 * K["full_key"] + 4 * K["pad_gap"])
        self.display.click(AREA_LEFT + column * (width + K["pad_gap"]) + (keys * width + (keys - 1) * K["pad_gap"]) / 2,
                           top + row * (K["full_key"] + K["pad_gap"]) + K["full_key"] / 2)

    def full_go_on(self):
        self.at_full(4, 7, 3)

    def choice(self, index, of):
        step = K["answer_height"] + K["gap"]
        top = AREA_BOTTOM - K["padding"] - step * of + K["gap"]
        self.display.click(WIDTH / 2, top + step * index + K["answer_height"] / 2)

    def still_there(self):
        card = HEIGHT * 0.54 + K["ask_height"] / 2
        self.display.click(WIDTH / 2, card - K["padding"] - (K["answer_height"] + 30) / 2)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.log.close()


def told(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def visits(system):
    return int(system.psql("select count(*) from kiosk_visit")[0][0])


def tenant(ctl):
    """A demo tenant in a unit whose code is digits: (account number, unit code)."""
    for account in ctl.run("account", "list", "--limit", 200)[0]["accounts"]:
        meters = [m for m in account.get("meters", []) if not m.get("unlinked_at")]
        if account["state"] == "open" and len(meters) == 1 and meters[0]["unit_code"].isdigit() and "meter_balance_e4" in meters[0]:
            return account["number"], meters[0]["unit_code"], meters[0]["meter_code"]
    raise Failed("no tenant with one meter that was read")


def first_start(system, kiosk, code, display):
    kiosk.expect("server", 30)
    display.picture("first-start")
    for sign in f"127.0.0.1:{system.port('SERVER')}":
        kiosk.full_key(sign)
    kiosk.full_go_on()
    kiosk.expect("certificate")
    display.picture("certificate")
    kiosk.choice(0, 2)
    kiosk.expect("registration")
    kiosk.digits(code)
    display.picture("registration")
    kiosk.go_on()
    kiosk.expect("start", 20)


def enter(kiosk, unit, pin=PIN):
    kiosk.begin()
    kiosk.expect("unit")
    kiosk.digits(unit)
    kiosk.go_on()
    kiosk.expect("pin")
    kiosk.digits(pin)
    kiosk.go_on()


def visit(system, ctl, display, kiosk, number, unit, meter):
    kiosk.expect("start")
    before = display.picture("start-en")
    told("a wrong PIN: refused, and counted")
    enter(kiosk, unit, WRONG_PIN)
    wait_for("the wrong PIN is counted", 10, lambda: system.psql("select failures from kiosk_attempt where subject like 'account %'") == [["1"]])
    kiosk.expect("pin")
    display.picture("wrong-pin-en")
    kiosk.digits(PIN)
    kiosk.go_on()
    kiosk.expect("account")
    if visits(system) != 1 or system.psql("select count(*) from kiosk_attempt where subject like 'account %'") != [["0"]]:
        raise Failed("the visit is not open, or the wrong try was not forgotten")
    display.picture("account-en")

    told("larger, Chinese")
    kiosk.header(3)
    display.picture("account-en-larger")
    kiosk.header(2)
    display.picture("account-zh-larger")
    kiosk.header(3)
    display.picture("account-zh")

    told("a recharge arrives while the tenant looks")
    seen = display.picture("before-recharge")
    ctl.run("sell", meter, "50.00", "--wait", 120)
    wait_for("the recharge is on the screen", 40, lambda: display.differing_pixels(seen, display.picture("after-recharge")) > 2000)
    kiosk.digit("5")  # no key there: a touch is all it is

    told("the server is killed: the visit goes on")
    system.kill("server")
    time.sleep(3)
    kiosk.expect("account")
    display.picture("account-no-connection-zh")
    system.restart("server")
    time.sleep(12)
    kiosk.expect("account")

    told("60 s without a touch: asked; the answer keeps the account")
    kiosk.expect("account still-there", 75)
    display.picture("still-there-zh")
    kiosk.still_there()
    kiosk.expect("account")
    kiosk.finish()
    kiosk.expect("start")
    wait_for("the visit is closed at the server", 10, lambda: visits(system) == 0)
    after = display.picture("start-en-after")
    if display.differing_pixels(before, after) > 0:
        raise Failed(f"a trace is left on the start page: compare {before} and {after}")


def walk_away(system, display, kiosk, unit):
    told("a tenant walks away: asked after 60 s, cleared after 80 s")
    enter(kiosk, unit)
    kiosk.expect("account")
    begun = time.monotonic()
    kiosk.expect("account still-there", 75)
    kiosk.expect("start", 40)
    if not 76 <= time.monotonic() - begun <= 90:
        raise Failed(f"cleared after {time.monotonic() - begun:.0f} s, not after 80 s")
    if visits(system) != 0:
        raise Failed("the visit is still open at the server")


def server_away(system, display, kiosk):
    told("the server is away: out of service, and back by itself")
    system.kill("server")
    kiosk.expect("away", 20)
    display.picture("away-en")
    kiosk.begin()
    kiosk.expect("away")
    system.restart("server")
    kiosk.expect("start", 60)


def kiosk_restarts(system, display, profile):
    told("the kiosk itself is started again: registered as before")
    again = Kiosk(display, system, profile)
    again.expect("start", 30)
    return again


def staff(system, display, kiosk):
    told("staff's door: out of full screen, and the end")
    kiosk.logo(4)
    kiosk.expect("start")
    time.sleep(4.5)
    kiosk.logo(5)
    kiosk.expect("operator_name")
    display.type("admin")
    display.picture("operator-en")
    kiosk.full_go_on()
    kiosk.expect("operator_password")
    display.type((system.var / "etc/admin.password").read_text(encoding="utf-8").strip())
    display.key("Return")
    kiosk.expect("operator_menu")
    display.picture("operator-menu-en")
    if system.psql("select count(*) from operation_log where action = 'session.sign_out'") == [["0"]]:
        raise Failed("the operator's session stayed open")
    kiosk.choice(3, 4)
    kiosk.process.wait(20)
    if kiosk.process.returncode != 0:
        raise Failed(f"the kiosk ended with {kiosk.process.returncode}")


def revoked(system, ctl, display, profile):
    told("revoked: out of service")
    kiosk = Kiosk(display, system, profile)
    kiosk.expect("start", 30)
    ctl.run("kiosk", "revoke", "Lobby east")
    kiosk.expect("away", 60)
    kiosk.end()


def main():
    for program in ("Xvfb", "xdotool", "import", "compare"):
        if not shutil.which(program):
            raise Failed(f"{program} is missing (packages xvfb, xdotool, imagemagick)")
    var = pathlib.Path(tempfile.mkdtemp(prefix="wutong-kiosk-"))
    system = System(var / "var", os.environ["WUTONG_BIN"])
    display = kiosk = None
    try:
        display = Display()
        told("starting a building")
        system.start(tenants=True)
        ctl = system.ctl()
        ctl.run("parameter", "set", "kiosk_pay_where_zh=东门柜台", "kiosk_pay_where_en=counter East", "kiosk_pay_hours=08:00–20:00",
                "kiosk_language=en")
        number, unit, meter = wait_for("a tenant's meter was read", 120, lambda: tenant(ctl))
        ctl.run("account", "set-pin", number, "--pin-stdin", stdin=PIN + "\n")
        code = ctl.run("kiosk", "register", "Lobby east")[0]["registration_code"]
        profile = var / "profile"
        kiosk = Kiosk(display, system, profile)
        told("first start: server, certificate, code")
        first_start(system, kiosk, code, display)
        visit(system, ctl, display, kiosk, number, unit, meter)
        walk_away(system, display, kiosk, unit)
        server_away(system, display, kiosk)
        kiosk.end()
        kiosk = kiosk_restarts(system, display, profile)
        staff(system, display, kiosk)
        revoked(system, ctl, display, profile)
        told(f"all as it should be; pictures in {display.folder}")
    finally:
        if kiosk:
            kiosk.end()
        if display:
            display.stop()
        system.remove()
        shutil.rmtree(var, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)
