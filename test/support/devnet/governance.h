#pragma once

#include "test/support/devnet/member_client.h"

namespace remit::test {

/// Blocks from one epoch's end to the next in tests of several epochs.
inline constexpr std::uint64_t short_epoch = 16;

using Validators = std::vector<ledger::EpochValidator>;

/// These nodes with their first keys, as a plan lists them.
Validators nodes(const Devnet& devnet, const std::vector<std::size_t>& numbers);

/// Has the three organisations of a devnet plan this set, protocol version and new consensus
/// parameters, and demands that the chain takes it.
void govern(const Devnet& devnet, const MemberClient& client, Validators validators,
            std::uint16_t protocol_version = 1, std::vector<ParamChange> params = {});

/// Payments go on, each of them demanded, until the condition holds; false: five minutes went by.
template <class Condition>
bool pay_until(const MemberClient& client, Condition condition) {
    return eventually(
        [&] {
            client.must_open();
            return condition();
        },
        std::chrono::seconds(300));
}

/// The epoch that this node is in.
std::uint64_t epoch_of(const Devnet& devnet, std::size_t node);
/// HTTP status of /readyz is 200 within a minute or two.
bool becomes_ready(const Devnet& devnet, std::size_t node);

}  // namespace remit::test
