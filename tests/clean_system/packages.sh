#!/usr/bin/env bash
# Runs inside the clean system: installs the packages, sets up, signs in, upgrades, removes, purges.
# There is no systemd in a chroot; the services are started by hand as their own users, with the units' command lines.
set -euo pipefail
# shellcheck source=deploy/lib/common.sh
. /root/common.sh

step "installing"
apt-get -q update >/dev/null
export DEBIAN_FRONTEND=noninteractive
apt-get -q install -y --no-install-recommends /root/debs/*.deb postgresql-15 procps >/root/install.out 2>&1 || {
    tail -n 40 /root/install.out >&2
    die "the packages do not install"
}
dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' 'wutong-*'
id wutong-server
id wutong-collector | grep -q dialout || die "the collector's user is not in the group dialout"
for unit in wutong-server wutong-collector; do
    [ -L "/etc/systemd/system/multi-user.target.wants/$unit.service" ] || die "$unit is not enabled"
done

step "setting up"
pg_ctlcluster 15 main start
port=$(pg_lsclusters -h | awk '$1 == 15 && $2 == "main" { print $3 }')
random_secret >/root/admin.password
wutong-setup --port "$port" --password-file /root/admin.password
wutong-setup --port "$port" --password-file /root/admin.password
for secret in /etc/wutong/*.password; do
    [ "$(stat -c %a "$secret")" = 600 ] || die "$secret is open to others"
done

# By pid: a chroot sees its host's processes, and a user of the same number may be somebody else there.
declare -A pids
start_service() {
    local command
    command=$(sed -n 's/^ExecStart=//p' "/lib/systemd/system/wutong-$1.service")
    install -d -m 750 -o "wutong-$1" -g "wutong-$1" "/var/lib/wutong-$1"
    # shellcheck disable=SC2086
    (cd "/var/lib/wutong-$1" && exec setsid runuser -u "wutong-$1" -- $command) >"/root/$1.log" 2>&1 </dev/null &
    pids[$1]=$!
}
ended() { [ ! -e "/proc/$1" ]; }
server_listens() { ! port_is_free 7443; }
collector_listens() { ! port_is_free 9464; }

if ! port_is_free 7443 || ! port_is_free 9464; then
    die "ports 7443 and 9464 are used by another program on this machine"
fi
start_service server
wait_for 30 "wutong-server" server_listens || {
    cat /root/server.log >&2
    exit 1
}
start_service collector
wait_for 30 "wutong-collector" collector_listens || {
    cat /root/collector.log >&2
    exit 1
}

step "signing in"
wutongctl --server 127.0.0.1:7443 --fingerprint "$(tr -d ' :\n' </var/lib/wutong-server/tls/server.crt.sha256)" \
    sign-in admin --password-file /root/admin.password
wutongctl whoami
wutongctl profile list

step "upgrading over itself, then removing"
apt-get -q install -y --reinstall /root/debs/*.deb >/root/reinstall.out 2>&1 || {
    tail -n 40 /root/reinstall.out >&2
    die "an upgrade does not work"
}
for daemon in server collector; do
    kill -TERM "${pids[$daemon]}"
    wait_for 20 "wutong-$daemon to end" ended "${pids[$daemon]}" || die "it did not end on SIGTERM"
done
apt-get -q purge -y 'wutong-*' >/root/purge.out 2>&1 || {
    tail -n 40 /root/purge.out >&2
    die "purging failed"
}
left=$(find / -xdev -path /root -prune -o -path /proc -prune -o -name '*wutong*' -print)
[ -z "$left" ] || die "a purge leaves: $left"
runuser -u postgres -- psql -p "$port" -d wutong -AtXc 'SELECT count(*) FROM wutong.operator' | grep -qx 1 ||
    die "a purge must not touch the database"
pg_ctlcluster 15 main stop
