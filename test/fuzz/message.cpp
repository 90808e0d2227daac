// What a peer may send: a message decodes from its canonical bytes alone.
#include "consensus/messages.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace remit;  // NOLINT(google-build-using-namespace)
    const auto bytes = fuzz::view_of(data, size);
    const auto message = consensus::decode_message(bytes);
    if (!message) {
        return 0;
    }
    fuzz::require(consensus::encode_message(*message) == bytes, "a message has one encoding");
    fuzz::require(!consensus::name_of(*message).empty(), "a message has a name");
    if (const auto* batch = std::get_if<consensus::BatchHandle>(&*message)) {
        fuzz::require(*batch != nullptr, "a decoded batch is never null");
        fuzz::require((*batch)->entry().digest == (*batch)->digest(), "an entry names its batch");
    }
    return 0;
}
