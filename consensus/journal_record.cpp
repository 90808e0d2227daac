#include "consensus/journal_record.h"

namespace remit::consensus {

void JournalRecord::write(Writer& writer) const {
    writer.u8(static_cast<std::uint8_t>(type)).u64(view).bytes(bytes);
}

JournalRecord JournalRecord::read(Reader& reader) {
    JournalRecord out;
    out.type = reader.enumerator(RecordType::votes_lost);
    if (out.type < RecordType::vote) {
        reader.fail();
    }
    out.view = reader.u64();
    out.bytes = reader.bytes(limits::message_bytes);
    return out;
}

JournalRecord record_of(const Vote& vote) {
    return {.type = RecordType::vote, .view = vote.view, .bytes = encode(vote)};
}
JournalRecord record_of(const Header& header) {
    return {.type = RecordType::header, .view = header.view, .bytes = encode(header)};
}
JournalRecord record_of(const Certificate& certificate) {
    return {
        .type = RecordType::certificate, .view = certificate.view, .bytes = encode(certificate)};
}

JournalRecord votes_lost_record(View view) {
    return {.type = RecordType::votes_lost, .view = view, .bytes = {}};
}

JournalRecord resume_record(View view) {
    return {.type = RecordType::resume, .view = view, .bytes = {}};
}

}  // namespace remit::consensus
