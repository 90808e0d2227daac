// A key file gives the key it names, or nothing.
#include "node/seams/key_file.h"

#include "test/fuzz/input.h"
#include "test/fuzz/memory_file.h"
#include "test/fuzz/require.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace remit;  // NOLINT(google-build-using-namespace)
    const auto bytes = fuzz::view_of(data, size);
    const fuzz::MemoryFile file(bytes);
    const node::KeyFileUse use{.purpose = KeyPurpose::validate, .devnet = true};
    const auto key = node::read_key_file(file.path(), use);
    if (!key) {
        fuzz::require(!key.error().text.empty(), "a refusal says why");
        return 0;
    }
    Bytes lower(bytes);
    for (char& letter : lower) {
        letter = letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    fuzz::require(lower.find(key->public_key().hex()) != Bytes::npos, "the key is the file's");
    fuzz::require(bytes.find("VALIDATE") != Bytes::npos, "a key of another purpose was given");
    fuzz::require(verify(key->public_key(), "message", key->sign("message")), "the key signs");
    const auto elsewhere =
        node::read_key_file(file.path(), {.purpose = KeyPurpose::validate, .devnet = false});
    fuzz::require(!elsewhere.has_value(), "a devnet key was given to another network");
    return 0;
}
