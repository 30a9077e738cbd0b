#!/usr/bin/env bash
# Runs inside the clean system: a newcomer's first hour. Git is installed, the rest is the front doors' affair.
set -euo pipefail
# shellcheck source=deploy/lib/common.sh
. /root/common.sh

apt-get -q update >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends git ca-certificates >/dev/null 2>&1
git clone -q /root/wutong.bundle /root/wutong
cd /root/wutong

step "clean system: ./run.sh, first start"
started=$SECONDS
# Job control and the default signal, because a background process, or a child of one, ignores SIGINT.
set -m
env --default-signal=INT ./run.sh >/root/run.out 2>&1 &
front=$!
set +m
until grep -q '^Wutong is running' /root/run.out; do
    kill -0 "$front" 2>/dev/null || {
        tail -n 60 /root/run.out >&2
        die "run.sh ended"
    }
    [ $((SECONDS - started)) -lt 5400 ] || die "run.sh took more than 90 minutes"
    sleep 1
done
say "first start, with installing and building: $((SECONDS - started)) s"

export WUTONG_CTL_HOME=/root/wutong/var/ctl PATH=/root/wutong/build/release/bin:$PATH
wutongctl whoami
wutongctl meter list --limit 5

# stop_front: Ctrl-C; nothing that it started may be left. By pid: a chroot sees its host's processes too.
stop_front() {
    local pid pids
    pids=$(awk 'FNR == 1 { print $1 }' var/run/*.pid var/pg/data/postmaster.pid)
    [ "$(wc -w <<<"$pids")" -ge 5 ] || die "expected the front door, three daemons and a database, found: $pids"
    kill -INT "$front"
    wait "$front" || true
    for pid in $pids; do
        wait_for 10 "the end of pid $pid" test ! -e "/proc/$pid" || die "Ctrl-C left pid $pid running: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    done
}
stop_front

step "clean system: ./run.sh, second start"
started=$SECONDS
set -m
env --default-signal=INT ./run.sh >/root/run.out 2>&1 &
front=$!
set +m
wait_for 120 "the second start" grep -q '^Wutong is running' /root/run.out || {
    cat /root/run.out >&2
    exit 1
}
seconds=$((SECONDS - started))
say "second start: $seconds s"
[ "$seconds" -le 20 ] || die "a second start must take seconds"
wutongctl whoami >/dev/null
stop_front

step "clean system: ./run.sh --check"
./run.sh --check

if [ -n "${WUTONG_FULL:-}" ]; then
    step "clean system: ./test.sh unit"
    ./test.sh unit
fi

step "clean system: packages"
cd build/release
# Without a display run.sh leaves the client unbuilt; its package wants it.
cmake --build . -j "$(nproc)" >/root/build.out 2>&1 || {
    tail -n 30 /root/build.out >&2
    die "the rest could not be built"
}
if ! cpack -G DEB >/root/cpack.out 2>&1; then
    tail -n 30 /root/cpack.out >&2
    die "cpack failed"
fi
ls -l packages/*.deb
