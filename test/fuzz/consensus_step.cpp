// One validator of four against a sequence of events that the input chooses: messages of the
// others (honest, lying, mangled), clocks, drains, executions, crashes. The judge is StepReplica.
#include <algorithm>

#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/fuzz/step/replica.h"
#include "test/fuzz/step/script.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::StepScript({data, size}).run();
    return 0;
}
