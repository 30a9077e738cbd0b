#!/usr/bin/env bash
# Bench `dial_in`: 5 000 links that gateways opened, ten meters behind each, read three times; the boxes are another process.
#   DIAL_IN_LINKS (5000), DIAL_IN_ROUNDS (3)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${WUTONG_BIN:-$root/build/release/bin}
[ -x "$bin/bench_dial_in" ] || { echo "$bin/bench_dial_in is not built" >&2; exit 1; }
exec timeout 150 "$bin/bench_dial_in" --links "${DIAL_IN_LINKS:-5000}" --rounds "${DIAL_IN_ROUNDS:-3}"
