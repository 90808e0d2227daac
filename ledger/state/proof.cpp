#include "ledger/state/proof.h"

#include "ledger/base/codec.h"

namespace remit::ledger {

namespace {
constexpr std::uint8_t proof_version = 1;

bool bit_of(const Hash& path, std::uint8_t bit) {
    return ((path.data.at(bit / 8U) >> (7U - bit % 8U)) & 1U) != 0;
}

/// The root that the steps lead up to from `digest`, turning as `path` says.
Hash climb(const StateProof& proof, const Hash& path, Hash digest) {
    for (auto step = proof.steps.rbegin(); step != proof.steps.rend(); ++step) {
        digest = bit_of(path, step->bit) ? state_node_hash(step->bit, step->sibling, digest)
                                         : state_node_hash(step->bit, digest, step->sibling);
    }
    return digest;
}
}  // namespace

Hash state_path(ByteView key) {
    return hash(domain::state_key, key);
}

Hash state_value_digest(ByteView value) {
    return hash(domain::state_value, value);
}

Hash state_leaf_hash(const Hash& path, const Hash& value_digest) {
    return hash(domain::state_leaf, {path.view(), value_digest.view()});
}

Hash state_node_hash(std::uint8_t bit, const Hash& left, const Hash& right) {
    const auto bit_byte = static_cast<char>(bit);
    return hash(domain::state_node, {ByteView(&bit_byte, 1), left.view(), right.view()});
}

Hash empty_state_root() {
    return hash(domain::state_node, ByteView());
}

Bytes StateProof::encode() const {
    Writer out;
    out.u8(proof_version).u8(static_cast<std::uint8_t>(end));
    if (end == End::other_key) {
        out.fixed(other_path).fixed(other_value_digest);
    }
    out.u16(static_cast<std::uint16_t>(steps.size()));
    for (const Step& step : steps) {
        out.u8(step.bit).fixed(step.sibling);
    }
    return out.take();
}

std::optional<StateProof> StateProof::decode(ByteView bytes) {
    Reader in(bytes);
    StateProof out;
    if (in.u8() != proof_version) {
        return std::nullopt;
    }
    out.end = in.enumerator(End::other_key);
    if (out.end == End::other_key) {
        out.other_path = in.fixed<Hash>();
        out.other_value_digest = in.fixed<Hash>();
    }
    const auto count = in.u16();
    if (count > steps_max || (out.end == End::empty_tree && count != 0)) {
        return std::nullopt;
    }
    for (std::uint16_t i = 0; i < count && in.ok(); ++i) {
        Step step;
        step.bit = in.u8();
        step.sibling = in.fixed<Hash>();
        if (!out.steps.empty() && step.bit <= out.steps.back().bit) {
            return std::nullopt;
        }
        out.steps.push_back(step);
    }
    if (!in.done()) {
        return std::nullopt;
    }
    return out;
}

bool verify_state(const Hash& root, ByteView key, std::optional<ByteView> value, ByteView proof) {
    const auto decoded = StateProof::decode(proof);
    if (!decoded) {
        return false;
    }
    const Hash path = state_path(key);
    switch (decoded->end) {
        case StateProof::End::empty_tree:
            return !value && root == empty_state_root();
        case StateProof::End::this_key:
            return value &&
                   climb(*decoded, path, state_leaf_hash(path, state_value_digest(*value))) == root;
        case StateProof::End::other_key:
            // A walk by the key's own turns that ends at another leaf: were the key in the tree,
            // the same turns would have ended at it.
            return !value && decoded->other_path != path &&
                   climb(*decoded, path,
                         state_leaf_hash(decoded->other_path, decoded->other_value_digest)) == root;
    }
    return false;
}

Hash receipt_leaf_hash(ByteView receipt) {
    return hash(domain::receipt_leaf, receipt);
}

Hash receipt_node_hash(const Hash& left, const Hash& right) {
    return hash(domain::receipt_node, {left.view(), right.view()});
}

Hash empty_receipts_tree_root() {
    return hash(domain::receipt_node, ByteView());
}

Hash receipts_root(const Hash& previous, std::uint32_t count, const Hash& tree_root) {
    const Bytes count_bytes = Writer().u32(count).take();
    return hash(domain::receipts, {previous.view(), count_bytes, tree_root.view()});
}

Bytes ReceiptProof::encode() const {
    Writer out;
    out.u8(proof_version).u32(index).u32(count).fixed(previous_root);
    out.u8(static_cast<std::uint8_t>(siblings.size()));
    for (const Hash& sibling : siblings) {
        out.fixed(sibling);
    }
    return out.take();
}

std::optional<ReceiptProof> ReceiptProof::decode(ByteView bytes) {
    Reader in(bytes);
    ReceiptProof out;
    if (in.u8() != proof_version) {
        return std::nullopt;
    }
    out.index = in.u32();
    out.count = in.u32();
    out.previous_root = in.fixed<Hash>();
    const auto siblings = in.u8();
    if (siblings > siblings_max || out.index >= out.count) {
        return std::nullopt;
    }
    for (std::uint8_t i = 0; i < siblings && in.ok(); ++i) {
        out.siblings.push_back(in.fixed<Hash>());
    }
    if (!in.done()) {
        return std::nullopt;
    }
    return out;
}

std::optional<Hash> receipts_root_of(ByteView receipt, ByteView proof) {
    const auto decoded = ReceiptProof::decode(proof);
    if (!decoded) {
        return std::nullopt;
    }
    Hash digest = receipt_leaf_hash(receipt);
    std::uint64_t index = decoded->index;
    std::uint64_t width = decoded->count;
    auto sibling = decoded->siblings.begin();
    for (; width > 1; index /= 2, width = (width + 1) / 2) {
        if (index % 2 == 0 && index + 1 == width) {
            continue;  // no partner: moves up as it is
        }
        if (sibling == decoded->siblings.end()) {
            return std::nullopt;
        }
        digest = index % 2 == 0 ? receipt_node_hash(digest, *sibling)
                                : receipt_node_hash(*sibling, digest);
        ++sibling;
    }
    if (sibling != decoded->siblings.end()) {
        return std::nullopt;
    }
    return receipts_root(decoded->previous_root, decoded->count, digest);
}

}  // namespace remit::ledger
