# shellcheck shell=bash
# The steps that test.sh puts together. Needs deploy/lib/*.sh.

steps_passed=0
steps_failed=()

# run_step NAME COMMAND...: runs it to its end and remembers the outcome; one failure does not stop the others,
# except that nothing can be tested that did not build.
run_step() {
    local name=$1 started=$SECONDS status=0
    shift
    step "$name"
    # In a subshell of its own, so that "set -e" and "die" end the step and not the run.
    set +e
    (
        set -euo pipefail
        "$@"
    ) 9>&-
    status=$?
    set -e
    note_outcome "$name" "$status" $((SECONDS - started))
}

note_outcome() {
    local name=$1 status=$2 seconds=$3
    if [ "$status" -eq 0 ]; then
        steps_passed=$((steps_passed + 1))
        say "-- $name: passed in $seconds s"
        return 0
    fi
    steps_failed+=("$name")
    say "-- $name: FAILED (status $status) after $seconds s"
    case $name in build*) finish_steps ;; esac
}

# run_steps_beside NAME COMMAND... -- NAME COMMAND... [-- NAME COMMAND...]: steps at the same time, for those that mostly
# wait. The last one is seen while it runs, the output of the others when all have ended.
run_steps_beside() {
    local -a first=()
    while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
        first+=("$1")
        shift
    done
    if [ "$#" -eq 0 ]; then
        run_step "${first[@]}"
        return
    fi
    shift
    local output pid status=0 started=$SECONDS
    output=$(mktemp)
    (
        set -euo pipefail
        "${first[@]:1}"
    ) 9>&- >"$output" 2>&1 &
    pid=$!
    run_steps_beside "$@"
    wait "$pid" || status=$?
    step "${first[0]}"
    cat "$output"
    rm -f "$output"
    note_outcome "${first[0]}" "$status" $((SECONDS - started))
}

finish_steps() {
    if [ "${#steps_failed[@]}" -gt 0 ]; then
        printf 'failed: %s\n' "${steps_failed[@]}"
    fi
    printf '%d passed, %d failed\n' "$steps_passed" "${#steps_failed[@]}"
    [ "${#steps_failed[@]}" -eq 0 ] && exit 0
    exit 1
}

build_for_tests() { build_preset "$@"; }

# nicely COMMAND...: beside tests that watch the clock; they go first.
nicely() {
    renice -n 19 -p "$BASHPID" >/dev/null
    "$@"
}

check_format() {
    local files
    mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
    [ "${#files[@]}" -gt 0 ] || die "no C++ found: is this a git clone?"
    printf '%s\0' "${files[@]}" | xargs -0 -n 40 clang-format-14 --dry-run -Werror ||
        die "run: clang-format-14 -i on the files named above"
    say "${#files[@]} files are formatted as .clang-format says"
}

check_shell() {
    local scripts
    mapfile -t scripts < <(git ls-files | while IFS= read -r file; do
        case $file in
            *.sh) printf '%s\n' "$file" ;;
            *) head -c 40 "$file" 2>/dev/null | head -n 1 | tr -d '\0' | grep -qE '^#!.*\b(ba)?sh$' && printf '%s\n' "$file" ;;
        esac
    done)
    shellcheck -x "${scripts[@]}" || die "shellcheck found faults (see above)"
    say "${#scripts[@]} shell scripts are clean"
}

# run_ctest PRESET LABEL [NAME]: integration and faults mostly wait, for meters and for the database; still timing matters to
# them, so there are two at a time and no more.
run_ctest() {
    local jobs=1 count
    local arguments=(--test-dir "build/$1" --output-on-failure -L "^$2\$")
    case $2 in
        unit) jobs=$(nproc) ;;
        fault | integration) jobs=2 ;;
    esac
    [ -z "${3:-}" ] || arguments+=(-R "$3")
    count=$(ctest "${arguments[@]}" -N | sed -n 's/^Total Tests: //p')
    [ "${count:-0}" -gt 0 ] || die "no $2 test${3:+ whose name contains \"$3\"} exists"
    ctest "${arguments[@]}" -j "$jobs" --timeout 600
}

# run_simulation PRESET [ARGUMENT...]: without arguments what CI runs; else money_sim's own.
run_simulation() {
    local sim=build/$1/bin/money_sim
    shift
    if [ "$#" -eq 0 ]; then
        run_ctest ci sim
        "$sim" --seeds 100000 --jobs "$(nproc)"
    elif [[ " $* " == *" --postgres "* ]]; then
        with_cluster "$sim" "$@"
    else
        "$sim" "$@"
    fi
}

# with_cluster COMMAND...: with WUTONG_TEST_PG = address of a superuser in a fresh private cluster.
# Durability is off, tests only; a bench says what it needs with WUTONG_TEST_DURABLE=1.
with_cluster() {
    local dir=$WUTONG_ROOT/build/test-pg port password
    local settings=(max_connections=200 fsync=off synchronous_commit=off full_page_writes=off)
    [ -z "${WUTONG_TEST_DURABLE:-}" ] || settings=(max_connections=200 shared_buffers=512MB max_wal_size=4GB)
    pg_remove "$dir"
    password=$(random_secret)
    pg_create "$dir" "$password"
    # shellcheck disable=SC2064
    trap "pg_remove '$dir'" EXIT
    trap 'exit 130' INT TERM
    port=$(free_port)
    pg_start "$dir" "$port" "${settings[@]}"
    export WUTONG_TEST_PG="postgresql://postgres:$password@127.0.0.1:$port/postgres"
    "$@"
}

# run_scripts PRESET FOLDER NAME: each executable in tests/FOLDER is a test; status 77 = cannot run here.
run_scripts() {
    local script failed=0 ran=0 status started
    export WUTONG_BUILD_DIR=$WUTONG_ROOT/build/$1 WUTONG_BIN=$WUTONG_ROOT/build/$1/bin
    export WUTONG_SOURCE_DIR=$WUTONG_ROOT
    for script in "tests/$2"/*; do
        if [ ! -f "$script" ] || [ ! -x "$script" ] || [[ $(basename "$script") != *"$3"* ]]; then
            continue
        fi
        started=$SECONDS status=0
        ran=$((ran + 1))
        # Debian's own python3, because the packages of deploy/apt-packages.txt belong to it.
        PATH=/usr/bin:$PATH timeout 900 "$script" </dev/null || status=$?
        say "   $script: status $status, $((SECONDS - started)) s"
        [ "$status" -eq 0 ] || failed=$((failed + 1))
    done
    [ "$ran" -gt 0 ] || die "nothing to run in tests/$2${3:+ with \"$3\" in its name}"
    [ "$failed" -eq 0 ] || die "$failed of $ran scripts in tests/$2 failed"
}

# run_check PRESET: the whole main job with programs that are built already
run_check() {
    WUTONG_SKIP_INSTALL=1 WUTONG_BIN=$WUTONG_ROOT/build/$1/bin ./run.sh --check --var build/check-var
}

# run_benches PRESET NAME: shows the lines "NAME value unit (limit or peer, ratio)" and keeps them as JSON.
run_benches() {
    local lines status=0
    lines=$(mktemp)
    run_scripts "$1" bench "$2" | tee "$lines" || status=1
    /usr/bin/python3 tests/lib/bench_lines.py "$(git rev-parse --short HEAD)" <"$lines" >>build/bench.jsonl
    rm -f "$lines"
    return "$status"
}

# run_fuzz PRESET SECONDS: clang's fuzzer over each codec for so long, from the kept corpus; what it finds stays in
# build/fuzz. Without clang the corpus and many inputs made from it.
run_fuzz() {
    local corpus=tests/fuzz/corpus target
    mkdir -p build/fuzz
    if ! cmake --build "build/$1" --target codec_libfuzzer >build/fuzz/build.log 2>&1; then
        say "no fuzzer of clang here (clang-14 and libclang-rt-14-dev; build/fuzz/build.log): inputs without coverage instead"
        "build/$1/bin/codec_fuzz" "$corpus" 2000000 "$RANDOM"
        return
    fi
    for target in "$corpus"/*; do
        target=$(basename "$target")
        mkdir -p "build/fuzz/$target"
        say "-- $target: $2 s"
        WUTONG_FUZZ=$target "build/$1/bin/codec_libfuzzer" "build/fuzz/$target" "$corpus/$target" -max_total_time="$2" \
            -max_len=4096 -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/$target-" || die "the input is in build/fuzz/$target-*; keep it in $corpus/$target once it is mended"
    done
}

# run_kills PRESET MINUTES: rounds of sales while processes are killed, for so long
run_kills() {
    WUTONG_BUILD_DIR=$WUTONG_ROOT/build/$1 WUTONG_BIN=$WUTONG_ROOT/build/$1/bin PATH=/usr/bin:$PATH \
        tests/fault/sales_under_kills.py --minutes "$2"
}

# run_long_faults PRESET: the faults around several collectors, minutes instead of seconds; needs a cluster
run_long_faults() {
    WUTONG_BUILD_DIR=$WUTONG_ROOT/build/$1 WUTONG_BIN=$WUTONG_ROOT/build/$1/bin WUTONG_FAULTS_LONG=1 \
        PATH=/usr/bin:$PATH tests/fault/collectors.py
}

# run_sanitizer asan|tsan NAME
run_sanitizer() {
    export ASAN_OPTIONS=detect_stack_use_after_return=0:strict_string_checks=1:abort_on_error=0
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
    run_step "build $1" build_for_tests "$1"
    run_step "units $1" run_ctest "$1" unit "$2"
    run_step "integration $1" with_cluster run_ctest "$1" integration "$2"
}
