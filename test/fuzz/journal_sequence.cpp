// The vote journal against a list in memory, through syncs, power cuts and damage: what was synced
// is found in its order after any cut, and damage of it is refused, never passed over.
#include <optional>

#include "node/storage/vote_journal.h"
#include "test/fuzz/fixed_random.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/support/node/memory_disk.h"

namespace remit::fuzz {
namespace {

using namespace node;  // NOLINT(google-build-using-namespace)
using consensus::JournalRecord;

class JournalRun {
public:
    explicit JournalRun(Input input) : input_(input) { open(); }

    void run() {
        for (int step = 0; step < 64 && !input_.empty() && journal_; ++step) {
            switch (input_.below(8)) {
                case 0:
                case 1:
                case 2:
                    append();
                    break;
                case 3:
                    require(journal_->sync().has_value(), "a sound disk syncs");
                    last_group_ = written_.empty() ? last_group_ : written_.size();
                    count_as_synced();
                    break;
                case 4:
                    cut_power();
                    break;
                case 5:
                    prune();
                    break;
                case 6:
                    close();
                    break;
                default:
                    damage();
                    break;
            }
        }
    }

private:
    void append() {
        const auto count = 1 + input_.below(4);
        std::vector<JournalRecord> records;
        for (std::size_t i = 0; i < count; ++i) {
            records.push_back({.type = static_cast<consensus::RecordType>(1 + input_.below(3)),
                               .view = ++view_,
                               .bytes = Bytes(input_.below(200), static_cast<char>(view_))});
        }
        // A batch of this size may open a new segment, which syncs what was written before.
        const auto segments = journal_->segments();
        require(journal_->append(records, {}).has_value(), "a sound disk takes records");
        if (journal_->segments() > segments) {
            count_as_synced();
            last_group_ = 0;
        }
        written_.insert(written_.end(), records.begin(), records.end());
    }

    void count_as_synced() {
        synced_.insert(synced_.end(), written_.begin(), written_.end());
        written_.clear();
    }

    void prune() {
        const auto below = static_cast<consensus::View>(input_.u8());
        pruned_below_ = std::max(pruned_below_, below);
        require(journal_->prune(0, below, below).has_value(), "a sound disk prunes");
        last_group_ = 0;
    }

    void close() {
        require(journal_->close().has_value(), "a sound disk closes");
        count_as_synced();
        open();
    }

    void cut_power() {
        test::Prng random(input_.u64(), "power");
        journal_.reset();
        disk_.cut_power(random);
        open();
    }

    /// Flips bits of one durable byte, then opens. Refusing is right unless nothing that counts
    /// was touched; opening is right only if every synced record is still there.
    void damage() {
        const auto paths = disk_.paths();
        const auto& path = paths[input_.below(paths.size())];
        const auto size = disk_.bytes(path).size();
        const auto flip = static_cast<std::uint8_t>(input_.u8() | 1U);
        if (size == 0) {
            return;
        }
        journal_.reset();
        disk_.damage(path, input_.u16() % size, flip);
        damaged_ = true;
        open();
        damaged_ = false;
    }

    void open() {
        journal_.reset();
        auto opened = VoteJournal::open(
            disk_, random_, {.folder = "journal", .segment_bytes = 1024}, synced_.empty());
        if (!opened) {
            require(damaged_, "a journal that nobody damaged was refused");
            return;
        }
        check(opened->contents.records);
        require(damaged_ || opened->contents.boot_counter == boots_ + 1, "every start is counted");
        boots_ = opened->contents.boot_counter;
        synced_ = opened->contents.records;  // what was found counts as synced from here on
        written_.clear();
        last_group_ = 0;  // the mark covers all that was found
        journal_ = std::move(opened->journal);
    }

    /// What was found is: synced records (the front of them may have been pruned), then some of
    /// those that were only written.
    void check(const std::vector<JournalRecord>& found) const {
        auto expected = synced_;
        expected.insert(expected.end(), written_.begin(), written_.end());
        const View first = found.empty() ? pruned_below_ : found.front().view;
        std::size_t skipped = 0;
        while (skipped < synced_.size() && synced_[skipped].view < first) {
            require(synced_[skipped].view < pruned_below_, "a synced record is gone");
            ++skipped;
        }
        require(found.size() <= expected.size() - skipped, "records that were never written");
        require(std::equal(found.begin(), found.end(),
                           expected.begin() + static_cast<std::ptrdiff_t>(skipped)),
                "records changed or out of their order");
        // Damage in the last group, above the mark and with nothing behind it, looks like a group
        // that the power cut tore: the one loss that cannot be told.
        const auto untold = damaged_ && written_.empty() ? last_group_ : 0;
        require(found.size() + untold >= synced_.size() - skipped, "a synced record is gone");
    }

    using View = consensus::View;
    Input input_;
    test::MemoryDisk disk_;
    FixedRandom random_;
    std::unique_ptr<VoteJournal> journal_;
    std::vector<JournalRecord> synced_;
    std::vector<JournalRecord> written_;
    View view_ = 0;
    View pruned_below_ = 0;
    std::size_t last_group_ = 0;  // records of the last sync, if no mark was written since
    std::uint64_t boots_ = 0;
    bool damaged_ = false;
};

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::JournalRun({data, size}).run();
    return 0;
}
