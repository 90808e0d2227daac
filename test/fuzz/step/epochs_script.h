#pragma once

#include <deque>
#include <set>

#include "test/fuzz/input.h"
#include "test/support/consensus/network.h"

namespace remit::fuzz {

/// Turns the bytes of an input into a network whose sets change, and into what happens to it. At
/// most one validator is faulty; `VirtualNetwork` compares votes, roots and blocks, here is judged
/// what else must hold.
class EpochsScript {
public:
    explicit EpochsScript(Input input);
    void run();

private:
    using Node = consensus::PeerNumber;
    static constexpr std::size_t nodes = 5;
    static constexpr int events_max = 64;
    enum class Fault : std::uint8_t { none, liar, forgetful };

    struct Sent {
        Node from = 0;
        Node to = 0;
        consensus::Message message;
    };

    static test::Epochs draw_epochs(Input& input);
    void one_event();
    Node any_node() { return static_cast<Node>(input_.below(nodes)); }
    /// Of the last messages, the newest mostly.
    const Sent* recent();
    void crash_or_restart(Node node);
    void come_again();
    void lie();
    void lie_a_vote();
    void lie_a_proposal();
    void lie_a_hand_over();
    void lie_bytes();
    void say_to_all(const consensus::Message& message);
    void heal();
    void judge();

    Input input_;
    Fault fault_;
    Node faulty_;
    test::VirtualNetwork network_;
    std::set<std::pair<Node, Node>> cut_;
    std::deque<Sent> sent_;
    std::size_t dropping_ = 0;  // of the next messages
    std::size_t items_ = 0;
};

}  // namespace remit::fuzz
