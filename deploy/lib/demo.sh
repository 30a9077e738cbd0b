# shellcheck shell=bash
# The simulated building and the daemons around it, all below $WUTONG_VAR. Needs the other files of this folder,
# and absolute $WUTONG_ROOT, $WUTONG_VAR and $WUTONG_BIN.

demo_daemons=(sim server collector)

demo_ports=(PG=54329 SERVER=7443 SIM=7480 MODBUS_TCP=15021 RTU_OVER_TCP=15022 COLLECTOR_METRICS=9464
    SERVER_METRICS=9465)

# Sets WUTONG_…_PORT: from the environment, else what this folder used before, else the defaults. With "free" as the
# first argument any free ones, so that a check can run beside a demo.
choose_ports() {
    local saved=$WUTONG_VAR/etc/ports.env entry name port
    mkdir -p "$WUTONG_VAR/etc"
    for entry in "${demo_ports[@]}"; do
        name=WUTONG_${entry%=*}_PORT
        port=${!name:-}
        # The folder's own first: its database knows the gateways by their ports.
        if [ -z "$port" ] && [ -r "$saved" ]; then
            port=$(sed -n "s/^$name=//p" "$saved")
        fi
        if [ -z "$port" ] && [ "${1:-}" = free ]; then
            port=$(free_port)
        fi
        port=${port:-${entry#*=}}
        if ! [[ $port =~ ^[0-9]{1,5}$ ]] || [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
            die "$name=$port is not a port number"
        fi
        export "$name=$port"
        printf '%s=%s\n' "$name" "$port"
    done >"$saved.new"
    mv "$saved.new" "$saved"
}

demo_psql() {
    PGPASSWORD=$(cat "$WUTONG_VAR/etc/superuser.password") "$PG_BIN/psql" -h 127.0.0.1 -p "$WUTONG_PG_PORT" -U postgres "$@"
}

start_database() {
    local role
    for role in superuser owner server collector admin; do
        make_secret "$WUTONG_VAR/etc/$role.password"
    done
    pg_create "$WUTONG_VAR/pg" "$(cat "$WUTONG_VAR/etc/superuser.password")"
    pg_start "$WUTONG_VAR/pg" "$WUTONG_PG_PORT" max_connections=200 shared_buffers=256MB
    if [ ! -e "$WUTONG_VAR/etc/database.made" ]; then
        prepare_database wutong "$WUTONG_ROOT/deploy/database/roles.sql" "$WUTONG_VAR/etc/owner.password" \
            "$WUTONG_VAR/etc/server.password" "$WUTONG_VAR/etc/collector.password" demo_psql || die "the database was not made"
        touch "$WUTONG_VAR/etc/database.made"
    fi
    owner_server --migrate --migrations "$WUTONG_ROOT/sql/migrations" >>"$WUTONG_VAR/log/migrate.log" 2>&1 || {
        tail -n 20 "$WUTONG_VAR/log/migrate.log" >&2
        die "the schema could not be applied"
    }
}

# The server's maintenance commands, as the owner of the schema.
owner_server() {
    PGPASSWORD=$(cat "$WUTONG_VAR/etc/owner.password") "$WUTONG_BIN/wutong-server" "$@" \
        --database-url "postgresql://wutong_owner@127.0.0.1:$WUTONG_PG_PORT/wutong"
}

write_configuration() {
    local database="@127.0.0.1:$WUTONG_PG_PORT/wutong"
    mkdir -p "$WUTONG_VAR/spool" "$WUTONG_VAR/tls"
    cat >"$WUTONG_VAR/etc/server.toml" <<TOML
# Written by run.sh at every start; every key is explained in deploy/config/server.toml.
[listen]
address = "0.0.0.0:$WUTONG_SERVER_PORT"
[database]
url = "postgresql://wutong_server$database"
password_file = "$WUTONG_VAR/etc/server.password"
[tls]
certificate = "$WUTONG_VAR/tls/server.crt"
key = "$WUTONG_VAR/tls/server.key"
[profiles]
directory = "$WUTONG_ROOT/profiles"
[metrics]
listen = "127.0.0.1:$WUTONG_SERVER_METRICS_PORT"
TOML
    cat >"$WUTONG_VAR/etc/collector.toml" <<TOML
# Written by run.sh at every start; every key is explained in deploy/config/collector.toml.
[database]
url = "postgresql://wutong_collector$database"
password_file = "$WUTONG_VAR/etc/collector.password"
[profiles]
directory = "$WUTONG_ROOT/profiles"
[spool]
directory = "$WUTONG_VAR/spool"
[metrics]
listen = "127.0.0.1:$WUTONG_COLLECTOR_METRICS_PORT"
TOML
}

# How many days the building has been lived in before the first start; 0: meters as from the factory, no tenants.
demo_history_days=0

simulator() {
    local building=(--demo "$WUTONG_VAR/sim" --modbus-tcp-port "$WUTONG_MODBUS_TCP_PORT"
        --rtu-over-tcp-port "$WUTONG_RTU_OVER_TCP_PORT")
    [ -z "${WUTONG_SIM_CONFIG:-}" ] || building=(--config "$WUTONG_SIM_CONFIG")
    printf '%s\0' "$WUTONG_BIN/wutong-sim" "${building[@]}" --control-port "$WUTONG_SIM_PORT" \
        --history-days "$demo_history_days" "$@"
}

# daemon_command NAME: its command line, each word ended by a zero byte
daemon_command() {
    case $1 in
        sim) simulator --state "$WUTONG_VAR/sim/state.json" ;;
        server | collector) printf '%s\0' "$WUTONG_BIN/wutong-$1" --config "$WUTONG_VAR/etc/$1.toml" ;;
        *) die "there is no daemon called $1: ${demo_daemons[*]}" ;;
    esac
}

daemon_port() {
    case $1 in
        sim) echo "$WUTONG_SIM_PORT" ;;
        server) echo "$WUTONG_SERVER_PORT" ;;
        collector) echo "$WUTONG_COLLECTOR_METRICS_PORT" ;;
    esac
}

# answers NAME: the daemon lives and listens.
answers() { is_running "$WUTONG_VAR/run/$1.pid" && ! port_is_free "$(daemon_port "$1")"; }

start_daemon() {
    local name=$1 port command deadline=$((SECONDS + 30))
    if is_running "$WUTONG_VAR/run/$name.pid"; then
        return 0
    fi
    port=$(daemon_port "$name")
    port_is_free "$port" || die "port $port, for wutong-$name, is taken by another program.
       Choose other ports (environment, see ./run.sh --help), or stop that program."
    mapfile -d '' -t command < <(daemon_command "$name")
    mkdir -p "$WUTONG_VAR/run" "$WUTONG_VAR/log" "$WUTONG_VAR/sim"
    start_process "$WUTONG_VAR/run/$name.pid" "$WUTONG_VAR/log/$name.log" "${command[@]}"
    until answers "$name"; do
        if ! is_running "$WUTONG_VAR/run/$name.pid" || [ "$SECONDS" -ge "$deadline" ]; then
            tail -n 20 "$WUTONG_VAR/log/$name.log" >&2
            die "wutong-$name did not come up; the end of its log ($WUTONG_VAR/log/$name.log) is above"
        fi
        sleep 0.1
    done
}

ctl() { WUTONG_CTL_HOME=$WUTONG_VAR/ctl "$WUTONG_BIN/wutongctl" --server "127.0.0.1:$WUTONG_SERVER_PORT" "$@"; }

# First start: an operator, and the building that the simulator plays.
import_building() {
    local session
    if [ ! -e "$WUTONG_VAR/etc/operator.made" ]; then
        owner_server --create-admin admin <"$WUTONG_VAR/etc/admin.password" >>"$WUTONG_VAR/log/migrate.log" 2>&1 || {
            tail -n 5 "$WUTONG_VAR/log/migrate.log" >&2
            die "the first operator was not made"
        }
        touch "$WUTONG_VAR/etc/operator.made"
    fi
    mkdir -p "$WUTONG_VAR/ctl"
    chmod 700 "$WUTONG_VAR/ctl"
    session=$(ctl --fingerprint "$(fingerprint)" sign-in admin --password-file "$WUTONG_VAR/etc/admin.password" 2>&1) ||
        die "wutongctl could not sign in: $session"
    if [ ! -e "$WUTONG_VAR/etc/building.imported" ]; then
        local command
        mapfile -d '' -t command < <(simulator --write-import "$WUTONG_VAR/sim")
        "${command[@]}" >>"$WUTONG_VAR/log/sim.log" 2>&1 || die "wutong-sim did not write the import files (see $WUTONG_VAR/log/sim.log)"
        ctl import "$WUTONG_VAR/sim/import.toml" "$WUTONG_VAR/sim/meters.csv" >"$WUTONG_VAR/log/import.log" 2>&1 || {
            cat "$WUTONG_VAR/log/import.log" >&2
            die "the building could not be imported"
        }
        [ "$demo_history_days" -eq 0 ] || load_history
        touch "$WUTONG_VAR/etc/building.imported"
    fi
}

# What the meters counted before the first start, a row a day: charts and forecasts have something to stand on.
load_history() {
    demo_psql -d wutong -qX -v ON_ERROR_STOP=1 >>"$WUTONG_VAR/log/import.log" 2>&1 <<SQL || die "the building's past could not be loaded (see $WUTONG_VAR/log/import.log)"
SET search_path = wutong;
CREATE TEMP TABLE past (serial text, day date, first_wh bigint, last_wh bigint, first_at timestamptz, last_at timestamptz);
\\copy past FROM '$WUTONG_VAR/sim/history.csv' CSV HEADER
INSERT INTO daily_energy (property_id, meter_id, day, first_wh, last_wh, first_at, last_at)
SELECT property_id, meter_id, day, first_wh, last_wh, first_at, last_at
FROM past JOIN meter ON serial_number = serial ON CONFLICT DO NOTHING;
SQL
}

# First start of a building that is lived in: accounts with a first purchase, for deploy/demo/tenants.csv.
# move_in_tenants [yes]: with yes it stays empty, also at later starts.
move_in_tenants() {
    local unit english chinese phone purchase name total done=0
    [ -z "${1:-}" ] || touch "$WUTONG_VAR/etc/tenants.made"
    [ ! -e "$WUTONG_VAR/etc/tenants.made" ] || return 0
    total=$(grep -c '^[0-9]' "$WUTONG_ROOT/deploy/demo/tenants.csv")
    while IFS=, read -r unit english chinese phone purchase; do
        [[ $unit =~ ^[0-9]+$ ]] || continue
        name=$english
        [[ ${LC_ALL:-${LANG:-}} != zh* ]] || name=$chinese
        ctl account open --meter "$unit" --customer "$name" --phone "$phone" --first-purchase "$purchase" \
            </dev/null >>"$WUTONG_VAR/log/tenants.log" 2>&1 || {
            tail -n 3 "$WUTONG_VAR/log/tenants.log" >&2
            die "no account could be opened for unit $unit"
        }
        done=$((done + 1))
        [ $((done % 20)) -ne 0 ] || say "   $done of $total tenants have moved in"
    done <"$WUTONG_ROOT/deploy/demo/tenants.csv"
    touch "$WUTONG_VAR/etc/tenants.made"
}

fingerprint() { tr -d ' :\n' <"$WUTONG_VAR/tls/server.crt.sha256"; }

start_demo() {
    mkdir -p "$WUTONG_VAR/run" "$WUTONG_VAR/log" "$WUTONG_VAR/sim"
    start_database
    write_configuration
    start_daemon sim
    start_daemon server
    import_building
    start_daemon collector
}

stop_demo() {
    local name
    for name in collector server sim; do
        stop_process "$WUTONG_VAR/run/$name.pid"
    done
    pg_stop "$WUTONG_VAR/pg"
}
