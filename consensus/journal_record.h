#pragma once

#include <optional>
#include <variant>

#include "consensus/messages.h"

namespace remit::consensus {

/// Numbers on disk: never reused.
enum class RecordType : std::uint8_t {
    vote = 1,
    header = 2,
    certificate = 3,
    resume = 4,      ///< votes were lost: none below its view
    votes_lost = 5,  ///< a peer showed a vote of this view that is not here: none until a `resume`
};

/// One record of the vote journal. The host frames it (length, CRC) and never looks inside.
/// Records of views below the durable block's view may be pruned, whole segments at a time.
struct JournalRecord {
    RecordType type = RecordType::vote;
    View view = 0;  ///< for pruning
    Bytes bytes;

    friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
    /// Type, view and bytes as one byte string, for hosts that store it so.
    void write(Writer& writer) const;
    static JournalRecord read(Reader& reader);
};

JournalRecord record_of(const Vote& vote);
JournalRecord record_of(const Header& header);
JournalRecord record_of(const Certificate& certificate);
/// No vote is signed until a resume record follows; `view` is that of the vote that was missed.
JournalRecord votes_lost_record(View view);
/// No vote is signed in views below this one.
JournalRecord resume_record(View view);

}  // namespace remit::consensus
