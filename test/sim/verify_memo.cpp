#include <sodium.h>

#include <cstring>
#include <string>
#include <unordered_map>

// Every validator checks every signature, and here all of them live in one process: each signature
// is really checked once, and its answer kept. Verification is a pure function of its bytes, so the
// runs are the same ones, sooner. The linker leads libsodium's function here (--wrap); nothing of
// this is in any other program.

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __real_crypto_sign_verify_detached(const unsigned char* signature,
                                                  const unsigned char* message,
                                                  unsigned long long size,
                                                  const unsigned char* key);

extern "C" int __wrap_crypto_sign_verify_detached(const unsigned char* signature,
                                                  const unsigned char* message,
                                                  unsigned long long size,
                                                  const unsigned char* key) {
    constexpr std::size_t kept_max = 400'000;  // answers; some 60 MiB
    static std::unordered_map<std::string, int> answers;
    std::string name(32, '\0');
    auto* out = reinterpret_cast<unsigned char*>(name.data());
    crypto_generichash_state state;
    if (crypto_generichash_init(&state, nullptr, 0, name.size()) != 0 ||
        crypto_generichash_update(&state, signature, crypto_sign_BYTES) != 0 ||
        crypto_generichash_update(&state, key, crypto_sign_PUBLICKEYBYTES) != 0 ||
        crypto_generichash_update(&state, message, size) != 0 ||
        crypto_generichash_final(&state, out, name.size()) != 0) {
        return __real_crypto_sign_verify_detached(signature, message, size, key);
    }
    const auto found = answers.find(name);
    if (found != answers.end()) {
        return found->second;
    }
    if (answers.size() >= kept_max) {
        answers.clear();
    }
    const int answer = __real_crypto_sign_verify_detached(signature, message, size, key);
    answers.emplace(std::move(name), answer);
    return answer;
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
