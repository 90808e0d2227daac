#include "node/replica/stop_reason.h"

namespace remit::node {

std::optional<std::string> stop_reason(const consensus::Output& output) {
    if (output.fork) {
        return "view " + std::to_string(output.fork->other.view) + " of epoch " +
               std::to_string(output.fork->other.epoch) +
               ": certificates contradict each other, so more validators are faulty than the chain "
               "can bear: " +
               std::string(name_of(output.fork->broken));
    }
    if (output.foreign_votes) {
        return "the vote journal holds votes of epoch " + std::to_string(*output.foreign_votes) +
               " that are not of this node's key there";
    }
    if (output.divergence) {
        return "height " + std::to_string(output.divergence->mine.height) +
               ": this node's roots differ from those that the other validators signed";
    }
    return std::nullopt;
}

}  // namespace remit::node
