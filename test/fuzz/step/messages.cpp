#include <algorithm>

#include "test/fuzz/step/script.h"

// What the other three validators say.

namespace remit::fuzz {

Header StepScript::header_on(std::size_t parent, View view) {
    const auto& before = world_.headers()[parent].header;
    Header out;
    out.epoch = 1;
    out.view = view;
    out.height = before.height + 1;
    out.leader = world_.leader(view);
    out.parent_view = before.view;
    out.parent_digest = world_.headers()[parent].digest;
    out.time_ms = std::max(before.time_ms + 1, replica_.wall_ms() + input_.u8() * 16 - 2048);
    out.exec = before.exec;
    out.params_hash = step_chain().params.hash();
    out.leader_schedule_hash = world_.schedule_hash();
    if (input_.flag()) {
        const auto anchor = world_.result_of(recent_final());
        if (anchor.height > out.exec.height && anchor.height < out.height) {
            out.exec = anchor;
        }
    }
    const auto batches = input_.below(4);
    for (std::size_t i = 0; i < batches; ++i) {
        const auto batch = recent_batch();
        if (batch && out.height - out.exec.height <= step_chain().params.lag_max &&
            !world_.named_on_chain(parent, batch->digest())) {
            out.batches.push_back(batch->entry());
        }
    }
    return out;
}

/// One field becomes what no honest leader writes.
void StepScript::spoil(Header& header) {
    switch (input_.below(16)) {
        case 0:
            header.version = input_.u16();
            break;
        case 1:
            header.epoch = input_.u64();
            break;
        case 2:
            header.height += input_.u64();
            break;
        case 3:
            header.leader = input_.u16();
            break;
        case 4:
            header.parent_view = input_.u64();
            break;
        case 5:
            header.parent_digest.data[0] ^= 1;
            break;
        case 6:
            header.time_ms = static_cast<std::int64_t>(input_.u64());
            break;
        case 7:
            header.exec.height = input_.u64();
            break;
        case 8:
            header.exec.state_root.data[0] ^= 1;
            break;
        case 9:
            header.params_hash.data[0] ^= 1;
            break;
        case 10:
            header.leader_schedule_hash.data[0] ^= 1;
            break;
        case 11:
            header.flags = input_.u8();
            break;
        case 12:
            header.batches.push_back({.digest = remit::hash(domain::batch, "no such batch"),
                                      .author = input_.u16(),
                                      .expires_height = input_.u64(),
                                      .bytes = input_.u16()});
            break;
        case 13:
            if (!header.batches.empty()) {
                header.batches.push_back(header.batches.front());
            }
            break;
        case 14:
            if (!header.batches.empty()) {
                header.batches.front().expires_height += input_.u8();
            }
            break;
        default:
            if (!header.batches.empty()) {
                header.batches.front().bytes = input_.u16();
            }
            break;
    }
}

Justification StepScript::justification(std::size_t header) {
    Justification out;
    const auto& known = world_.headers()[header];
    const auto parent = world_.find(known.header.parent_digest);
    const auto left_out = input_.u8();
    if (!parent || known.header.parent_view >= known.header.view) {
        return out;
    }
    const auto& before = world_.headers()[*parent];
    if ((left_out & 1U) == 0 && *parent != 0) {
        out.parent = world_.certificate(VoteKind::finalize, before.header.view, before.digest);
        if (!out.parent) {
            out.parent = world_.certificate(VoteKind::notarize, before.header.view, before.digest);
        }
    }
    for (View skipped = before.header.view + 1;
         skipped < known.header.view && out.nullifications.size() < limits::skipped_views;
         ++skipped) {
        const auto proof = world_.certificate(VoteKind::nullify, skipped, Hash{});
        if (proof && (left_out & 2U) == 0) {
            out.nullifications.push_back(*proof);
        }
    }
    if (known.sound && known.header.exec != before.header.exec && (left_out & 4U) == 0) {
        out.execution = world_.execution_certificate(known.header.exec);
    }
    for (const auto& batch : world_.batches()) {
        const auto entry = batch->entry();
        const auto& named = known.header.batches;
        if ((left_out & 8U) != 0 && std::find(named.begin(), named.end(), entry) != named.end()) {
            out.availability.push_back(world_.availability(entry));
        }
    }
    return out;
}

void StepScript::proposal() {
    const auto view = near_view();
    const auto leader = world_.leader(view);
    const auto from = peer();
    if (leader == world_.self()) {
        return;
    }
    // Now and then the second of a view, or one that was made before.
    const auto how = input_.u8();
    auto index = recent_header();
    if (how % 4 != 0 || world_.headers()[index].header.leader != leader || index == 0) {
        auto header = header_on(how % 8 == 1 ? recent_header() : world_.final_chain().back(), view);
        if (how % 8 >= 5) {
            const auto newest = world_.headers().size() - 1;
            header = world_.headers()[newest].header.view < view ? header_on(newest, view) : header;
        }
        if (how >= 192 && !world_.honest(leader)) {
            spoil(header);
        }
        index = world_.add_header(header);
    }
    const auto known = world_.headers()[index];
    const auto vote = world_.vote(leader, VoteKind::notarize, known.header.view, known.digest);
    if (!vote || world_.leader(known.header.view) != leader) {
        return;
    }
    Proposal out{.header = known.header,
                 .leader_signature = vote->signature,
                 .justification = justification(index),
                 .inline_batch = nullptr};
    for (const auto& batch : world_.batches()) {
        if (input_.rest().size() % 2 == 0 && batch->author == leader) {
            out.inline_batch = batch;
        }
    }
    replica_.deliver(from, out, known.sound);
}

void StepScript::vote() {
    const auto from = peer();
    const auto kind = static_cast<VoteKind>(1 + input_.below(3));
    const auto& known = world_.headers()[recent_header()];
    const auto view = kind == VoteKind::nullify ? near_view() : known.header.view;
    const auto digest = kind == VoteKind::nullify ? Hash{} : known.digest;
    auto out = world_.vote(from, kind, view, digest);
    if (!out) {
        return;
    }
    const auto how = input_.u8();
    if (how < 8) {
        out->signature.data[how] ^= 1;
    } else if (how < 12 && !world_.honest(from)) {
        out = world_.vote(from, kind, view + how, Hash{});
    } else if (how < 16) {
        out->signer = static_cast<ValidatorIndex>(how % 5);
    }
    replica_.deliver(from, *out, how >= 16);
}

void StepScript::certificate() {
    const auto from = peer();
    const auto kind = static_cast<VoteKind>(1 + input_.below(3));
    const auto& known = world_.headers()[recent_header()];
    const auto view = kind == VoteKind::nullify ? near_view() : known.header.view;
    const auto digest = kind == VoteKind::nullify ? Hash{} : known.digest;
    const auto how = input_.u8();
    if ((how & 1U) != 0) {
        for (const auto each : world_.peers()) {
            static_cast<void>(world_.vote(each, kind, view, digest));
        }
    }
    if (auto sound = world_.certificate(kind, view, digest, how / 2)) {
        replica_.deliver(from, *sound, true);
        return;
    }
    // Too few, or one twice: what only a liar sends.
    auto few = step_chain().certificate(kind, view, digest, {world_.liar()});
    if ((how & 2U) != 0) {
        few.signers.signatures.resize(3, few.signers.signatures.front());
        few.signers.bitmap[0] = static_cast<char>(input_.u8());
    }
    replica_.deliver(from, few, false);
}

void StepScript::batch() {
    const auto author = peer();
    const auto from = peer();
    std::vector<Bytes> items;
    const auto count = input_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
        items.emplace_back(1 + input_.u8(), 'b');
    }
    const auto expires = replica_.floor_height() + input_.below(24);
    auto out = world_.make_batch(author, expires, std::move(items));
    const auto how = input_.u8();
    if (how < 16 && !world_.honest(author)) {
        auto spoilt = *out;
        switch (how % 5) {
            case 0:
                spoilt.bytes += how + 1U;
                break;
            case 1:
                spoilt.items.emplace_back("more");
                break;
            case 2:
                spoilt.author_signature.data[0] ^= 1;
                break;
            case 3:
                spoilt.epoch = how;
                break;
            default:
                spoilt.author = static_cast<ValidatorIndex>(how);
                break;
        }
        replica_.deliver(from, std::make_shared<const Batch>(std::move(spoilt)), false);
        return;
    }
    const auto bytes_max = step_chain().params.batch_bytes_max;
    const bool sound = count > 0 && out->bytes <= bytes_max;
    if (sound) {
        world_.add_batch(out);
    }
    if (how < 224) {
        replica_.deliver(from, out, sound);
    }
}

void StepScript::ack() {
    const auto from = peer();
    const auto known = recent_batch();
    if (!known) {
        return;
    }
    const auto& chain = step_chain();
    auto entry = known->entry();
    const auto how = input_.u8();
    if (how < 16) {
        entry.bytes += how;
    } else if (how % 2 == 0) {
        replica_.deliver(from, world_.availability(entry), true);
        return;
    }
    const Ack out{
        .epoch = 1,
        .entry = entry,
        .signer = from,
        .signature = chain.signers[from]->sign(ack_bytes(chain.chain_id, chain.set, entry))};
    replica_.deliver(from, out, how >= 16);
}

void StepScript::offer() {
    const auto from = peer();
    Offer out;
    const auto count = input_.below(8);
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto known = recent_batch()) {
            out.entries.push_back(known->entry());
        }
    }
    const auto how = input_.u8();
    if (how < 64) {
        out.entries.push_back({.digest = remit::hash(domain::batch, "not there"),
                               .author = how,
                               .expires_height = input_.u64(),
                               .bytes = input_.u16()});
    }
    replica_.deliver(from, out, how >= 64);
}

void StepScript::execution_vote() {
    const auto from = peer();
    auto result = world_.result_of(recent_final());
    const auto how = input_.u8();
    if (how < 64 && !world_.honest(from)) {
        result.height += how % 8;
        result.state_root.data[0] = how;
    }
    const auto& chain = step_chain();
    const ExecutionVote out{
        .epoch = 1,
        .result = result,
        .signer = from,
        .signature = chain.signers[from]->sign(execution_bytes(chain.chain_id, chain.set, result))};
    replica_.deliver(from, out, true);
}

void StepScript::execution_certificate() {
    const auto from = peer();
    auto out = world_.execution_certificate(world_.result_of(recent_final()));
    const auto how = input_.u8();
    if (how < 32) {
        out.result.height += how;
        out.result.state_root.data[0] ^= 1;
    }
    replica_.deliver(from, out, how >= 32);
}

void StepScript::request() {
    const auto from = peer();
    const bool wild = input_.below(8) == 0;
    const auto number = [&](std::uint64_t near) {
        return wild ? input_.u64() : near + input_.u8();
    };
    const auto digest = world_.headers()[recent_header()].digest;
    switch (input_.below(5)) {
        case 0: {
            const auto first = number(0);
            replica_.deliver(from, CertificatesRequest{first, number(first)}, true);
            break;
        }
        case 1:
            replica_.deliver(from, HeadersRequest{digest, input_.u16()}, true);
            break;
        case 2: {
            BatchesRequest out;
            const auto count = input_.below(limits::request_batches + 1);
            for (std::size_t i = 0; i < count; ++i) {
                const auto known = recent_batch();
                out.digests.push_back(known ? known->digest() : digest);
            }
            replica_.deliver(from, out, true);
            break;
        }
        case 3:
            replica_.deliver(from, ExecutionCertificateRequest{number(0)}, true);
            break;
        default: {
            const auto first = number(0);
            replica_.deliver(from, BlocksRequest{first, input_.u16()}, true);
            break;
        }
    }
}

void StepScript::headers_answer() {
    const auto from = peer();
    HeadersAnswer out;
    auto at = recent_header();
    const auto count = 1 + input_.below(limits::answer_headers);
    while (at != 0 && out.headers.size() < count) {
        out.headers.push_back(world_.headers()[at].header);
        const auto parent = world_.find(world_.headers()[at].header.parent_digest);
        at = parent.value_or(0);
    }
    replica_.deliver(from, out, true);
}

void StepScript::blocks_answer() {
    const auto from = peer();
    const auto& chain = world_.final_chain();
    BlocksAnswer out;
    const auto how = input_.u8();
    const auto first = replica_.floor_height() + 1 - (how % 4 == 0 ? 1 : 0);
    for (auto height = first; height < chain.size() && height > 0; ++height) {
        const auto& known = world_.headers()[chain[height]];
        StoredBlock block{.header = known.header, .finalization = {}, .execution = {}};
        block.finalization =
            world_.certificate(VoteKind::finalize, known.header.view, known.digest, how);
        if ((how & 8U) != 0) {
            block.execution = world_.execution_certificate(world_.result_of(chain[height]));
        }
        out.blocks.push_back(std::move(block));
    }
    const bool whole = how < 192;
    if (!whole && !out.blocks.empty()) {
        switch (how % 4) {
            case 0:
                out.blocks.pop_back();
                break;
            case 1:
                out.blocks.back().finalization.reset();
                break;
            case 2:
                out.blocks.front().header.height += 1;
                break;
            default:
                out.blocks.push_back(out.blocks.front());
                break;
        }
    }
    replica_.deliver(from, out, whole);
}

void StepScript::certificates_answer() {
    const auto from = peer();
    CertificatesAnswer out;
    const auto first = near_view();
    const auto views = input_.below(12);
    for (View view = first; view < first + views; ++view) {
        if (const auto nullified = world_.certificate(VoteKind::nullify, view, Hash{})) {
            out.certificates.push_back(*nullified);
        }
        for (const auto header : world_.headers_of(view)) {
            for (const auto kind : {VoteKind::notarize, VoteKind::finalize}) {
                const auto& digest = world_.headers()[header].digest;
                if (const auto held = world_.certificate(kind, view, digest)) {
                    out.certificates.push_back(*held);
                }
            }
        }
    }
    replica_.deliver(from, out, true);
}

void StepScript::known_batch() {
    const auto from = peer();
    if (const auto known = recent_batch()) {
        replica_.deliver(from, known, true);
    }
}

void StepScript::status() {
    const auto from = peer();
    const auto how = input_.u8();
    const bool wild = how >= 224;
    const auto number = [&](std::uint64_t near) { return wild ? input_.u64() : near; };
    switch (how % 4) {
        case 0:
            replica_.step(PeerConnected{from});
            break;
        case 1:
            replica_.step(PeerDisconnected{from});
            break;
        case 2: {
            const auto sent_ms = static_cast<std::int64_t>(
                number(static_cast<std::uint64_t>(replica_.mono_ms()) - input_.u8()));
            replica_.deliver(from, Pong{sent_ms}, true);
            break;
        }
        default: {
            const auto height = world_.final_chain().size() - 1;
            const PeerStatus out{.epoch = 1,
                                 .view = number(near_view()),
                                 .finalised_view = number(near_view()),
                                 .finalised_height = number(height),
                                 .executed_height = number(height),
                                 .boot_counter = input_.u8(),
                                 .sent_ms = static_cast<std::int64_t>(number(5)),
                                 .votes_from = how % 8 == 7 ? number(near_view()) : 0};
            replica_.deliver(from, out, true);
            break;
        }
    }
}

/// Something the replica sent comes back from somebody else, whole or with bytes changed.
void StepScript::mangled() {
    const auto from = peer();
    const auto& sent = replica_.sent();
    if (sent.empty()) {
        return;
    }
    auto bytes = encode_message(sent[sent.size() - 1 - input_.below(sent.size())]);
    const auto changes = input_.below(4);
    for (std::size_t i = 0; i < changes; ++i) {
        auto& place = bytes[input_.u16() % bytes.size()];
        place = static_cast<char>(place ^ static_cast<char>(input_.u8()));
    }
    if (auto message = decode_message(bytes)) {
        replica_.deliver(from, std::move(*message), false);
    }
}

}  // namespace remit::fuzz
