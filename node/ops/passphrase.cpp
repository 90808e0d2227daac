#include "node/ops/passphrase.h"

#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "node/ops/secret_file.h"

namespace remit::node {

namespace {

/// The first line of the bytes; the rest is cleared.
Result<Bytes, std::string> first_line(Bytes bytes, const std::string& from) {
    Bytes line = bytes.substr(0, bytes.find('\n'));
    sodium_memzero(bytes.data(), bytes.size());
    if (line.empty()) {
        return fail("the passphrase of " + from + " is empty");
    }
    return line;
}

Result<Bytes, std::string> of_file(const std::filesystem::path& file) {
    auto bytes = read_secret_file(file, passphrase_bytes_max);
    if (!bytes) {
        return fail("passphrase file: " + bytes.error().message);
    }
    return first_line(std::move(*bytes), file.string());
}

/// One line from the terminal, not shown.
Result<Bytes, std::string> typed(const std::string& question) {
    std::cerr << question << ": " << std::flush;
    termios shown{};
    ::tcgetattr(STDIN_FILENO, &shown);
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    Bytes line(passphrase_bytes_max, '\0');
    const auto got = ::read(STDIN_FILENO, line.data(), line.size());
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::cerr << "\n";
    line.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return first_line(std::move(line), "the terminal");
}

}  // namespace

Result<Bytes, std::string> read_passphrase(const PassphraseSource& source,
                                           const std::string& what) {
    if (!source.file.empty()) {
        return of_file(source.file);
    }
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    if (folder != nullptr && !source.credential.empty()) {
        const auto file = std::filesystem::path(folder) / source.credential;
        std::error_code ignored;
        if (std::filesystem::exists(file, ignored)) {
            return of_file(file);
        }
    }
    if (::isatty(STDIN_FILENO) != 1) {
        return fail(
            std::string("encrypted, and there is no passphrase file, no credential and no "
                        "terminal to ask at"));
    }
    TRY_ASSIGN(auto first, typed("passphrase of " + what));
    if (source.twice) {
        TRY_ASSIGN(auto second, typed("the same again"));
        const bool same = first == second;
        sodium_memzero(second.data(), second.size());
        if (!same) {
            sodium_memzero(first.data(), first.size());
            return fail(std::string("the two passphrases differ"));
        }
    }
    return first;
}

Result<Bytes, std::string> passphrase_of_key(const std::string& file, const std::string& path) {
    const auto name = std::filesystem::path(path).filename().string();
    return read_passphrase({.file = file, .credential = name + ".passphrase"}, path);
}

}  // namespace remit::node
