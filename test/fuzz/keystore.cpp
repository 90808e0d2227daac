// A keystore has one encoding and never a cost that is too low or too high. The passphrase is not
// tried: argon2id would take all the time.
#include "node/seams/keystore.h"

#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace remit;        // NOLINT(google-build-using-namespace)
    using namespace remit::node;  // NOLINT(google-build-using-namespace)
    const auto bytes = fuzz::view_of(data, size);
    const auto keystore = Keystore::decode(bytes);
    if (!keystore) {
        fuzz::require(!keystore.error().text.empty(), "a refusal says why");
        return 0;
    }
    fuzz::require(Keystore::is_one(bytes), "a keystore is told from a plain key file");
    fuzz::require(keystore->encode() == bytes, "one encoding");
    const auto& cost = keystore->cost;
    fuzz::require(
        cost.passes >= keystore_cost_min.passes && cost.memory_mib >= keystore_cost_min.memory_mib,
        "no key that is cheap to guess");
    fuzz::require(
        cost.passes <= keystore_cost_max.passes && cost.memory_mib <= keystore_cost_max.memory_mib,
        "no header that costs the host more than allowed");
    fuzz::require(bytes.size() == Keystore::file_size, "no bytes more or less");
    return 0;
}
