#!/usr/bin/env bash
# Runs the fuzz targets of test/fuzz with libFuzzer, AddressSanitizer and UBSan, each from its
# checked-in corpus. What is found lands in build-fuzz/findings/TARGET, what crashes in
# build-fuzz/crashes. Exit 1 if anything crashed, with the command that replays it.
# Arguments: [SECONDS_PER_TARGET=60] [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

seconds=${1:-60}
shift $(($# > 0 ? 1 : 0))
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: tools/fuzz.sh [SECONDS_PER_TARGET] [TARGET...]" >&2
    exit 2
fi

# clang and its fuzzer runtime are needed here alone, so setup.sh leaves them out.
bash tools/setup.sh clang-19 libclang-rt-19-dev

[ -f build-fuzz/build.ninja ] || cmake --preset fuzz >/dev/null
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    mapfile -t targets < <(sed -nE 's/^ *remit_fuzz\(([a-z_]+).*/\1/p' test/fuzz/CMakeLists.txt)
fi
ninja -C build-fuzz "${targets[@]/#/fuzz_}" >build-fuzz/build.log 2>&1 || {
    tail -n 40 build-fuzz/build.log >&2
    exit 1
}

mkdir -p build-fuzz/crashes
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
printf '%-18s %10s %9s %9s %9s  %s\n' target execs execs/s new_units coverage result
failed=0
for target in "${targets[@]}"; do
    found=build-fuzz/findings/$target
    log=build-fuzz/$target.log
    mkdir -p "$found"
    # An input gets 10 s (ASan on a busy machine; the aim is 1 s without) and 512 MiB: ASan's own
    # quarantine takes half of that.
    status=0
    build-fuzz/bin/fuzz_"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 \
        -malloc_limit_mb=128 -max_len=4096 -print_final_stats=1 -use_value_profile=1 \
        -artifact_prefix="build-fuzz/crashes/$target-" "$found" "test/fuzz/corpus/$target" \
        >"$log" 2>&1 || status=$?
    figure() { sed -nE "s/^stat::$1: +([0-9]+)/\1/p" "$log"; }
    coverage=$(sed -nE 's/.* cov: ([0-9]+) .*/\1/p' "$log" | tail -n 1)
    printf '%-18s %10s %9s %9s %9s  %s\n' "$target" "$(figure number_of_executed_units)" \
        "$(figure average_exec_per_sec)" "$(figure new_units_added)" "${coverage:--}" \
        "$([ "$status" -eq 0 ] && echo ok || echo CRASH)"
    if [ "$status" -ne 0 ]; then
        failed=1
        grep -hE 'broken promise|ERROR:|SUMMARY:|runtime error|CHECK' "$log" | head -n 5 >&2 || true
        crash=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' "$log" | tail -n 1)
        echo "replay: build-fuzz/bin/fuzz_$target ${crash:-(see $log)}" >&2
    fi
done
exit $failed
