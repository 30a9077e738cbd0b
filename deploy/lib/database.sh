# shellcheck shell=bash
# Roles, database and secrets, for run.sh and for wutong-setup alike. Safe to run again.

# make_secret FILE [OWNER]: a random secret in a file of mode 0600; an existing one is kept.
make_secret() {
    if [ ! -s "$1" ]; then
        (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$1.new" && echo >>"$1.new")
        mv "$1.new" "$1"
    fi
    chmod 600 "$1"
    [ -z "${2:-}" ] || chown "$2" "$1"
}

# database_exists NAME PSQL...
database_exists() {
    local name=$1
    shift
    [ "$("$@" -d postgres -AtXc "SELECT 1 FROM pg_database WHERE datname = '$name'")" = 1 ]
}

# prepare_database NAME ROLES_SQL OWNER_SECRET SERVER_SECRET COLLECTOR_SECRET PSQL...
# PSQL... is a psql command that comes in as a superuser. Secrets go in through standard input, so that no
# process list shows them.
prepare_database() {
    local name=$1 roles=$2 owner=$3 server=$4 collector=$5
    shift 5
    if ! database_exists "$name" "$@"; then
        "$@" -d postgres -qXc "CREATE DATABASE $name ENCODING 'UTF8' TEMPLATE template0" || return 1
    fi
    {
        printf "\\\\set owner_password '%s'\n" "$(cat "$owner")"
        printf "\\\\set server_password '%s'\n" "$(cat "$server")"
        printf "\\\\set collector_password '%s'\n" "$(cat "$collector")"
        cat "$roles"
    } | PGOPTIONS='-c client_min_messages=warning' "$@" -d "$name" -qX -v ON_ERROR_STOP=1 -f - >/dev/null
}
