#!/usr/bin/env bash
# Runs the tests. Without an argument: what CI runs.
set -euo pipefail

WUTONG_ROOT=$(cd "$(dirname "$0")" && pwd)
export WUTONG_ROOT
cd "$WUTONG_ROOT"
# shellcheck source=deploy/lib/common.sh
. deploy/lib/common.sh
# shellcheck source=deploy/lib/packages.sh
. deploy/lib/packages.sh
# shellcheck source=deploy/lib/build.sh
. deploy/lib/build.sh
# shellcheck source=deploy/lib/postgres.sh
. deploy/lib/postgres.sh
# shellcheck source=tests/lib/steps.sh
. tests/lib/steps.sh

usage() {
    cat <<'TEXT'
usage: ./test.sh [PART [NAME]]
       ./test.sh sim [--seeds N [--first S]] [--seed S] [--plant NAME] [--list-plants] [--postgres]

  (nothing)      what CI runs: build with warnings as errors, format, shell scripts, units,
                 architecture, integration, faults, the peers (programs that we did not write), a short
                 morning at the counter, the check, the simulation
  unit           rules and codecs, no database
  integration    with a private PostgreSQL cluster
  sim            the way of the money with everything that can go wrong, 100 000 seeds and planted bugs;
                 --seed S replays one step by step, --plant NAME plants one of the bugs of --list-plants,
                 --postgres compares the store in memory with PostgreSQL (10 seeds in "integration")
  fault          crashes, lost answers, full disks
  ui             the desktop client, by real keys on a display of its own; screenshots in build/ci/screenshots
  peers          mbpoll, pymodbus and grpcio against our programs
  bench          benches; one line each, appended to build/bench.jsonl
  asan, tsan     unit and integration tests under the sanitizers
  check          ./run.sh --check in a folder of its own
  nightly        all of the above, the check ten times, packages and front doors in a clean Debian

NAME chooses within a part: a test or script whose name contains it.
A private database cluster lives in build/test-pg while tests run, on a free port.
Environment: WUTONG_SKIP_INSTALL=1 installs nothing, WUTONG_JOBS=N compiles N files at once, WUTONG_KILL_MINUTES=N is
how long nightly sells while it kills (180), WUTONG_FUZZ_SECONDS=N how long it fuzzes each codec (600).
TEXT
}

part=${1:-ci}
name=${2:-}
case $part in
    ci | unit | integration | sim | fault | ui | peers | bench | asan | tsan | check | nightly) ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac

mkdir -p build
exec 9>build/.test-lock
flock -n 9 || die "another ./test.sh is running in this clone"

install_packages test 9>&-
case $part in
    ci)
        # The faults need the daemons alone and mostly wait, so the rest is built meanwhile.
        run_step "build of the daemons" build_for_tests ci wutong-server wutong-collector wutongctl wutong-sim wutong-gateway
        run_steps_beside fault with_cluster run_ctest ci fault -- "build of the rest" nicely build_for_tests ci
        run_step format check_format
        run_step shell check_shell
        run_step units run_ctest ci unit
        # Both wait for meters most of the time, so the simulation has the processor meanwhile.
        run_steps_beside simulation nicely run_simulation ci -- check run_check ci -- \
            integration with_cluster run_ctest ci integration
        run_step peers with_cluster run_scripts ci peers ''
        run_step ui run_ctest ci ui-ci
        ;;
    unit)
        run_step build build_for_tests ci
        run_step units run_ctest ci unit "$name"
        ;;
    sim)
        run_step "build of the simulation" build_for_tests ci money_sim
        run_step simulation run_simulation ci "${@:2}"
        ;;
    integration | fault | ui)
        run_step build build_for_tests ci
        run_step "$part" with_cluster run_ctest ci "$part" "$name"
        ;;
    peers)
        run_step build build_for_tests ci
        run_step peers with_cluster run_scripts ci peers "$name"
        ;;
    bench)
        run_step build build_for_tests release
        WUTONG_TEST_DURABLE=1 run_step bench with_cluster run_benches release "$name"
        ;;
    asan | tsan)
        run_sanitizer "$part" "$name"
        ;;
    check)
        run_step check ./run.sh --check --var build/check-var
        ;;
    nightly)
        run_step build build_for_tests ci
        run_step format check_format
        run_step shell check_shell
        run_step units run_ctest ci unit
        run_step simulation run_simulation ci
        run_step "simulation, more seeds" run_simulation ci --first 100001 --seeds 2000000
        run_step integration with_cluster run_ctest ci integration
        run_step fault with_cluster run_ctest ci fault
        run_step "faults for minutes" with_cluster run_long_faults ci
        run_step "fuzzing of the codecs" run_fuzz ci "${WUTONG_FUZZ_SECONDS:-600}"
        run_step "kills for hours" run_kills ci "${WUTONG_KILL_MINUTES:-180}"
        run_step peers with_cluster run_scripts ci peers ''
        run_step scale with_cluster run_ctest ci scale
        run_step "simulation on PostgreSQL" with_cluster run_ctest ci sim-postgres
        run_step ui run_ctest ci ui
        run_sanitizer asan ''
        run_sanitizer tsan ''
        for round in {1..10}; do
            run_step "check $round of 10" ./run.sh --check --var build/check-var
        done
        run_step "clean system" tests/clean_system/run.sh
        run_step "build for benches" build_for_tests release
        WUTONG_TEST_DURABLE=1 run_step bench with_cluster run_benches release ''
        ;;
esac
finish_steps
