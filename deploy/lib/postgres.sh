# shellcheck shell=bash
# A private PostgreSQL cluster: made, started and stopped here, apart from any other on the machine.
# PostgreSQL refuses to run as root; when we are root it runs as the user postgres that its package made.
# Needs common.sh. All functions take the cluster's directory (absolute) first.

PG_BIN=${WUTONG_PG_BIN:-/usr/lib/postgresql/15/bin}

as_postgres() {
    if is_root; then
        # From / because the current directory may be closed to that user.
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# pg_place DIR: where the cluster really lives. A clone under /root can't be entered by the user postgres,
# and the path of a Unix socket may have 107 bytes at most; then DIR becomes a link to a place of its own.
pg_place() {
    local dir=$1 real
    if [ -L "$dir" ] || [ -e "$dir" ]; then
        readlink -f "$dir"
        return 0
    fi
    mkdir -p "$(dirname "$dir")"
    real=$dir
    if { is_root && ! as_postgres test -x "$(dirname "$dir")"; } || [ "${#dir}" -gt 75 ]; then
        real=/var/tmp/wutong-$(id -un)-$(printf '%s' "$dir" | cksum | cut -d' ' -f1)
        # Only a folder that we made ourselves: anybody may write in /var/tmp.
        rm -rf -- "$real"
        mkdir -m 700 "$real" || die "cannot make $real for the database cluster"
        ln -s "$real" "$dir"
    else
        mkdir -m 700 "$real"
    fi
    if is_root; then
        chown postgres: "$real"
    fi
    printf '%s\n' "$real"
}

# pg_create DIR SUPERUSER_PASSWORD: does nothing when the cluster is there already. DIR/data, DIR/socket, DIR/log
pg_create() {
    local place
    [ -x "$PG_BIN/initdb" ] || die "PostgreSQL 15 is not in $PG_BIN (package postgresql-15; or set WUTONG_PG_BIN)"
    place=$(pg_place "$1") || return 1
    if [ -e "$place/complete" ]; then
        return 0
    fi
    rm -rf -- "$place/data"
    as_postgres mkdir -p -m 700 "$place/data" "$place/socket"
    # shellcheck disable=SC2016
    printf '%s\n' "$2" | as_postgres sh -c 'umask 077 && cat >"$1"' sh "$place/password"
    as_postgres "$PG_BIN/initdb" -D "$place/data" -U postgres --encoding=UTF8 --data-checksums \
        --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$place/password" --no-instructions >"$1.initdb.log" 2>&1 || {
        cat "$1.initdb.log" >&2
        die "initdb failed in $place"
    }
    rm -f "$1.initdb.log" "$place/password"
    as_postgres touch "$place/complete"
}

pg_is_running() {
    local place
    place=$(readlink -f "$1") && as_postgres "$PG_BIN/pg_ctl" -D "$place/data" status >/dev/null 2>&1
}

# pg_start DIR PORT [name=value...]: on 127.0.0.1:PORT and on the socket in DIR/socket
pg_start() {
    local dir=$1 port=$2 place settings setting
    shift 2
    place=$(readlink -f "$dir") || return 1
    if pg_is_running "$dir"; then
        return 0
    fi
    port_is_free "$port" || die "port $port is taken by another program: choose another one for the database"
    settings="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$place/socket"
    for setting in "$@"; do
        settings+=" -c $setting"
    done
    # setsid: Ctrl-C in the terminal goes to the front door, which stops the cluster after the daemons.
    as_postgres setsid -w "$PG_BIN/pg_ctl" -D "$place/data" -l "$place/log" -w -t 60 -s -o "$settings" start >&2 || {
        tail -n 20 "$place/log" >&2
        die "PostgreSQL did not start (its log: $place/log)"
    }
}

pg_stop() {
    local place
    place=$(readlink -f "$1") || return 0
    if pg_is_running "$1"; then
        as_postgres "$PG_BIN/pg_ctl" -D "$place/data" -m fast -w -t 60 -s stop >&2 ||
            as_postgres "$PG_BIN/pg_ctl" -D "$place/data" -m immediate -w -s stop >&2
    fi
}

# pg_remove DIR: stops and deletes the cluster
pg_remove() {
    local place
    place=$(readlink -f "$1") || return 0
    pg_stop "$1"
    rm -rf -- "$place" "$1"
}
