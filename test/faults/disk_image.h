#pragma once

#include <memory>
#include <string>

#include "test/support/devnet/node_process.h"

namespace remit::test {

/// A file system of its own under a stopped node's data folder: one that fills up, or one whose
/// power can be cut. Needs mounts that belong to this process tree alone.
class DiskImage {
public:
    /// Why it cannot be had; empty when it can.
    static std::string obstacle(bool with_power_cut);

    /// Moves what the folder holds onto a new ext4 of so many MiB mounted in its place. With power
    /// cuts the device is served by nbdkit, which refuses every write after the cut. Throws
    /// std::runtime_error.
    DiskImage(std::string folder, std::size_t mib, bool with_power_cut);
    /// Moves everything back.
    ~DiskImage();
    DiskImage(const DiskImage&) = delete;
    DiskImage& operator=(const DiskImage&) = delete;

    /// From now on nothing reaches the device: only what it had taken stays.
    void cut_power();
    /// After the node was killed: forgets what only memory held, and mounts the device again.
    void restore_power();
    /// Takes all free space but so many KiB.
    void fill(std::size_t free_kib);
    void free_space();

private:
    void connect();
    void disconnect();

    std::string folder_;
    std::string place_;  // image, socket and what triggers the cut
    bool with_power_cut_;
    std::string device_;
    std::unique_ptr<NodeProcess> server_;
    std::unique_ptr<NodeProcess> file_;
};

}  // namespace remit::test
