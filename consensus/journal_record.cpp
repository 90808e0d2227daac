#include "consensus/journal_record.h"

namespace remit::consensus {

void JournalRecord::write(Writer& writer) const {
    writer.u8(static_cast<std::uint8_t>(type)).u64(epoch).u64(view).bytes(bytes);
}

JournalRecord JournalRecord::read(Reader& reader) {
    JournalRecord out;
    out.type = reader.enumerator(RecordType::hand_over);
    if (out.type < RecordType::vote) {
        reader.fail();
    }
    out.epoch = reader.u64();
    out.view = reader.u64();
    out.bytes = reader.bytes(limits::message_bytes);
    return out;
}

JournalRecord record_of(const Vote& vote) {
    return {
        .type = RecordType::vote, .epoch = vote.epoch, .view = vote.view, .bytes = encode(vote)};
}
JournalRecord record_of(const Header& header) {
    return {.type = RecordType::header,
            .epoch = header.epoch,
            .view = header.view,
            .bytes = encode(header)};
}
JournalRecord record_of(const Certificate& certificate) {
    return {.type = RecordType::certificate,
            .epoch = certificate.epoch,
            .view = certificate.view,
            .bytes = encode(certificate)};
}

JournalRecord votes_lost_record(Epoch epoch, View view) {
    return {.type = RecordType::votes_lost, .epoch = epoch, .view = view, .bytes = {}};
}

JournalRecord resume_record(Epoch epoch, View view) {
    return {.type = RecordType::resume, .epoch = epoch, .view = view, .bytes = {}};
}

JournalRecord record_of(const HandOver& hand_over) {
    return {.type = RecordType::hand_over,
            .epoch = hand_over.epoch(),
            .view = 0,
            .bytes = encode(hand_over)};
}

}  // namespace remit::consensus
