#!/usr/bin/env bash
# Configures and builds the dev preset; quiet unless something fails. Arguments: ninja targets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Clones of the same sources share compiled objects, wherever they lie.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
[ -f build/build.ninja ] || cmake --preset dev >build-configure.log 2>&1 || {
    cat build-configure.log >&2
    exit 1
}
rm -f build-configure.log
NINJA_STATUS="build: [%f/%t %es] " ninja -C build "$@"
