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
    votes_lost = 5,  ///< a vote was signed that is not here: none until a resume record follows
    hand_over = 6,   ///< the way into its epoch; its view is 0
};

/// One record of the vote journal. The host frames it (length, CRC) and never looks inside.
/// Records of epochs and views below the durable block's may be pruned, whole segments at a time.
struct JournalRecord {
    RecordType type = RecordType::vote;
    Epoch epoch = 0;
    View view = 0;
    Bytes bytes;

    friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
    /// Type, epoch, view and bytes as one byte string, for hosts that store it so.
    void write(Writer& writer) const;
    static JournalRecord read(Reader& reader);
};

JournalRecord record_of(const Vote& vote);
JournalRecord record_of(const Header& header);
JournalRecord record_of(const Certificate& certificate);
/// No vote is signed in this epoch until a resume record of it follows; `view` is that of the vote
/// that was missed.
JournalRecord votes_lost_record(Epoch epoch, View view);
/// No vote is signed in views of this epoch below this one.
JournalRecord resume_record(Epoch epoch, View view);
JournalRecord record_of(const HandOver& hand_over);

/// View of a `votes_lost` record that says so of a whole epoch.
inline constexpr View any_view = std::numeric_limits<View>::max();

}  // namespace remit::consensus
