#include "ledger/ids.h"

#include <array>
#include <charconv>

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
constexpr std::array<std::string_view, 7> kind_names{
    "customer", "escrow", "fee", "suspense", "guarantee", "settlement", "clearing"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return out;
}

/// The text up to the next '/', taken off `rest`.
std::string_view take_part(std::string_view& rest) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    return part;
}
}  // namespace

std::string_view name_of(AccountKind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

std::optional<AccountKind> account_kind_from(std::string_view name) {
    const std::string wanted = lower(name);
    for (std::size_t i = 0; i < kind_names.size(); ++i) {
        if (kind_names.at(i) == wanted) {
            return static_cast<AccountKind>(i);
        }
    }
    return std::nullopt;
}

AccountId customer_account(ParticipantId participant, AssetId asset, const CustomerTag& tag) {
    return {participant, asset, AccountKind::customer, tag};
}

AccountId own_account(ParticipantId participant, AssetId asset, AccountKind kind) {
    CHECK(kind != AccountKind::customer);
    return {participant, asset, kind, {}};
}

std::string to_text(const AccountId& id, std::string_view currency) {
    std::string out = std::to_string(id.participant.value);
    out += '/';
    out += currency;
    out += '/';
    out += name_of(id.kind);
    if (id.kind == AccountKind::customer) {
        out += '/' + id.tag.hex();
    }
    return out;
}

std::optional<AccountText> account_from_text(std::string_view text) {
    AccountText out;
    const auto participant = take_part(text);
    const auto* end = participant.data() + participant.size();
    const auto parsed = std::from_chars(participant.data(), end, out.participant.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return std::nullopt;
    }
    out.currency = std::string(take_part(text));
    const auto kind = account_kind_from(take_part(text));
    if (!kind || out.currency.empty()) {
        return std::nullopt;
    }
    out.kind = *kind;
    if (out.kind == AccountKind::customer) {
        const auto tag = CustomerTag::parse_hex(text);
        if (!tag) {
            return std::nullopt;
        }
        out.tag = *tag;
    } else if (!text.empty()) {
        return std::nullopt;
    }
    return out;
}

}  // namespace remit::ledger
