# shellcheck shell=bash
# Configures and builds a preset. Needs common.sh and $WUTONG_ROOT.

# Objects are found in the compiler cache again from another clone of the same tree.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$WUTONG_ROOT} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

# build_preset PRESET [TARGET...]: silent when there is nothing to do, else with ninja's progress.
build_preset() {
    local preset=$1 log jobs memory_kb started=$SECONDS
    shift
    log=$WUTONG_ROOT/build/$preset.configure.log
    mkdir -p "$WUTONG_ROOT/build"
    cd "$WUTONG_ROOT" || return 1
    if [ ! -f "build/$preset/build.ninja" ]; then
        say "configuring (preset $preset)"
        cmake --preset "$preset" >"$log" 2>&1 || {
            tail -n 40 "$log" >&2
            die "cmake could not configure; all of its output is in $log"
        }
    fi
    # The compiler takes up to 1.5 GB for one file that includes gRPC.
    jobs=${WUTONG_JOBS:-$(nproc)}
    memory_kb=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
    if [ -z "${WUTONG_JOBS:-}" ] && [ "$((memory_kb / 1500000))" -lt "$jobs" ]; then
        jobs=$((memory_kb / 1500000 > 1 ? memory_kb / 1500000 : 1))
    fi
    cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"} >&2 || die "the build failed (see above)"
    if [ $((SECONDS - started)) -gt 5 ]; then
        say "built in $((SECONDS - started)) s"
    fi
}
