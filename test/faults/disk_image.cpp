#include "test/faults/disk_image.h"

#include <stdexcept>

#include "test/faults/command.h"

namespace remit::test {

using namespace std::chrono_literals;

std::string DiskImage::obstacle(bool with_power_cut) {
    if (run_command("test -e /dev/loop-control && command -v mkfs.ext4 losetup") != 0) {
        return "no loop devices or no mkfs.ext4";
    }
    if (with_power_cut && run_command("test -e /dev/fuse && command -v nbdkit nbdfuse") != 0) {
        return "nbdkit, nbdfuse or /dev/fuse is missing";
    }
    // Only in mounts of our own: nothing may stay behind.
    if (run_command("t=$(mktemp -d) && mount -t tmpfs none $t && umount $t && rmdir $t") != 0) {
        return "mounts are not allowed";
    }
    return "";
}

DiskImage::DiskImage(std::string folder, std::size_t mib, bool with_power_cut)
    : folder_(std::move(folder)), place_(folder_ + ".disk"), with_power_cut_(with_power_cut) {
    must_run("rm -rf " + place_ + " && mkdir -p " + place_ + "/aside && cp -a " + folder_ + "/. " +
             place_ + "/aside && truncate -s " + std::to_string(mib) + "M " + place_ +
             "/image && mkfs.ext4 -q -F -m 0 " + place_ + "/image");
    connect();
    must_run("cp -a " + place_ + "/aside/. " + folder_ + " && rm -rf " + place_ +
             "/aside && sync -f " + folder_);
}

DiskImage::~DiskImage() {
    run_command("mkdir " + place_ + "/aside && cp -a " + folder_ + "/. " + place_ + "/aside");
    disconnect();
    run_command("rm -rf " + folder_ + "/* && cp -a " + place_ + "/aside/. " + folder_ +
                " && rm -rf " + folder_ + "/lost+found " + place_);
}

void DiskImage::connect() {
    auto source = place_ + "/image";
    if (with_power_cut_) {
        const auto socket = place_ + "/socket";
        run_command("rm -f " + socket + " " + place_ + "/cut; touch " + place_ + "/device");
        server_ = std::make_unique<NodeProcess>(
            std::vector<std::string>{"nbdkit", "-f", "-U", socket, "--filter=error", "file", source,
                                     "error=EIO", "error-rate=100%",
                                     "error-file=" + place_ + "/cut"},
            place_ + "/nbdkit.log");
        eventually([&] { return run_command("test -S " + socket) == 0; }, 10s);
        file_ = std::make_unique<NodeProcess>(
            std::vector<std::string>{"nbdfuse", place_ + "/device", "--unix", socket},
            place_ + "/nbdfuse.log");
        source = place_ + "/device";
        eventually([&] { return run_command("test -s " + source) == 0; }, 10s);
    }
    std::string device;
    if (run_command("losetup -f --show " + source, &device) != 0) {
        throw std::runtime_error("no loop device: " + device);
    }
    device_ = device.substr(0, device.find('\n'));
    must_run("mount -t ext4 -o errors=remount-ro " + device_ + " " + folder_ + " && chmod 700 " +
             folder_);
}

void DiskImage::disconnect() {
    run_command("umount " + folder_ + " || umount -l " + folder_);
    run_command("losetup -d " + device_);
    if (with_power_cut_) {
        run_command("umount -l " + place_ + "/device");
        file_.reset();
        server_.reset();
    }
}

void DiskImage::cut_power() {
    must_run("touch " + place_ + "/cut");
}

void DiskImage::restore_power() {
    disconnect();
    connect();
}

void DiskImage::fill(std::size_t free_kib) {
    free_space();
    // Nothing is kept back for root (-m 0), or the node would go on in that. What a file system
    // calls free is not all to be had by one file: the last of it is written until nothing fits.
    const auto ballast = folder_ + "/ballast";
    must_run(
        "free=$(df -k --output=avail " + folder_ + " | tail -1); keep=" + std::to_string(free_kib) +
        "; [ $free -le $((keep + 256)) ] || fallocate -l " + "$((free - keep - 256))K " + ballast +
        "; free=$(df -k --output=avail " + folder_ + " | tail -1); [ $free -le $keep ] || " +
        "dd if=/dev/zero bs=1K count=$((free - keep)) status=none >>" + ballast + " || true");
}

void DiskImage::free_space() {
    must_run("rm -f " + folder_ + "/ballast");
}

}  // namespace remit::test
