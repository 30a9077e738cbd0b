# shellcheck shell=bash
# Small things that every front door needs. Sourced, never run.

# Messages go to the terminal's standard error, so that a function's output stays usable.
say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# A random secret that needs no quoting in a connection string, a shell or a TOML file.
random_secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# port_is_free PORT: nothing on this machine listens there on loopback.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port: some port that nobody listens on, outside of the range the kernel hands out to clients.
free_port() {
    local port tries
    for tries in {1..200}; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 10000))
        if port_is_free "$port"; then
            printf '%s\n' "$port"
            return 0
        fi
    done
    die "no free TCP port between 20000 and 29999 after $tries tries"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds; says what it waited for when it does not.
wait_for() {
    local seconds=$1 what=$2 deadline
    shift 2
    deadline=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            say "waited $seconds s for $what, without success"
            return 1
        fi
        sleep 0.2
    done
}
