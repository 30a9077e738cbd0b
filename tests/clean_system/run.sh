#!/usr/bin/env bash
# Both front doors and the packages in a bare Debian 12: a debootstrap folder with git and nothing else.
# run.sh [front-doors|packages|all]; needs root, debootstrap and a package mirror. Takes the last commit, not the work tree.
# WUTONG_CLEAN_BASE=DIR: a debootstrap folder to copy instead of a new one. WUTONG_CLEAN_CCACHE=DIR: a compiler
# cache to lend to the clean system. WUTONG_CLEAN_PACKAGES=DIR: .deb files made elsewhere (packages alone).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=deploy/lib/common.sh
. "$root/deploy/lib/common.sh"

what=${1:-all}
case $what in front-doors | packages | all) ;; *) die "usage: run.sh [front-doors|packages|all]" ;; esac
is_root || die "a chroot needs root"
have debootstrap || die "debootstrap is not installed: apt-get install debootstrap"

work=$(mktemp -d /tmp/wutong-clean.XXXXXX)
mounted=()

cleanup() {
    local index pid
    # Whatever still runs inside of our folder was started by us.
    for pid in /proc/[0-9]*; do
        case $(readlink "$pid/root" 2>/dev/null) in "$work"/*) kill -KILL "${pid#/proc/}" 2>/dev/null || true ;; esac
    done
    for ((index = ${#mounted[@]} - 1; index >= 0; index--)); do
        umount "${mounted[index]}" || umount -l "${mounted[index]}" || true
    done
    # Never delete through a mount that is still there.
    if ! grep -q " $work/" /proc/mounts; then
        rm -rf -- "$work"
    fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

mount_into() {
    mkdir -p "$3"
    mount "$1" "$2" "$3"
    mounted+=("$3")
}

# new_system NAME: $work/NAME is a bare Debian with /proc and /dev
new_system() {
    local dir=$work/$1 mirror
    if [ -n "${WUTONG_CLEAN_BASE:-}" ]; then
        cp -a "$WUTONG_CLEAN_BASE" "$dir"
    elif [ -d "$work/base" ]; then
        cp -a "$work/base" "$dir"
    else
        say "making a bare Debian 12"
        # shellcheck disable=SC2016
        mirror=$(apt-get indextargets --format '$(SITE)' 'Release: bookworm' | head -n 1)
        debootstrap --variant=minbase bookworm "$work/base" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 || {
            tail -n 20 "$work/debootstrap.log" >&2
            die "debootstrap failed"
        }
        cp -a "$work/base" "$dir"
    fi
    mount_into --bind /proc "$dir/proc"
    mount_into --bind /dev "$dir/dev"
    mount_into --bind /dev/pts "$dir/dev/pts"
    cp "$root/tests/clean_system/$1.sh" "$dir/root/inside.sh"
    cp "$root/deploy/lib/common.sh" "$dir/root/common.sh"
}

# inside NAME [NAME=VALUE...]: runs that system's script with a bare environment
inside() {
    local dir=$work/$1
    shift
    chroot "$dir" env -i HOME=/root USER=root TERM=dumb LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" bash /root/inside.sh </dev/null
}

front_doors() {
    local settings=(WUTONG_FULL=1)
    step "front doors in a clean system"
    new_system front_doors
    # A bundle, because the clone that we are may be a linked work tree.
    git -C "$root" bundle create -q "$work/front_doors/root/wutong.bundle" HEAD
    if [ -n "${WUTONG_CLEAN_CCACHE:-}" ]; then
        mount_into --bind "$WUTONG_CLEAN_CCACHE" "$work/front_doors/ccache"
        settings+=(CCACHE_DIR=/ccache)
    fi
    inside front_doors "${settings[@]}"
}

packages() {
    local from=${WUTONG_CLEAN_PACKAGES:-$work/front_doors/root/wutong/build/release/packages}
    step "packages in a clean system"
    ls "$from"/*.deb >/dev/null || die "no packages in $from"
    new_system packages
    mkdir "$work/packages/root/debs"
    cp "$from"/*.deb "$work/packages/root/debs/"
    inside packages
}

case $what in
    front-doors) front_doors ;;
    packages) packages ;;
    all)
        front_doors
        packages
        ;;
esac
say "clean system: all passed"
