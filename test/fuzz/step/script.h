#pragma once

#include "test/fuzz/input.h"
#include "test/fuzz/step/replica.h"
#include "test/fuzz/step/world.h"

namespace remit::fuzz {

/// Turns the bytes of an input into events. The first byte picks who is fuzzed and who lies; then
/// each event is one byte and the choices it needs.
class StepScript {
public:
    explicit StepScript(Input input);
    void run();

private:
    static constexpr int events_max = 96;

    void one_event(std::uint8_t kind);
    // Choices.
    ValidatorIndex peer();
    View near_view();
    std::size_t recent_header();
    std::size_t recent_final();
    BatchHandle recent_batch();
    // The others' messages (messages.cpp).
    void proposal();
    Header header_on(std::size_t parent, View view);
    void spoil(Header& header);
    Justification justification(std::size_t header);
    void vote();
    void certificate();
    void batch();
    void ack();
    void offer();
    void execution_vote();
    void execution_certificate();
    void request();
    void headers_answer();
    void blocks_answer();
    void certificates_answer();
    void known_batch();
    void status();
    void mangled();
    // Short cuts into depth.
    void finalise_newest();
    void nullify_view();
    void nullify(View view);
    void whole_view();
    // The host.
    void submit();
    void crash();

    Input input_;
    StepWorld world_;
    StepReplica replica_;
    std::uint64_t next_token_ = 1;
};

}  // namespace remit::fuzz
