# shellcheck shell=bash
# Installs the Debian packages that are missing. Needs common.sh and $WUTONG_ROOT.

# wanted_packages run|test: names from deploy/apt-packages.txt; those marked "# test" only for test.
wanted_packages() {
    local line name
    while IFS= read -r line; do
        if [ "$1" != test ] && [[ $line =~ \#[[:space:]]*test[[:space:]]*$ ]]; then
            continue
        fi
        name=${line%%#*}
        name=${name//[[:space:]]/}
        [ -z "$name" ] || printf '%s\n' "$name"
    done <"$WUTONG_ROOT/deploy/apt-packages.txt"
}

# missing_packages: of the names on standard input, those that are not installed.
missing_packages() {
    local wanted
    mapfile -t wanted
    # dpkg-query complains about names it never heard of; those are missing too.
    { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
        awk -v wanted="${wanted[*]}" '
            $1 == "installed" { there[$2] = 1 }
            END { n = split(wanted, names, " "); for (i = 1; i <= n; i++) if (!(names[i] in there)) print names[i] }'
}

as_root() {
    if is_root; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "this needs root: $*
       Run it as root once (su -c '...'), or install sudo, then start again."
    fi
}

# install_packages run|test
install_packages() {
    local missing
    have dpkg-query || die "this is not Debian: install what deploy/apt-packages.txt names, then set WUTONG_SKIP_INSTALL=1"
    mapfile -t missing < <(wanted_packages "$1" | missing_packages)
    if [ "${#missing[@]}" -eq 0 ]; then
        return 0
    fi
    if [ -n "${WUTONG_SKIP_INSTALL:-}" ]; then
        die "missing packages (WUTONG_SKIP_INSTALL is set): ${missing[*]}"
    fi
    say "installing ${#missing[@]} packages: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2 ||
        die "apt-get update failed: is the network there, and /etc/apt/sources.list in order?"
    # Debian's PostgreSQL package starts a cluster of its own on port 5432; ours is private and needs it not.
    if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
        as_root mkdir -p /etc/postgresql-common
        printf 'create_main_cluster = false\n' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "${missing[@]}" >&2 ||
        die "apt-get could not install the packages (see above)"
}
