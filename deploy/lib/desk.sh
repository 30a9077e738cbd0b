# shellcheck shell=bash
# The operators' client beside the demo. Needs common.sh, processes.sh and demo.sh, and $WUTONG_VAR and $WUTONG_BIN.

has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }

# The seat of the demo: its settings, and who signs in there. Readable by its owner only.
prepare_desk() {
    mkdir -p "$WUTONG_VAR/client"
    chmod 700 "$WUTONG_VAR/client"
    (
        umask 077
        printf 'admin\n%s\n' "$(cat "$WUTONG_VAR/etc/admin.password")" >"$WUTONG_VAR/client/sign-in"
    )
}

# Opens the client, signed in. What it says goes to its log.
open_desk() {
    if ! has_display || [ ! -x "$WUTONG_BIN/wutong-client" ]; then
        tell_desk
        return 0
    fi
    if is_running "$WUTONG_VAR/run/client.pid"; then
        say "The client is open already."
        return 0
    fi
    prepare_desk
    start_process "$WUTONG_VAR/run/client.pid" "$WUTONG_VAR/log/client.log" "$WUTONG_BIN/wutong-client" \
        --profile "$WUTONG_VAR/client" --server "127.0.0.1:$WUTONG_SERVER_PORT" --fingerprint "$(fingerprint)" \
        --sign-in-from-file "$WUTONG_VAR/client/sign-in"
    say "The client is open, signed in as admin."
}

stop_desk() {
    if [ -e "$WUTONG_VAR/run/client.pid" ]; then
        stop_process "$WUTONG_VAR/run/client.pid"
    fi
}

# At the start: one key opens it where it can be opened; elsewhere, how.
tell_desk() {
    if has_display && [ -x "$WUTONG_BIN/wutong-client" ]; then
        [ ! -t 0 ] || say "Press Enter to open the client, signed in as admin."
        return 0
    fi
    cat <<TEXT
The client needs a display, and there is none here. On a machine that has one:
  wutong-client --server $(hostname):$WUTONG_SERVER_PORT --fingerprint $(fingerprint)
or come in with "ssh -X" and start ./run.sh there. Without any display: wutongctl, as above.
TEXT
}
