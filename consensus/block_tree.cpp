#include "consensus/block_tree.h"

#include <algorithm>
#include <utility>

#include "ledger/base/check.h"

namespace remit::consensus {

namespace {
constexpr std::size_t headers_ahead_max = 4096;
}  // namespace

BlockTree::BlockTree(Block root, Height window)
    : root_digest_(root.digest), floor_(std::move(root)), window_(window) {
    digests_[floor_.header.height] = root_digest_;
}

const Block* BlockTree::find(const Hash& digest) const {
    if (digest == floor_.digest) {
        return &floor_;
    }
    const auto found = headers_.find(digest);
    return found == headers_.end() ? nullptr : &found->second;
}

bool BlockTree::add_header(const Header& header) {
    if (header.view <= floor_.header.view) {
        return false;
    }
    const auto digest = header.digest();
    const bool fresh = headers_.emplace(digest, Block{header, digest}).second;
    version_ += fresh ? 1 : 0;
    return fresh;
}

const std::optional<Certificate>& BlockTree::slot(const Certificates& all, VoteKind kind) {
    return kind == VoteKind::notarize  ? all.notarization
           : kind == VoteKind::nullify ? all.nullification
                                       : all.finalization;
}

const Certificate* BlockTree::certificate(VoteKind kind, View view) const {
    const auto found = certificates_.find(view);
    if (found == certificates_.end()) {
        return nullptr;
    }
    const auto& held = slot(found->second, kind);
    return held ? &*held : nullptr;
}

const Certificate* BlockTree::parent_certificate(View view) const {
    const auto* finalization = certificate(VoteKind::finalize, view);
    return finalization != nullptr ? finalization : certificate(VoteKind::notarize, view);
}

const Certificate* BlockTree::entry_certificate(View view) const {
    for (const auto kind : {VoteKind::finalize, VoteKind::nullify, VoteKind::notarize}) {
        if (const auto* held = certificate(kind, view)) {
            return held;
        }
    }
    return nullptr;
}

bool BlockTree::add_certificate(const Certificate& certificate) {
    if (certificate.view < floor_.header.view || certificate.view == 0 ||
        this->certificate(certificate.kind, certificate.view) != nullptr) {
        return false;
    }
    auto& all = certificates_[certificate.view];
    auto& held = certificate.kind == VoteKind::notarize  ? all.notarization
                 : certificate.kind == VoteKind::nullify ? all.nullification
                                                         : all.finalization;
    held = certificate;
    ++version_;
    return true;
}

View BlockTree::highest_certified() const {
    return certificates_.empty() ? floor_.header.view
                                 : std::max(floor_.header.view, certificates_.rbegin()->first);
}

std::vector<Certificate> BlockTree::certificates(View from, View to, std::size_t count_max) const {
    std::vector<Certificate> out;
    for (auto each = certificates_.lower_bound(from);
         each != certificates_.end() && each->first <= to; ++each) {
        for (const auto kind : {VoteKind::finalize, VoteKind::notarize, VoteKind::nullify}) {
            const auto& held = slot(each->second, kind);
            if (held && out.size() < count_max) {
                out.push_back(*held);
            }
        }
    }
    return out;
}

std::vector<const Certificate*> BlockTree::above_floor(VoteKind kind) const {
    std::vector<const Certificate*> out;
    for (auto each = certificates_.upper_bound(floor_.header.view); each != certificates_.end();
         ++each) {
        if (const auto& held = slot(each->second, kind)) {
            out.push_back(&*held);
        }
    }
    return out;
}

BlockTree::Path BlockTree::path_to(const Hash& digest) const {
    Path path;
    Hash next = digest;
    // A closing block stands at its parent's height.
    const auto wrong_height = [&path](Height height) {
        if (path.blocks.empty()) {
            return false;
        }
        const auto& child = path.blocks.back()->header;
        return child.height != height + (child.is_closing() ? 0 : 1);
    };
    while (next != floor_.digest) {
        const auto found = headers_.find(next);
        if (found == headers_.end()) {
            return {.state = Path::State::header_missing,
                    .missing = next,
                    .far = path.blocks.size() >= headers_ahead_max,
                    .blocks = {}};
        }
        const auto& block = found->second;
        const auto lowest = floor_.header.height + (block.header.is_closing() ? 0 : 1);
        const bool wrong = block.header.height < lowest || wrong_height(block.header.height) ||
                           block.header.parent_view >= block.header.view;
        path.blocks.push_back(&block);
        // A header at or below the floor's view is never held: its child tells enough.
        if (wrong || (block.header.parent_view <= floor_.header.view &&
                      block.header.parent_digest != floor_.digest)) {
            path.state = Path::State::not_on_floor;
            return path;
        }
        next = block.header.parent_digest;
    }
    if (wrong_height(floor_.header.height)) {
        path.state = Path::State::not_on_floor;
        return path;
    }
    std::reverse(path.blocks.begin(), path.blocks.end());
    return path;
}

std::optional<BlockTree::Covering> BlockTree::covering() const {
    std::vector<const Certificate*> candidates;
    if (const auto* own = certificate(VoteKind::finalize, floor_.header.view)) {
        candidates.push_back(own);
    }
    const auto above = above_floor(VoteKind::finalize);
    candidates.insert(candidates.end(), above.begin(), above.end());
    for (const auto* each : candidates) {
        const auto path = path_to(each->digest);
        if (path.state != Path::State::complete || path.blocks.size() >= limits::closing_headers) {
            continue;
        }
        Covering out{.headers = {floor_.header}, .finalization = *each};
        for (const auto* block : path.blocks) {
            out.headers.push_back(block->header);
        }
        return out;
    }
    return std::nullopt;
}

BlockTree::Parent BlockTree::parent_for(View view) const {
    for (View u = view - 1; u > floor_.header.view; --u) {
        if (const auto* parent = parent_certificate(u)) {
            const auto* block = find(parent->digest);
            return {
                .state = block != nullptr ? Parent::State::found : Parent::State::header_missing,
                .view = u,
                .digest = parent->digest,
                .block = block};
        }
        if (certificate(VoteKind::nullify, u) == nullptr) {
            return {.state = Parent::State::certificate_missing,
                    .view = u,
                    .digest = {},
                    .block = nullptr};
        }
    }
    const bool certified =
        floor_.header.view == 0 || parent_certificate(floor_.header.view) != nullptr;
    return {.state = certified ? Parent::State::found : Parent::State::certificate_missing,
            .view = floor_.header.view,
            .digest = floor_.digest,
            .block = &floor_};
}

void BlockTree::remember(const Header& header, const Hash& digest) {
    digests_[header.height] = digest;
    for (const auto& entry : header.batches) {
        named_[entry.digest] = header.height;
        names_at_[header.height].push_back(entry.digest);
    }
    ++version_;
}

void BlockTree::remember_name(const Hash& batch, Height height) {
    if (named_.emplace(batch, height).second) {
        names_at_[height].push_back(batch);
    }
    ++version_;
}

void BlockTree::advance(const std::vector<Block>& blocks) {
    CHECK(!blocks.empty());
    CHECK(blocks.front().header.parent_digest == floor_.digest);
    for (const auto& block : blocks) {
        CHECK(block.header.height == floor_.header.height + 1);
        remember(block.header, block.digest);
        floor_ = block;
    }
    prune();
}

void BlockTree::restart_at(const Block& block, const std::optional<Certificate>& finalization) {
    floor_ = block;
    remember(block.header, block.digest);
    prune();
    if (finalization) {
        add_certificate(*finalization);
    }
}

void BlockTree::prune() {
    const auto view = floor_.header.view;
    certificates_.erase(certificates_.begin(), certificates_.lower_bound(view));
    std::erase_if(headers_, [view](const auto& each) { return each.second.header.view <= view; });
    if (floor_.header.height <= window_) {
        return;
    }
    const auto oldest = floor_.header.height - window_;
    for (auto each = names_at_.begin(); each != names_at_.end() && each->first < oldest;
         each = names_at_.erase(each)) {
        for (const auto& name : each->second) {
            named_.erase(name);
        }
    }
    digests_.erase(digests_.begin(), digests_.lower_bound(oldest));
}

bool BlockTree::named_finalised(const Hash& batch) const {
    return named_.contains(batch);
}

bool BlockTree::carried_batches(Height above, Height up_to) const {
    const auto found = names_at_.upper_bound(above);
    return found != names_at_.end() && found->first <= up_to;
}

std::optional<Hash> BlockTree::finalised_digest(Height height) const {
    const auto found = digests_.find(height);
    return found == digests_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace remit::consensus
