#include "gateway/wallet/requests.h"

#include <algorithm>

#include "ledger/base/hash.h"
#include "ledger/base/uuid.h"
#include "ledger/ids.h"
#include "ledger/money.h"

namespace remit::gateway {

namespace {

constexpr std::size_t wallet_name_size_max = 20;  // customer/<name>/<CCY> is at most 34 long
constexpr std::size_t end_to_end_size_max = 35;
constexpr std::size_t purpose_size = 4;
constexpr int fees_max = 8;
constexpr Domain travel_domain{"remit.travel"};

bool all_of(const std::string& text, bool (*good)(char)) {
    return std::all_of(text.begin(), text.end(), good);
}

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}
bool is_upper_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

Status<RequestError> check_fees(const v1::SendRemittanceRequest& request,
                                const Registry& registry) {
    if (request.fees_size() > fees_max) {
        return malformed("TOO_MANY_FEES", "at most 8 fees");
    }
    for (const auto& fee : request.fees()) {
        TRY(check_amount(fee.amount_minor()));
        if (!registry.participants.contains(fee.participant_id())) {
            return malformed("NOT_REGISTERED", "a fee's owner is not registered");
        }
    }
    return {};
}

Status<RequestError> fill_texts(const v1::SendRemittanceRequest& request,
                                remit::v1::Prepare& prepare) {
    prepare.set_end_to_end_id(request.end_to_end_id().empty() ? to_hex(prepare.uetr())
                                                              : request.end_to_end_id());
    prepare.set_purpose(request.purpose().empty() ? "OTHR" : request.purpose());
    if (prepare.end_to_end_id().size() > end_to_end_size_max ||
        !all_of(prepare.end_to_end_id(), is_printable)) {
        return malformed("BAD_REFERENCE", "end_to_end_id has at most 35 printable characters");
    }
    if (prepare.purpose().size() != purpose_size || !all_of(prepare.purpose(), is_upper_or_digit)) {
        return malformed("BAD_PURPOSE", "purpose is an ISO 20022 code of 4 characters");
    }
    return {};
}

}  // namespace

tl::unexpected<RequestError> malformed(std::string reason, std::string text) {
    return tl::unexpected<RequestError>(RequestError{.kind = RequestError::Kind::malformed,
                                                     .reason = std::move(reason),
                                                     .text = std::move(text)});
}

Status<RequestError> check_amount(std::int64_t amount_minor) {
    if (const auto checked = ledger::check_amount(amount_minor); !checked) {
        const auto& info = ledger::info_of(checked.error());
        return malformed(std::string(info.name), std::string(info.meaning));
    }
    return {};
}

Parsed<Bytes> id_or_draw(const Bytes& given, bool v4, node::Random& random) {
    if (given.empty()) {
        return uuid_v4_from(random.draw<Uuid>()).bytes();
    }
    const auto id = Uuid::from(given);
    if (!id || id->is_zero() || (v4 && !is_uuid_v4(*id))) {
        return malformed("NOT_A_UUID", v4 ? "the id is not a version 4 UUID of 16 bytes"
                                          : "the id is not 16 bytes");
    }
    return given;
}

Status<RequestError> check_wallet_name(const std::string& name) {
    if (name.empty() || name.size() > wallet_name_size_max || !all_of(name, is_name_character)) {
        return malformed("BAD_NAME", "a wallet's name has 1 to 20 of a-z, 0-9, '_', '.', '-'");
    }
    return {};
}

Parsed<Saga> send_saga(const v1::SendRemittanceRequest& request, const Bytes& payee_tag,
                       const SendTerms& terms, node::Random& random) {
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_SEND);
    TRY_ASSIGN(*saga.mutable_id(), id_or_draw(request.uetr(), true, random));
    TRY(check_amount(request.amount_minor()));
    TRY(check_fees(request, terms.registry));
    const auto target = terms.registry.asset_of(request.payee_currency());
    if (!target) {
        return malformed("CURRENCY_NOT_OPEN", "the network has no asset in the payee's currency");
    }
    if (!terms.registry.participants.contains(request.payee_operator_id())) {
        return malformed("NOT_REGISTERED", "the payee's operator is not registered");
    }
    if (!ledger::CustomerTag::from(payee_tag)) {
        return malformed("WRONG_ACCOUNT", "the payee's tag is not 16 bytes");
    }
    saga.set_wallet(terms.from.name());
    saga.set_tag(terms.from.tag());
    saga.set_asset_id(terms.from.asset_id());
    saga.set_currency(terms.from.currency());
    saga.set_amount_minor(request.amount_minor());
    saga.set_payee_wallet(request.payee_wallet());
    saga.set_payee_asset_id(target->asset_id());
    saga.set_fixed(request.fixed() == remit::v1::FIXED_SIDE_RECEIVE ? remit::v1::FIXED_SIDE_RECEIVE
                                                                    : remit::v1::FIXED_SIDE_SEND);
    saga.set_expires_in_ms(request.expires_in_ms() != 0 ? request.expires_in_ms()
                                                        : terms.expires_in_ms);
    saga.set_travel_salt(random.draw<Hash>().bytes());

    auto& prepare = *saga.mutable_prepare();
    prepare.set_uetr(saga.id());
    TRY(fill_texts(request, prepare));
    prepare.set_source_asset_id(saga.asset_id());
    prepare.set_payer_tag(saga.tag());
    prepare.set_payee_operator_id(request.payee_operator_id());
    prepare.set_target_asset_id(saga.payee_asset_id());
    prepare.set_payee_tag(payee_tag);
    *prepare.mutable_fees() = request.fees();
    prepare.set_travel_commit(
        hash(travel_domain, {saga.travel_salt(), saga.wallet(), saga.payee_wallet(), payee_tag})
            .bytes());
    prepare.mutable_screening()->set_list_hash(terms.screening_hash);
    if (saga.asset_id() == saga.payee_asset_id()) {
        prepare.set_source_minor(saga.amount_minor());
        prepare.set_target_minor(saga.amount_minor());
        prepare.set_expires_at_ms(terms.now_ms + saga.expires_in_ms());
        saga.set_step(v1::SAGA_STEP_PREPARE);
    } else {
        saga.set_step(v1::SAGA_STEP_QUOTE);
    }
    return saga;
}

bool is_same_send(const Saga& left, const Saga& right) {
    const auto terms = [](const Saga& saga) {
        remit::v1::Prepare prepare;
        prepare.set_end_to_end_id(saga.prepare().end_to_end_id());
        prepare.set_purpose(saga.prepare().purpose());
        prepare.set_payer_tag(saga.tag());
        prepare.set_source_asset_id(saga.asset_id());
        prepare.set_target_asset_id(saga.payee_asset_id());
        prepare.set_payee_operator_id(saga.prepare().payee_operator_id());
        prepare.set_payee_tag(saga.prepare().payee_tag());
        prepare.set_source_minor(saga.amount_minor());
        *prepare.mutable_fees() = saga.prepare().fees();
        return prepare.SerializeAsString() + static_cast<char>(saga.fixed());
    };
    return terms(left) == terms(right);
}

v1::SendRemittanceResponse response_of(const Saga& send) {
    v1::SendRemittanceResponse response;
    response.set_uetr(send.id());
    response.set_state(send.state());
    response.set_progress(progress_of(send));
    if (send.prepare().quotes_size() > 0) {
        *response.mutable_quote() = send.prepare().quotes(0);
    }
    if (send.has_refusal()) {
        *response.mutable_refusal() = send.refusal();
    }
    response.set_transaction_id(send.transaction_id());
    response.set_operation_index(send.operation_index());
    response.set_height(send.height());
    response.set_submitted_at_ms(send.started_at_ms());
    response.set_prepared_at_ms(send.prepared_at_ms());
    response.set_committed_at_ms(send.committed_at_ms());
    response.set_ended_at_ms(send.ended_at_ms());
    return response;
}

}  // namespace remit::gateway
