#!/usr/bin/env python3
"""The service units: systemd accepts every line, finds the binaries, and rates what an intruder could reach."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE_MAX = 2.0  # systemd's scale: 0 is a closed box, 10 is root with everything
SOURCE = pathlib.Path(__file__).resolve().parents[2]
UNITS = sorted((SOURCE / "deploy/systemd").glob("*.service"))


def verify(root, unit):
    """What systemd complains about. Its exit status is 0 even for keys it does not know, so its words count."""
    done = subprocess.run(["systemd-analyze", f"--root={root}", "verify", unit], capture_output=True, text=True)
    return (done.stdout + done.stderr).strip()


def exposure(path):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", path],
                          capture_output=True, text=True, check=True)
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout).group(1))


def main():
    binaries = pathlib.Path(os.environ["WUTONG_BIN"])
    faults = []
    with tempfile.TemporaryDirectory() as root:
        units = pathlib.Path(root, "usr/lib/systemd/system")
        pathlib.Path(root, "usr/bin").mkdir(parents=True)
        pathlib.Path(root, "etc").mkdir()
        units.mkdir(parents=True)
        for target in pathlib.Path("/usr/lib/systemd/system").glob("*.target"):
            shutil.copy(target, units)
        for unit in UNITS:
            text = unit.read_text()
            program = re.search(r"^ExecStart=/usr/bin/(\S+)", text, re.M).group(1)
            if not (binaries / program).is_file():
                faults.append(f"{unit.name}: {program} was not built in {binaries}")
                continue
            # Only that it is there and may be run counts; the real one would be copied with all its debugging data.
            pathlib.Path(root, "usr/bin", program).touch(mode=0o755)
            (units / unit.name).write_text(text)
            said = verify(root, unit.name)
            if said:
                faults.append(f"{unit.name}: {said}")
            level = exposure(unit)
            print(f"{unit.name}: exposure {level} of 10 (limit {EXPOSURE_MAX})")
            if level > EXPOSURE_MAX:
                faults.append(f"{unit.name}: exposure {level} is over {EXPOSURE_MAX}")
            # The same check has to notice a misspelt key, or its silence above means nothing.
            (units / unit.name).write_text(text.replace("ProtectClock=", "ProtectClok="))
            if "ProtectClok" not in verify(root, unit.name):
                faults.append("systemd-analyze does not notice a misspelt key: this test proves nothing here")
    for fault in faults:
        print(fault)
    return 1 if faults or len(UNITS) != 3 else 0


if __name__ == "__main__":
    sys.exit(main())
