// Ids as people and programs write them: each text one value, each value one text.
#include "ledger/base/uuid.h"
#include "ledger/ids.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "tools/cli/ids.h"

namespace remit::fuzz {
namespace {

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return out;
}

void run(std::string_view text) {
    if (const auto bytes = from_hex(text)) {
        require(to_hex(*bytes) == lower_case(text), "hexadecimal text is its bytes");
    }
    require(from_hex(to_hex(text)) == Bytes(text), "any bytes have a hexadecimal text");
    if (const auto id = uuid_from_text(text)) {
        require(to_text(*id) == text, "a UUID has one text");
        require(cli::parse_uuid(text) == *id, "a person may write the same text");
    }
    if (const auto id = cli::parse_uuid(text)) {
        require(cli::parse_uuid(to_text(*id)) == *id, "what was read is written and read");
        require(to_text(*id) == lower_case(text) || text.find('-') == std::string_view::npos,
                "a UUID with dashes is read as it stands");
    }
    if (const auto hash = cli::parse_hash(text)) {
        require(cli::parse_hash(hash->hex()) == *hash, "what was read is written and read");
        require(hash->hex() == lower_case(text) || text.size() != Hash::size * 2,
                "64 digits are read as they stand");
    }
    if (const auto account = ledger::account_from_text(text)) {
        const ledger::AccountId id{account->participant, {}, account->kind, account->tag};
        const auto back = ledger::account_from_text(to_text(id, account->currency));
        require(back && back->participant == account->participant && back->kind == account->kind &&
                    back->tag == account->tag && back->currency == account->currency,
                "an account that was read can be written and read");
    }
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run(remit::fuzz::view_of(data, size));
    return 0;
}
