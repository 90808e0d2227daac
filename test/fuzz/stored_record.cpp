// Values of the database: every record of the key schema and what the node keeps beside them.
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/fuzz/stored_records.h"

namespace remit::fuzz {
namespace {

template <class T>
void one(ByteView bytes) {
    if constexpr (NodeRecord<T>) {
        if (const auto record = consensus::decode<T>(bytes)) {
            require(consensus::encode(*record) == bytes, "a stored value has one encoding");
        }
    } else {
        if (const auto record = ledger::decode<T>(bytes)) {
            require(ledger::encode(*record) == bytes, "a record has one encoding");
        }
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

void run(Input input) {
    const auto index = input.below(std::tuple_size_v<StoredRecords>);
    pick(index, input.rest());
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run({data, size});
    return 0;
}
