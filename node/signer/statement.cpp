#include "node/signer/statement.h"

#include "ledger/wire/decode.h"

namespace remit::node::signer {

namespace {

constexpr std::size_t tag_size = 16;
constexpr Domain view_domain{"remit.view"};

Result<Statement, StatementFlaw> whole(const Reader& reader, Statement statement) {
    if (!reader.done()) {
        return fail(StatementFlaw::malformed);
    }
    return statement;
}

/// What this key says as a member of the network: two operations, one an envelope. The others move
/// money or rights, and no node may have them signed.
Result<Statement, StatementFlaw> envelope_of(ByteView body, const Hash& chain_id) {
    ledger::wire::SignedBody unsigned_body;
    unsigned_body.body = Bytes(body);
    const auto transaction = ledger::wire::decode(unsigned_body, chain_id);
    if (!transaction) {
        return fail(StatementFlaw::malformed);
    }
    if (transaction->operations.size() != 1) {
        return fail(StatementFlaw::foreign_verb);
    }
    const auto& operation = transaction->operations.front();
    if (std::holds_alternative<ledger::ReportEvidence>(operation)) {
        return FreeStatement{};
    }
    if (std::holds_alternative<ledger::Ready>(operation)) {
        return ReadyStatement{};
    }
    return fail(StatementFlaw::foreign_verb);
}

}  // namespace

void VoteStatement::write(Writer& writer) const {
    writer.u64(epoch).fixed(valset_hash).u8(static_cast<std::uint8_t>(kind));
    writer.u64(view).fixed(digest);
}

VoteStatement VoteStatement::read(Reader& reader) {
    VoteStatement out;
    out.epoch = reader.u64();
    out.valset_hash = reader.fixed<Hash>();
    out.kind = reader.enumerator(consensus::VoteKind::finalize);
    out.view = reader.u64();
    out.digest = reader.fixed<Hash>();
    const bool nullify = out.kind == consensus::VoteKind::nullify;
    if (out.kind < consensus::VoteKind::notarize || out.view == 0 ||
        (nullify && !out.digest.is_zero())) {
        reader.fail();
    }
    return out;
}

Result<Statement, StatementFlaw> statement_of(ByteView bytes, const Hash& chain_id) {
    if (bytes.size() > statement_bytes_max) {
        return fail(StatementFlaw::malformed);
    }
    Reader reader(bytes);
    const auto tag = reader.raw(tag_size);
    const auto chain = reader.fixed<Hash>();
    if (!reader.ok()) {
        return fail(StatementFlaw::malformed);
    }
    const auto is = [&](Domain domain) { return tag == domain.tag(); };
    const bool known = is(domain::vote) || is(domain::execution) || is(domain::batch) ||
                       is(domain::ack) || is(domain::client) || is(view_domain);
    if (!known) {
        return fail(StatementFlaw::unknown_domain);
    }
    if (chain != chain_id) {
        return fail(StatementFlaw::foreign_chain);
    }
    if (is(domain::client)) {
        return envelope_of(bytes.substr(tag_size + Hash::size), chain_id);
    }
    if (is(domain::vote)) {
        const auto vote = VoteStatement::read(reader);
        return whole(reader, vote);
    }
    if (is(domain::batch)) {
        static_cast<void>(reader.fixed<Hash>());
        return whole(reader, FreeStatement{});
    }
    ViewStatement view{.epoch = reader.u64()};
    static_cast<void>(reader.fixed<Hash>());  // of the validator set
    if (is(domain::execution)) {
        static_cast<void>(consensus::ExecutionResult::read(reader));
        return whole(reader, FreeStatement{});
    }
    if (is(domain::ack)) {
        static_cast<void>(consensus::Entry::read(reader));
        return whole(reader, AcknowledgementStatement{});
    }
    static_cast<void>(reader.fixed<Hash>());  // the question's number
    view.view = reader.u64();
    return whole(reader, view);
}

}  // namespace remit::node::signer
