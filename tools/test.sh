#!/usr/bin/env bash
# Sets everything up, builds, and runs every test: unit, scenario, simulator slice, integration,
# tidy, and the cores again under AddressSanitizer and UBSan. Closes with ctest's own summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

bash tools/setup.sh
bash tools/build.sh all headers sim_bugs

# The cores again with sanitizers: they are small, and they are where money is.
[ -f build-asan/build.ninja ] || cmake --preset asan >/dev/null
ninja -C build-asan

echo "test: cores under address and undefined behaviour sanitizers"
asan=0
ctest --test-dir build-asan --output-on-failure -j "$(nproc)" --quiet || asan=$?
echo "test: everything"
status=0
ctest --test-dir build --output-on-failure -j "$(nproc)" || status=$?
if [ "$asan" -ne 0 ]; then
    echo "test: the sanitizer run failed; see above" >&2
    exit "$asan"
fi
exit "$status"
