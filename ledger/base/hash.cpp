#include "ledger/base/hash.h"

#include <sodium.h>

#include "ledger/base/check.h"

namespace remit {

namespace {
constexpr std::size_t tag_size = 16;

const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());  // NOLINT
}
}  // namespace

Bytes Domain::tag() const {
    CHECK(name.size() <= tag_size);
    Bytes out(name);
    out.resize(tag_size, '\0');
    return out;
}

Hash hash(Domain domain, std::initializer_list<ByteView> parts) {
    crypto_generichash_state state;
    CHECK(crypto_generichash_init(&state, nullptr, 0, Hash::size) == 0);
    std::array<unsigned char, tag_size> tag{};
    CHECK(domain.name.size() <= tag_size);
    std::memcpy(tag.data(), domain.name.data(), domain.name.size());
    crypto_generichash_update(&state, tag.data(), tag.size());
    for (ByteView part : parts) {
        crypto_generichash_update(&state, raw(part), part.size());
    }
    Hash out;
    crypto_generichash_final(&state, out.data.data(), Hash::size);
    return out;
}

}  // namespace remit
