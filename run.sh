#!/usr/bin/env bash
# Builds and starts everything: database, server, collector, and a simulated building to meter.
set -euo pipefail

WUTONG_ROOT=$(cd "$(dirname "$0")" && pwd)
export WUTONG_ROOT
# shellcheck source=deploy/lib/common.sh
. "$WUTONG_ROOT/deploy/lib/common.sh"
# shellcheck source=deploy/lib/packages.sh
. "$WUTONG_ROOT/deploy/lib/packages.sh"
# shellcheck source=deploy/lib/build.sh
. "$WUTONG_ROOT/deploy/lib/build.sh"
# shellcheck source=deploy/lib/postgres.sh
. "$WUTONG_ROOT/deploy/lib/postgres.sh"
# shellcheck source=deploy/lib/processes.sh
. "$WUTONG_ROOT/deploy/lib/processes.sh"
# shellcheck source=deploy/lib/database.sh
. "$WUTONG_ROOT/deploy/lib/database.sh"
# shellcheck source=deploy/lib/demo.sh
. "$WUTONG_ROOT/deploy/lib/demo.sh"
# shellcheck source=deploy/lib/desk.sh
. "$WUTONG_ROOT/deploy/lib/desk.sh"

usage() {
    cat <<'TEXT'
usage: ./run.sh [--var DIR] [--free-ports] [--no-client] [--empty] [--check | --stop | --reset | --restart NAME]

  (nothing)       install what is missing, build, start everything, open the client where there is a display;
                  Ctrl-C stops it
  --no-client     the same without the client
  --empty         at the first start: a building in which nobody lives yet, with new meters
  --check         the whole main job without a display, in a fresh folder, as a table; status 0 if all of it holds
  --stop          stop what runs in this folder
  --reset         stop, and delete the folder with its database
  --restart NAME  end and start one of: sim, server, collector (also after it was killed)
  --free-ports    at the first start: any free ports instead of the usual ones
  --var DIR       where everything at run time lives; default: var (or the environment's WUTONG_VAR)

Two copies run side by side with different folders and ports. Ports, by environment: WUTONG_PG_PORT (54329),
WUTONG_SERVER_PORT (7443), WUTONG_SIM_PORT (7480), WUTONG_MODBUS_TCP_PORT (15021), WUTONG_RTU_OVER_TCP_PORT (15022),
WUTONG_COLLECTOR_METRICS_PORT (9464), WUTONG_SERVER_METRICS_PORT (9465). A folder remembers its ports.
WUTONG_SKIP_INSTALL=1 installs nothing; WUTONG_BIN=DIR uses programs built elsewhere; WUTONG_SIM_CONFIG=FILE plays
another building (docs/simulator.md).
TEXT
}

WUTONG_VAR=${WUTONG_VAR:-} action=run daemon='' ports='' empty='' desk=yes
while [ $# -gt 0 ]; do
    case $1 in
        --var)
            [ $# -ge 2 ] || die "--var needs a folder"
            WUTONG_VAR=$2
            shift
            ;;
        --free-ports) ports=free ;;
        --no-client) desk=no ;;
        --empty) empty=yes ;;
        --check | --stop | --reset) action=${1#--} ;;
        --restart)
            [ $# -ge 2 ] || die "--restart needs a name: sim, server or collector"
            action=restart daemon=$2
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
    shift
done

if [ -z "$WUTONG_VAR" ]; then
    WUTONG_VAR=$WUTONG_ROOT/var
    [ "$action" != check ] || WUTONG_VAR=$WUTONG_ROOT/build/check-var
fi
mkdir -p "$WUTONG_VAR"
WUTONG_VAR=$(cd "$WUTONG_VAR" && pwd)
front_pid=$WUTONG_VAR/run/run.pid
built_elsewhere=${WUTONG_BIN:-}
WUTONG_BIN=${WUTONG_BIN:-$WUTONG_ROOT/build/release/bin}

build_programs() {
    install_packages run
    local programs=(wutong-server wutong-collector wutongctl wutong-sim)
    if [ "$action" = run ] && [ "$desk" = yes ] && has_display; then
        programs+=(wutong-client)
    fi
    [ -n "$built_elsewhere" ] || build_preset release "${programs[@]}"
}

# Ends everything in $WUTONG_VAR: through the run.sh that started it when that still lives.
stop_all() {
    if is_running "$front_pid"; then
        stop_process "$front_pid" 90
    fi
    stop_demo
}

# Only a folder that run.sh made is ever deleted.
delete_var() {
    if [ -z "$(ls -A "$WUTONG_VAR")" ]; then
        return 0
    fi
    [ -e "$WUTONG_VAR/etc/ports.env" ] || die "$WUTONG_VAR was not made by run.sh; it is not deleted"
    stop_all
    pg_remove "$WUTONG_VAR/pg"
    rm -rf -- "${WUTONG_VAR:?}"/*
}

begin() {
    if is_running "$front_pid"; then
        die "run.sh works here already ($WUTONG_VAR): ./run.sh --stop, or another folder with --var"
    fi
    mkdir -p "$WUTONG_VAR/run" "$WUTONG_VAR/log"
    printf '%s %s\n' "$$" "$(process_start_time $$)" >"$front_pid"
    trap 'stop_desk; stop_demo; rm -f "$front_pid"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

tell() {
    cat <<TEXT

Wutong is running. A tower of 40 floors is being metered; its tenants use power as measured ones did.

  server      127.0.0.1:$WUTONG_SERVER_PORT (gRPC over TLS, fingerprint $(fingerprint))
  collector   reads the meters on 4 serial buses and 2 gateways
  simulator   http://127.0.0.1:$WUTONG_SIM_PORT/v1/meters tells the truth about each meter
  metrics     http://127.0.0.1:$WUTONG_SERVER_METRICS_PORT/metrics and :$WUTONG_COLLECTOR_METRICS_PORT/metrics
  database    private, 127.0.0.1:$WUTONG_PG_PORT; everything is in $WUTONG_VAR, logs in $WUTONG_VAR/log

Try, in another terminal:
  export WUTONG_CTL_HOME=$WUTONG_VAR/ctl PATH=$WUTONG_BIN:\$PATH
  wutongctl meter list --limit 10
  wutongctl wall
  wutongctl --help
You are signed in as admin; the password is in $WUTONG_VAR/etc/admin.password. What to do next: README.md
Ctrl-C here stops everything; the next start takes seconds.
TEXT
}

watch_daemons() {
    local name status
    local -A told=()
    while true; do
        for name in "${demo_daemons[@]}"; do
            if is_running "$WUTONG_VAR/run/$name.pid"; then
                told[$name]=''
            elif [ -z "${told[$name]:-}" ]; then
                say "wutong-$name has ended; the end of $WUTONG_VAR/log/$name.log:"
                tail -n 5 "$WUTONG_VAR/log/$name.log" >&2
                say "Start it again: ./run.sh --var $WUTONG_VAR --restart $name"
                told[$name]=yes
            fi
        done
        if [ "$desk" = yes ] && [ -t 0 ]; then
            # A signal ends this "read" at once. Status 1 is the end of the input, above 128 the time is over.
            status=0
            read -r -t 2 _ || status=$?
            [ "$status" -ne 0 ] || open_desk
            [ "$status" -ne 1 ] || sleep 2
        else
            # "wait" is left at once when a signal comes, "sleep" alone is not.
            sleep 2 &
            wait $! || true
        fi
    done
}

case $action in
    run)
        build_programs
        choose_ports "$ports"
        begin
        [ -n "$empty" ] || demo_history_days=30
        step "starting"
        start_demo
        move_in_tenants "$empty"
        tell
        [ "$desk" != yes ] || tell_desk
        watch_daemons
        ;;
    check)
        build_programs
        delete_var
        choose_ports free
        begin
        step "starting in $WUTONG_VAR"
        start_demo
        step "checking"
        status=0
        PATH=/usr/bin:$PATH python3 "$WUTONG_ROOT/tests/check/check.py" --var "$WUTONG_VAR" --bin "$WUTONG_BIN" \
            --server "127.0.0.1:$WUTONG_SERVER_PORT" --control "http://127.0.0.1:$WUTONG_SIM_PORT" || status=$?
        exit "$status"
        ;;
    restart)
        [ -r "$WUTONG_VAR/etc/ports.env" ] || die "nothing was started in $WUTONG_VAR yet"
        choose_ports
        daemon_command "$daemon" >/dev/null
        stop_process "$WUTONG_VAR/run/$daemon.pid"
        start_daemon "$daemon"
        say "wutong-$daemon is running"
        ;;
    stop)
        stop_all
        say "stopped"
        ;;
    reset)
        delete_var
        say "$WUTONG_VAR is empty"
        ;;
esac
