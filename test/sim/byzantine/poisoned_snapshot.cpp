#include "node/snapshot/manifest.h"
#include "test/sim/byzantine/actors.h"

// B20: gives whoever joins a snapshot that is none. Manifests altered in a bit, of a richer state
// under an honest certificate, under a certificate made to fit, or unasked; chunks cut, altered,
// exchanged or emptied; or nothing but honest words and then silence.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class PoisonedSnapshot final : public Actor {
public:
    using Actor::Actor;

    void begin() override {
        constexpr std::int64_t now_and_then_ms = 700;
        every(now_and_then_ms, [this] { say_unasked(); });
    }

private:
    void on_send(std::size_t to, const Message& message) override {
        if (const auto* answer = std::get_if<SnapshotAnswer>(&message)) {
            answer_ = *answer;
            // Who is never believed is never asked for chunks.
            constexpr std::uint64_t manifest_lies = 400'000;
            send(to, random_.chance(manifest_lies) ? altered(*answer) : *answer);
        } else if (const auto* chunk = std::get_if<ChunkAnswer>(&message);
                   chunk != nullptr && !chunk->bytes.empty()) {
            lie_in_chunk(to, *chunk);
        } else {
            send(to, message);
        }
    }
    SnapshotAnswer altered(SnapshotAnswer lie) {
        misdeed();
        auto manifest = decode<node::SnapshotManifest>(lie.manifest);
        const auto kind = random_.below(5);
        if (kind == 0 || !manifest || manifest->chunks.empty()) {
            flip(lie.manifest);
        } else if (kind == 1) {
            lie.manifest.resize(random_.below(lie.manifest.size()));
        } else {
            // A state of its own making: everything fits but what q executors signed.
            auto& chunk = manifest->chunks[random_.below(manifest->chunks.size())];
            chunk.hash = some_hash();
            lie.manifest = encode(*manifest);
            if (kind == 3) {
                lie.execution.result.snapshot_root = node::snapshot_root_of(lie.manifest);
            } else if (kind == 4) {
                lie.anchor.exec.snapshot_root = node::snapshot_root_of(lie.manifest);
                lie.execution.result = lie.anchor.exec;
                lie.finalization.digest = lie.anchor.digest();
            }
        }
        return lie;
    }
    void lie_in_chunk(std::size_t to, ChunkAnswer lie) {
        const auto honest = lie;
        switch (random_.below(7)) {
            case 0:
                flip(lie.bytes);
                break;
            case 1:
                lie.bytes.resize(random_.below(lie.bytes.size()) + 1);
                lie.bytes.pop_back();
                break;
            case 2:
                lie.bytes += 'x';
                break;
            case 3:
                lie.bytes = chunks_.empty() ? Bytes(1, '\0') : chunks_.begin()->second;
                break;
            case 4:
                lie.bytes = enriched(lie.bytes);
                break;
            case 5:
                lie.index += 1;
                break;
            default:  // silence: it is asked of the next one when the time is over
                misdeed();
                return;
        }
        chunks_.emplace(honest.index, honest.bytes);
        if (lie.bytes != honest.bytes || lie.index != honest.index) {
            misdeed();
        }
        send(to, lie);
    }
    /// The same records with another value in one of them, well encoded.
    Bytes enriched(const Bytes& bytes) {
        auto chunk = decode<node::SnapshotChunk>(bytes);
        if (!chunk) {
            return Bytes(1, '\0');
        }
        auto& value = chunk->records[random_.below(chunk->records.size())].second;
        value.empty() ? value.push_back('\x01') : flip(value);
        return encode(*chunk);
    }
    void say_unasked() {
        if (answer_) {
            misdeed();
            const auto told = altered(*answer_);
            send(any_other(), told);
        }
        if (!chunks_.empty() && answer_) {
            send(any_other(),
                 ChunkAnswer{.snapshot_root = node::snapshot_root_of(answer_->manifest),
                             .index = chunks_.begin()->first,
                             .bytes = Bytes(32, 'x')});
        }
    }
    void flip(Bytes& bytes) {
        auto& byte = bytes[random_.below(bytes.size())];
        byte = static_cast<char>(byte ^ static_cast<char>(1U << random_.below(7)));
    }

    std::optional<SnapshotAnswer> answer_;
    std::map<std::uint32_t, Bytes> chunks_;
};
}  // namespace

std::unique_ptr<Actor> poisoned_snapshot(Seat seat) {
    return std::make_unique<PoisonedSnapshot>(std::move(seat));
}

}  // namespace remit::sim
