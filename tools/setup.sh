#!/usr/bin/env bash
# Installs what building and running Remit needs on Debian 12. Safe to run again; installs nothing
# when everything is there. --no-remove: libboost1.81 would silently replace 1.74 otherwise.
# Arguments: further packages, which not everybody needs.
set -euo pipefail

packages=(
    build-essential cmake ninja-build ccache mold pkg-config git ca-certificates
    libgrpc++-dev libgrpc-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
    librocksdb-dev libsodium-dev libssl-dev
    libboost-program-options1.74-dev catch2 libexpected-dev
    libspdlog-dev libfmt-dev libtomlplusplus-dev nlohmann-json3-dev libcpp-httplib-dev
    prometheus-cpp-dev libp11-kit-dev softhsm2
    jq strace procps spin
    iproute2 e2fsprogs eatmydata faketime fuse3 nbdkit libnbd-bin
    "$@"
)

missing=()
for package in "${packages[@]}"; do
    if [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" != "install ok installed" ]; then
        missing+=("$package")
    fi
done
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update &&
       "${as_root[@]}" apt-get install -y --no-remove --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1; then
    cat "$log" >&2
    echo "setup: the packages could not be installed; see above" >&2
    exit 1
fi
