#!/usr/bin/env bash
# Bench `sale`: rate and latency of sales through wutong-server at 1, 4 and 16 clients, beside pgbench on the same cluster,
# with fsync and synchronous_commit on. Prints lines "NAME value unit (limit or peer value, ratio)"; run alone it also
# appends them to build/bench.jsonl (test.sh does that itself and brings the cluster, WUTONG_TEST_PG).
# The goal: half of pgbench's rate at 16 clients, and a p99 of 50 ms.
#   SALE_SECONDS (12) of load for each of the six loads; SALE_METERS (2000); SALE_PGBENCH_SCALE (50)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${WUTONG_BIN:-$root/build/release/bin}
for part in common postgres processes database; do
    # shellcheck source=/dev/null
    . "$root/deploy/lib/$part.sh"
done
seconds=${SALE_SECONDS:-12} meters=${SALE_METERS:-2000} scale=${SALE_PGBENCH_SCALE:-50}
[ "$seconds" -le 20 ] || die "SALE_SECONDS=$seconds: six loads of more than 20 s would be more than 2 minutes of load"
for program in wutong-server bench_sale; do
    [ -x "$bin/$program" ] || die "$bin/$program is not built (cmake --build build/release --target wutong-server bench_sale)"
done

work=$(mktemp -d /tmp/wutong-sale-bench.XXXXXX)
own_cluster=
tidy_up() {
    stop_process "$work/server.pid"
    if [ -n "$own_cluster" ]; then
        pg_remove "$own_cluster"
    elif [ -n "${pg_port:-}" ]; then
        "${psql[@]}" -d postgres -qXc "DROP DATABASE IF EXISTS $database WITH (FORCE)" \
            -c "DROP DATABASE IF EXISTS $peer_database WITH (FORCE)" >/dev/null 2>&1 || true
    fi
    rm -rf -- "$work"
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

if [ -n "${WUTONG_TEST_PG:-}" ]; then
    [[ $WUTONG_TEST_PG =~ ^postgresql://([^:@/]+)(:([^@]*))?@([^:/]+):([0-9]+) ]] ||
        die "WUTONG_TEST_PG is not postgresql://USER:PASSWORD@HOST:PORT/…"
    pg_user=${BASH_REMATCH[1]} pg_password=${BASH_REMATCH[3]} pg_host=${BASH_REMATCH[4]} pg_port=${BASH_REMATCH[5]}
else
    own_cluster=$work.pg pg_user=postgres pg_password=$(random_secret) pg_host=127.0.0.1 pg_port=$(free_port)
    pg_create "$own_cluster" "$pg_password"
    pg_start "$own_cluster" "$pg_port" max_connections=200 shared_buffers=512MB max_wal_size=4GB
fi
export PGPASSWORD=$pg_password
psql=("$PG_BIN/psql" -h "$pg_host" -p "$pg_port" -U "$pg_user")
database=wutong_sale_bench_$$ peer_database=pgbench_$$
for setting in fsync synchronous_commit full_page_writes; do
    [ "$("${psql[@]}" -d postgres -AtXc "SHOW $setting")" = on ] || die "$setting is off on this cluster: the figures would mean nothing"
done

# ---- our side: database, operator, server ------------------------------------------------------
for role in owner server collector admin; do
    make_secret "$work/$role.password"
done
prepare_database "$database" "$root/deploy/database/roles.sql" "$work/owner.password" "$work/server.password" \
    "$work/collector.password" "${psql[@]}"
owner_server() {
    PGPASSWORD=$(cat "$work/owner.password") "$bin/wutong-server" "$@" \
        --database-url "postgresql://wutong_owner@$pg_host:$pg_port/$database" >>"$work/server.log" 2>&1
}
owner_server --migrate --migrations "$root/sql/migrations" || { tail -n 20 "$work/server.log" >&2; die "the schema was not applied"; }
owner_server --create-admin bench <"$work/admin.password" || { tail -n 20 "$work/server.log" >&2; die "no operator was made"; }
port=$(free_port) metrics_port=$(free_port)
mkdir -p "$work/tls"
cat >"$work/server.toml" <<TOML
[listen]
address = "127.0.0.1:$port"
[database]
url = "postgresql://wutong_server@$pg_host:$pg_port/$database"
password_file = "$work/server.password"
[tls]
certificate = "$work/tls/server.crt"
key = "$work/tls/server.key"
[profiles]
directory = "$root/profiles"
[metrics]
listen = "127.0.0.1:$metrics_port"
TOML
start_process "$work/server.pid" "$work/server.log" "$bin/wutong-server" --config "$work/server.toml"
server_answers() { is_running "$work/server.pid" && ! port_is_free "$port"; }
wait_for 30 "wutong-server" server_answers || { tail -n 20 "$work/server.log" >&2; exit 1; }

# As pgbench -i leaves its tables, and as autovacuum leaves ours a minute later: with statistics, and no checkpoint owed.
statistics="'${psql[0]}' -h $pg_host -p $pg_port -U $pg_user -d $database -qXc 'VACUUM ANALYZE' -c CHECKPOINT"
# What the sessions of the server wait for, ten times a second: a lock that all cashiers queue on would show here.
"${psql[@]}" -d "$database" -AtX >"$work/waits" 2>>"$work/pgbench.log" <<'SQL' &
SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FROM pg_stat_activity WHERE usename = 'wutong_server' AND state <> 'idle' \watch 0.1
SQL
waits_pid=$!
"$bin/bench_sale" --when-warm "$statistics" --address "127.0.0.1:$port" --certificate "$work/tls/server.crt" --operator bench \
    --password-file "$work/admin.password" --meters "$meters" --seconds "$seconds" --clients 1 4 16 >"$work/ours" || {
    tail -n 20 "$work/server.log" >&2
    die "the load on wutong-server failed"
}
kill "$waits_pid" 2>/dev/null || true
wait "$waits_pid" 2>/dev/null || true
stop_process "$work/server.pid"

# ---- the peer: PostgreSQL's own bench of short transactions, on the same disk --------------------
"${psql[@]}" -d postgres -qXc "CREATE DATABASE $peer_database"
pgbench=("$PG_BIN/pgbench" -h "$pg_host" -p "$pg_port" -U "$pg_user")
"${pgbench[@]}" -i -q -s "$scale" "$peer_database" >"$work/pgbench.log" 2>&1 || { tail "$work/pgbench.log" >&2; die "pgbench -i failed"; }
# The log has a line for each transaction; its third word is how long that took, in microseconds.
peer_rate() {
    local log=$work/peer.$1
    "${pgbench[@]}" -n -M prepared -c "$1" -j "$(($1 < 2 ? 1 : 2))" -T "$seconds" --log --log-prefix="$log" "$peer_database" \
        2>>"$work/pgbench.log" | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
    cat "$log".[0-9]* | awk '{ print $3 }' | sort -n >"$log.sorted"
}
# peer_percentile CLIENTS SHARE: in milliseconds
peer_percentile() {
    awk -v share="$2" '{ all[NR] = $1 } END { printf "%.3f", all[1 + int(share * (NR - 1))] / 1000 }' "$work/peer.$1.sorted"
}
{
    for clients in 1 4 16; do
        peer=$(peer_rate "$clients")
        [ -n "$peer" ] || die "pgbench gave no figure"
        awk -v clients="$clients" -v rate="$peer" -v p50="$(peer_percentile "$clients" 0.5)" \
            -v p99="$(peer_percentile "$clients" 0.99)" '
            $1 == "sale.rate." clients { printf "%s %s %s (pgbench %.1f per_s, %.3f)\n", $1, $2, $3, rate, $2 / rate }
            $1 == "sale.p50." clients { printf "%s %s %s (pgbench %.3f ms, %.2f)\n", $1, $2, $3, p50, $2 / p50 }
            $1 == "sale.p99." clients { printf "%s %s %s (pgbench %.3f ms, %.2f)\n", $1, $2, $3, p99, $2 / p99 }
        ' "$work/ours"
    done
    # Of all sessions at work: those that waited for a lock, which somebody who sells on the same meter may hold.
    awk -F'|' 'NF == 2 { waiting += $1; working += $2 } END { if (working) printf "sale.waits_for_locks %.2f percent (limit 5, %.3f)\n", 100 * waiting / working, 20 * waiting / working }' "$work/waits"
} | tee "$work/lines"
if [ -z "${WUTONG_TEST_PG:-}" ]; then
    mkdir -p "$root/build"
    /usr/bin/python3 "$root/tests/lib/bench_lines.py" "$(git -C "$root" rev-parse --short HEAD)" <"$work/lines" >>"$root/build/bench.jsonl"
fi
