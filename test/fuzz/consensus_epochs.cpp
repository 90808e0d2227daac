// Five validators through changes of the set: the input says who joins, leaves and rotates a key,
// then what happens to the network while short epochs end: cuts, crashes, messages that come again
// late, one validator that signs anything or one that loses its votes. Afterwards all hear each
// other, and what everybody is asked must be executed everywhere.
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/fuzz/step/epochs_script.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::EpochsScript({data, size}).run();
    return 0;
}
