#include "ledger/wire/quote.h"

#include "ledger/wire/strict.h"

namespace remit::ledger::wire {

v1::Rate to_proto(const Rate& rate) {
    v1::Rate out;
    out.set_mantissa(rate.mantissa);
    out.set_scale(rate.scale);
    return out;
}

v1::Fee to_proto(const Fee& fee) {
    v1::Fee out;
    out.set_participant_id(fee.participant.value);
    out.set_amount_minor(fee.amount);
    return out;
}

v1::Quote to_proto(const Quote& quote) {
    v1::Quote out;
    out.set_quote_id(quote.quote_id.bytes());
    out.set_maker_id(quote.maker.value);
    out.set_requester_id(quote.requester.value);
    out.set_source_asset_id(quote.source_asset.value);
    out.set_target_asset_id(quote.target_asset.value);
    out.set_fixed(static_cast<v1::FixedSide>(quote.fixed));
    out.set_source_minor(quote.source);
    out.set_target_minor(quote.target);
    *out.mutable_rate() = to_proto(quote.rate);
    out.set_mark_id(quote.mark_id);
    for (const Fee& fee : quote.fees) {
        *out.add_fees() = to_proto(fee);
    }
    out.set_return_days(quote.return_days);
    out.set_return_bps(quote.return_bps);
    out.set_issued_at_ms(quote.issued_at.ms);
    out.set_expires_at_ms(quote.expires_at.ms);
    out.set_nonce(quote.nonce);
    out.set_key_id(quote.key.bytes());
    out.set_signature(quote.signature.bytes());
    return out;
}

std::vector<Fee> read_fees(const google::protobuf::RepeatedPtrField<v1::Fee>& fees,
                           FieldCheck& check) {
    std::vector<Fee> out;
    if (!check.list(fees.size())) {
        return out;
    }
    out.reserve(static_cast<std::size_t>(fees.size()));
    for (const v1::Fee& fee : fees) {
        out.push_back({.participant = check.participant(fee.participant_id()),
                       .amount = check.amount(fee.amount_minor())});
    }
    return out;
}

Quote read_quote(const v1::Quote& quote, FieldCheck& check) {
    Quote out;
    out.quote_id = check.id<Uuid>(quote.quote_id());
    out.maker = check.participant(quote.maker_id());
    out.requester = check.participant(quote.requester_id());
    out.source_asset = check.asset(quote.source_asset_id());
    out.target_asset = check.asset(quote.target_asset_id());
    out.fixed = check.enumerator<FixedSide>(quote.fixed());
    out.source = check.amount(quote.source_minor());
    out.target = check.amount(quote.target_minor());
    out.rate = check.rate(quote.rate());
    out.mark_id = quote.mark_id();
    out.fees = read_fees(quote.fees(), check);
    out.return_days = quote.return_days();
    out.return_bps = quote.return_bps();
    out.issued_at = check.time(quote.issued_at_ms());
    out.expires_at = check.time(quote.expires_at_ms());
    out.nonce = quote.nonce();
    out.key = check.id<PublicKey>(quote.key_id());
    out.signature = check.id<Signature>(quote.signature());
    return out;
}

Result<Quote, LedgerError> from_proto(const v1::Quote& quote) {
    TRY(refuse_unknown_fields(quote));
    FieldCheck check;
    auto out = read_quote(quote, check);
    if (check.error()) {
        return fail(*check.error());
    }
    return out;
}

}  // namespace remit::ledger::wire
