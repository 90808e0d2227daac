#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "node/seams/io_error.h"

namespace remit::sim {

/// What `node::die_of` is here: the process ended by itself, with this line for its operator.
struct ProcessDied : std::runtime_error {
    explicit ProcessDied(node::IoError why)
        : std::runtime_error(why.text()), error(std::move(why)) {}
    node::IoError error;
};

/// What is wrong with a machine's medium: an operation that will fail, space that ends.
class DiskTrouble {
public:
    /// One of the next writes, syncs and changes of folders fails.
    void fail_in(std::uint64_t operations) { fails_in_ = operations; }
    /// So many bytes are left, for everything on the machine.
    void fill_after(std::uint64_t bytes) { left_ = bytes; }
    void free_space() { left_.reset(); }
    [[nodiscard]] bool full() const { return left_.has_value(); }
    void end() {
        fails_in_ = 0;
        free_space();
    }

    /// Asked before each operation, with the bytes by which it fills the disk.
    Status<node::IoError> on_access(const std::string& path, std::uint64_t grows) {
        if (operator_at_work_) {
            return {};
        }
        if (left_) {
            if (grows > *left_) {
                unanswered_ = true;
                return fail(node::IoError{node::IoFailure::full, "write", path, "no space left"});
            }
            *left_ -= grows;
        }
        if (fails_in_ > 0 && --fails_in_ == 0) {
            unanswered_ = true;
            return fail(node::IoError{node::IoFailure::other, "write", path, "EIO"});
        }
        return {};
    }
    /// An operation failed and nobody has drawn the consequence yet.
    [[nodiscard]] bool unanswered() const { return unanswered_; }
    void answer() { unanswered_ = false; }

    /// Somebody works on the machine while its process is down; nothing fails meanwhile.
    class Operator {
    public:
        explicit Operator(DiskTrouble& trouble) : trouble_(trouble) {
            trouble_.operator_at_work_ = true;
        }
        ~Operator() { trouble_.operator_at_work_ = false; }
        Operator(const Operator&) = delete;
        Operator& operator=(const Operator&) = delete;

    private:
        DiskTrouble& trouble_;
    };

private:
    std::uint64_t fails_in_ = 0;         // operations; 0: none fails
    std::optional<std::uint64_t> left_;  // bytes; none: plenty
    bool unanswered_ = false;
    bool operator_at_work_ = false;
};

}  // namespace remit::sim
