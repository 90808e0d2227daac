#pragma once

namespace remit::bench {

/// Signatures this machine verifies a second when it does nothing else: libsodium on every core at
/// once, for about half a second. What a network of signed remittances can at most come near.
double verifications_per_second();

}  // namespace remit::bench
