#!/usr/bin/env bash
# Bench `ui_wall`: the wall of 10 000 live meters, on a virtual display of its own. Needs no server and no database.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${WUTONG_BIN:-$root/build/release/bin}
[ -x "$bin/bench_ui_wall" ] || { echo "$bin/bench_ui_wall is not built (cmake --build build/release --target bench_ui_wall)" >&2; exit 1; }
command -v xvfb-run >/dev/null || { echo "xvfb-run is missing: apt-get install xvfb" >&2; exit 1; }
exec xvfb-run -a -s "-screen 0 1920x1080x24" timeout 120 "$bin/bench_ui_wall"
