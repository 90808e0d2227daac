// Values of the database: every record of the key schema and what the node keeps beside them.
#include "node/storage/block_store.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/fuzz/stored_records.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

template <class T>
void one(ByteView bytes) {
    if (const auto record = decode<T>(bytes)) {
        require(encode(*record) == bytes, "a record has one encoding");
    }
}

template <std::size_t Index = 0>
void pick(std::size_t index, ByteView bytes) {
    if constexpr (Index < std::tuple_size_v<StoredRecords>) {
        if (index == Index) {
            one<std::tuple_element_t<Index, StoredRecords>>(bytes);
        } else {
            pick<Index + 1>(index, bytes);
        }
    }
}

template <class T>
void stored(ByteView bytes) {
    if (const auto record = consensus::decode<T>(bytes)) {
        require(consensus::encode(*record) == bytes, "a stored value has one encoding");
    }
}

void run(Input input) {
    constexpr auto records = std::tuple_size_v<StoredRecords>;
    const auto index = input.below(records + 2);
    if (index < records) {
        pick(index, input.rest());
    } else if (index == records) {
        stored<node::ExecutedBlockRecord>(input.rest());
    } else {
        stored<node::TransactionPlace>(input.rest());
    }
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run({data, size});
    return 0;
}
