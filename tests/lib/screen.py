"""What UI tests share: an X display of their own, wutong-client on it, keys and clicks as a person makes them, and what is on the screen.

Keys and clicks are real X events (xdotool). What is shown is read from the report that the client writes when it is started with
--status-file; the pixels are kept as screenshots for people.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from system import Failed, wait_for

OPENBOX = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <applications><application {which}><decor>no</decor>{more}</application></applications>
  <keyboard/><mouse/>
</openbox_config>
"""
# Scaled windows without a frame come up at their smallest: GTK asks openbox for a frame's size and waits for it in vain.
OPENBOX_LOOKS = {1: OPENBOX.format(which='class="*"', more=""), 2: OPENBOX.format(which='type="normal"', more="<maximized>yes</maximized>")}


class Display:
    """Xvfb with a window manager, so that dialogs get the keys as on a desk. At scale 2 a point has four pixels: width and height are
    pixels, what the client reports and what is clicked are points."""

    def __init__(self, width=1366, height=768, number=None, scale=1):
        self.scale = scale
        for n in [number] if number else range(170, 260):
            if os.path.exists(f"/tmp/.X{n}-lock"):
                continue
            self.name = f":{n}"
            # -r: a key that a busy machine lets go of late must not repeat.
            self.server = subprocess.Popen(["Xvfb", self.name, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-r"],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                wait_for(f"Xvfb {self.name}", 15, lambda: self.server.poll() is not None or os.path.exists(f"/tmp/.X11-unix/X{n}"))
            except Failed:
                self.server.kill()
                raise
            if self.server.poll() is None:
                break
        else:
            raise Failed("no X display could be made")
        self.place = pathlib.Path(f"/tmp/wutong-display-{os.getpid()}-{n}")
        self.place.mkdir(mode=0o700, exist_ok=True)
        (self.place / "openbox.xml").write_text(OPENBOX_LOOKS[scale], encoding="ascii")
        self.environment = {**os.environ, "DISPLAY": self.name, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1", "GTK_IM_MODULE": "gtk-im-context-simple",
                            "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(self.place), "XDG_CACHE_HOME": str(self.place), "GDK_SCALE": str(scale)}
        self.manager = subprocess.Popen(["openbox", "--config-file", str(self.place / "openbox.xml")], env=self.environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(0.4)

    def xdotool(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise Failed(f"xdotool {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def screenshot(self, file):
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", "root", str(file)], env=self.environment, timeout=60, check=True)

    def close(self):
        for process in (self.manager, self.server):
            process.terminate()
        for process in (self.manager, self.server):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.place, ignore_errors=True)


class Client:
    """One running wutong-client."""

    def __init__(self, display, binaries, profile, *options, environment=None):
        self.display = display
        self.profile = pathlib.Path(profile)
        self.profile.mkdir(parents=True, exist_ok=True)
        self.report = self.profile / "screen.json"
        self.report.unlink(missing_ok=True)
        self.keys = 0
        self.log = open(self.profile / "client.log", "ab")
        self.process = subprocess.Popen([str(pathlib.Path(binaries) / "wutong-client"), "--profile", str(self.profile), "--status-file", str(self.report),
                                         *map(str, options)], env={**display.environment, **(environment or {})}, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)

    # ---- what a person does ---------------------------------------------------------------------
    def key(self, *names):
        """Presses each, and counts them."""
        self.keys += len(names)
        self.display.xdotool("key", "--clearmodifiers", "--delay", 40, *names)

    def type(self, text):
        self.keys += len(text)
        self.display.xdotool("type", "--clearmodifiers", "--delay", 40, text)

    def click(self, rect, button=1):
        x, y, width, height = rect
        scale = self.display.scale
        self.display.xdotool("mousemove", (x + width // 2) * scale, (y + height // 2) * scale, "sleep", "0.05", "click", button)

    # ---- what a person sees ---------------------------------------------------------------------
    def alive(self):
        if self.process.poll() is not None:
            tail = (self.profile / "client.log").read_text(encoding="utf-8", errors="replace")[-2500:]
            raise Failed(f"wutong-client has ended with status {self.process.returncode}:\n{tail}")
        return True

    def screen(self):
        self.alive()
        try:
            return json.loads(self.report.read_text(encoding="utf-8"))["frames"]
        except (FileNotFoundError, json.JSONDecodeError):
            return []

    def windows(self):
        """Every visible window of the topmost frame first."""
        return [window for frame in reversed(self.screen()) for window in frame["windows"]]

    def texts(self):
        found = []
        for window in self.windows():
            found += [text["words"] for text in window.get("texts", [])]
            found += [window[key] for key in ("label", "value") if isinstance(window.get(key), str) and window[key]]
        return found

    def sees(self, pattern):
        """The first text in which the pattern is found."""
        return next((text for text in self.texts() if re.search(pattern, text)), None)

    def wait(self, pattern, seconds=20):
        try:
            return wait_for(f"on the screen: {pattern}", seconds, lambda: self.sees(pattern))
        except Failed as failed:
            raise Failed(f"{failed}; there is: {' | '.join(self.texts())[:1800]}") from None

    def wait_gone(self, pattern, seconds=20):
        wait_for(f"gone from the screen: {pattern}", seconds, lambda: not self.sees(pattern))

    def focus(self):
        return next((window for window in self.windows() if window.get("focus")), None)

    def find(self, pattern, types=None):
        """The window that shows a text, with the text's place."""
        for window in self.windows():
            if types and not re.search(types, window["type"]):
                continue
            for text in window.get("texts", []):
                if re.search(pattern, text["words"]):
                    return {**window, "at": text["rect"]}
            if re.search(pattern, str(window.get("label", ""))):
                return {**window, "at": window["rect"]}
        return None

    def press(self, pattern, seconds=15, types=None):
        """Clicks on what shows the text."""
        try:
            window = wait_for(f"to click: {pattern}", seconds, lambda: self.find(pattern, types))
        except Failed as failed:
            raise Failed(f"{failed}; there is: {' | '.join(self.texts())[:1800]}") from None
        self.click(window["at"])
        return window

    def value_of_focus(self):
        window = self.focus()
        return None if window is None else window.get("value")

    def clipped(self):
        """Texts for which there was no room, and native windows that are smaller than they want to be."""
        found = []
        for window in self.windows():
            for text in window.get("texts", []):
                if text["cut"]:
                    found.append((window["type"], text["words"], text["rect"]))
            if "wants" in window and window.get("label") and window["type"].startswith("wx"):
                found.append((window["type"], window["label"], window["rect"]))
        return found

    def settle(self, seconds=1.0, at_most=None):
        """Until nothing changes on the screen for a moment, ages and clocks aside; live figures never rest, so not for ever."""
        last, since, until = None, time.monotonic(), time.monotonic() + (at_most or seconds * 8)
        while time.monotonic() < until:
            now = re.sub(r"\d", "", json.dumps(self.screen()))
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since >= seconds:
                return
            time.sleep(0.1)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.log.close()


def sign_in_file(folder, operator, password):
    """For --sign-in-from-file; its owner only may read it."""
    file = pathlib.Path(folder) / "sign-in"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
        out.write(f"{operator}\n{password}\n")
    return file
