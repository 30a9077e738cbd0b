#!/usr/bin/env bash
# Bench `ingest`: readings a second into the database as the collector stores them, beside `psql \copy` of the same rows.
# The goal: 80 % of it. INGEST_ROWS (200 000)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${WUTONG_BIN:-$root/build/release/bin}
[ -n "${WUTONG_TEST_PG:-}" ] || { echo "run it by ./test.sh bench ingest: it needs a cluster" >&2; exit 2; }
exec "$bin/bench_ingest" "${INGEST_ROWS:-200000}"
