# shellcheck shell=bash
# Starts daemons in the background and ends them by the pid and start time noted when they were started.
# Needs common.sh. A pid file holds "PID STARTTIME", so that a reused pid is never taken for ours.

# process_start_time PID: in clock ticks since boot; fails when there is no such process.
process_start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field, the name, may hold spaces and brackets: count from the last bracket.
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] || return 1
    printf '%s\n' "${20}"
}

# is_running PIDFILE
is_running() {
    local pid started
    [ -r "$1" ] && read -r pid started <"$1" && [ "$(process_start_time "$pid")" = "$started" ]
}

# start_process PIDFILE LOGFILE COMMAND...: setsid, so that a Ctrl-C in the terminal reaches only the front door.
start_process() {
    local pid_file=$1 log=$2 pid
    shift 2
    setsid "$@" >>"$log" 2>&1 </dev/null &
    pid=$!
    # Not a job of this shell: its end is ours to report, in our words.
    disown "$pid"
    printf '%s %s\n' "$pid" "$(process_start_time "$pid")" >"$pid_file"
}

# stop_process PIDFILE [SECONDS]: asks, waits, and after SECONDS (10) insists.
stop_process() {
    local pid started deadline
    if is_running "$1"; then
        read -r pid started <"$1"
        kill -TERM "$pid" 2>/dev/null || true
        deadline=$((SECONDS + ${2:-10}))
        while is_running "$1" && [ "$SECONDS" -lt "$deadline" ]; do
            sleep 0.1
        done
        if is_running "$1"; then
            say "pid $pid ($(basename "$1" .pid)) did not end within ${2:-10} s: killed"
            kill -KILL "$pid" 2>/dev/null || true
        fi
    fi
    rm -f "$1"
}
