#!/usr/bin/env python3
"""Turns bench lines "NAME value unit (…)" on standard input into JSON lines: bench_lines.py COMMIT."""

import datetime
import json
import re
import sys

LINE = re.compile(r"^([a-z][\w.-]*) (-?\d+(?:\.\d+)?) (\S+)(?: \((.*)\))?$")

for text in sys.stdin:
    found = LINE.match(text.rstrip("\n"))
    if found:
        print(json.dumps({
            "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": sys.argv[1],
            "name": found.group(1),
            "value": float(found.group(2)),
            "unit": found.group(3),
            "compared": found.group(4),
        }))
