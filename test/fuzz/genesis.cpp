// A genesis file decides who may vote and who holds what: one encoding, and whatever is accepted
// makes a chain.
#include "ledger/genesis.h"

#include "node/storage/chain.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace remit;  // NOLINT(google-build-using-namespace)
    const auto bytes = fuzz::view_of(data, size);
    const auto genesis = ledger::decode_genesis(bytes);
    const auto chain = node::chain_of(bytes);
    fuzz::require(genesis.has_value() || !chain.has_value(),
                  "a chain comes from an accepted genesis alone");
    if (!genesis) {
        fuzz::require(!genesis.error().empty(), "a refusal says why");
        return 0;
    }
    fuzz::require(ledger::encode_genesis(*genesis) == bytes, "a genesis has one encoding");
    fuzz::require(ledger::check_genesis(*genesis).has_value(), "what is decoded was checked");
    if (!chain) {
        return 0;
    }
    fuzz::require(chain->id == ledger::chain_id_of(bytes), "the chain's id is the file's hash");
    fuzz::require(chain->params.acceptable(), "parameters out of bounds were accepted");
    fuzz::require(
        chain->validators.size() == genesis->validators.size() && chain->validators.size() > 0,
        "every validator votes");
    fuzz::require(chain->header.exec.state_root == chain->state_root,
                  "the first header names the first state");
    return 0;
}
