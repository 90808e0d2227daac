#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/certificate.h"
#include "consensus/header.h"
#include "consensus/messages.h"

namespace remit::consensus {

struct Block {
    Header header;
    Hash digest;
};

/// The finalised floor, what is known above it (headers by digest, certificates by view), and the
/// names of the last W finalised heights, which judge repeated batches. Certificates in here were
/// verified by the caller.
class BlockTree {
public:
    /// `root` is of view 0.
    BlockTree(Block root, Height window);

    [[nodiscard]] const Block& floor() const { return floor_; }
    [[nodiscard]] const Hash& root_digest() const { return root_digest_; }
    /// The floor or a header above it.
    [[nodiscard]] const Block* find(const Hash& digest) const;
    /// Keeps a header of a view above the floor's. True if it is new.
    bool add_header(const Header& header);

    [[nodiscard]] const Certificate* certificate(VoteKind kind, View view) const;
    /// Finalization, else Notarization of this view: what makes a block of it a parent.
    [[nodiscard]] const Certificate* parent_certificate(View view) const;
    /// Finalization, else Nullification, else Notarization: what lets one leave this view.
    [[nodiscard]] const Certificate* entry_certificate(View view) const;
    /// True if it is new and of the floor's view or above.
    bool add_certificate(const Certificate& certificate);
    /// Highest view with a certificate; the floor's view if there is none above.
    [[nodiscard]] View highest_certified() const;
    /// Certificates of views from..to, at most `count_max`.
    [[nodiscard]] std::vector<Certificate> certificates(View from, View to,
                                                        std::size_t count_max) const;
    /// Notarizations or Finalizations above the floor, ascending.
    [[nodiscard]] std::vector<const Certificate*> above_floor(VoteKind kind) const;

    /// The way from the floor up to a block.
    struct Path {
        enum class State : std::uint8_t { complete, header_missing, not_on_floor };
        State state = State::complete;
        Hash missing;  ///< digest of the header to fetch
        /// So many headers are held above the missing one that the floor should come nearer by
        /// ranges of blocks first: fetching backwards holds the whole way in memory.
        bool far = false;
        /// Above the floor, ascending, if complete; if not on the floor, those that lead past it,
        /// descending.
        std::vector<const Block*> blocks;
    };
    [[nodiscard]] Path path_to(const Hash& digest) const;

    /// The floor is the epoch's last block: the way up from it to one that has a Finalization.
    struct Covering {
        std::vector<Header> headers;  ///< the floor's first
        Certificate finalization;
    };
    [[nodiscard]] std::optional<Covering> covering() const;

    /// The parent that view `view` must build on, as far as the certificates tell.
    struct Parent {
        enum class State : std::uint8_t { found, certificate_missing, header_missing };
        State state = State::found;
        View view = 0;  ///< of the parent, or of the missing certificate
        Hash digest;    ///< of the parent, if known
        const Block* block = nullptr;
    };
    [[nodiscard]] Parent parent_for(View view) const;

    /// Makes the last of these consecutive blocks (the first on top of the floor) the floor.
    void advance(const std::vector<Block>& blocks);
    /// Recovery: this finalised block is the floor.
    void restart_at(const Block& block, const std::optional<Certificate>& finalization);
    /// Recovery: the names of a finalised block at or below the floor.
    void remember(const Header& header, const Hash& digest);
    /// Recovery: a batch that a block at or below this height named; before `restart_at`.
    void remember_name(const Hash& batch, Height height);

    /// Named by a finalised block of the last W heights.
    [[nodiscard]] bool named_finalised(const Hash& batch) const;
    /// Some finalised height in (above, up_to] carried batches.
    [[nodiscard]] bool carried_batches(Height above, Height up_to) const;
    /// Digest of a recent finalised height.
    [[nodiscard]] std::optional<Hash> finalised_digest(Height height) const;
    /// Changes with everything in here.
    [[nodiscard]] std::uint64_t version() const { return version_; }

private:
    struct Certificates {
        std::optional<Certificate> notarization;
        std::optional<Certificate> nullification;
        std::optional<Certificate> finalization;
    };
    [[nodiscard]] static const std::optional<Certificate>& slot(const Certificates& all,
                                                                VoteKind kind);
    void prune();

    Hash root_digest_;
    Block floor_;
    Height window_;
    std::map<Hash, Block> headers_;
    std::map<View, Certificates> certificates_;
    std::map<Hash, Height> named_;
    std::map<Height, std::vector<Hash>> names_at_;
    std::map<Height, Hash> digests_;
    std::uint64_t version_ = 0;
};

}  // namespace remit::consensus
