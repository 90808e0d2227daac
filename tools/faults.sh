#!/usr/bin/env bash
# Four real validators under load, one fault after the other, for so many minutes: killed, frozen,
# cut off, slowed down, out of disk, damaged, set back. Clients' receipts are the judge: nothing that
# was acknowledged may be lost or doubled, no fork, and progress comes back by itself.
#
#   tools/faults.sh MINUTES [--seed N] [--only NAME]... [--clients N]
#   tools/faults.sh --list | --help        the faults; every option and exit status
#   BUILD=build-tsan tools/faults.sh 60    another build folder
#
# Where it may, everything runs in namespaces of its own (network, mounts, processes): nodes get
# addresses, single packets are lost, disks fill up and lose power, and nothing stays behind.
# Elsewhere nodes share the loopback behind a TCP relay, and the run says what it leaves out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${BUILD:-build}
program=$build/bin/faults
[ -x "$program" ] || {
    echo "faults: $program is missing: run tools/build.sh faults" >&2
    exit 2
}
words=("$@")
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    words=(--seconds $(($1 * 60)) "${@:2}")
fi
apart=(unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private)
# Devices for packets and mounts need more than namespaces: try what the run will do.
if "${apart[@]}" sh -c 'mount -t tmpfs none /mnt && ip tuntap add probe mode tap' 2>/dev/null; then
    exec "${apart[@]}" "$program" --namespaces "${words[@]}"
fi
exec "$program" "${words[@]}"
