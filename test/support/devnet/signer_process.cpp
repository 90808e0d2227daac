#include "test/support/devnet/signer_process.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "node/seams/key_file.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {
std::string word_of(SignerProcess::Key key) {
    switch (key) {
        case SignerProcess::Key::first:
            return "validate";
        case SignerProcess::Key::next:
            return "next";
        case SignerProcess::Key::third:
            return "third";
    }
    return "";
}
}  // namespace

SignerProcess::SignerProcess(const Devnet& devnet, std::size_t node, Key key,
                             const std::string& kept)
    : folder_(devnet.folder_of(node) + (key == Key::first ? "/signer" : "/signer-" + word_of(key))),
      which_(key) {
    const std::string file = word_of(key) + ".key";
    const auto secret = node::read_key_file(devnet.folder_of(node) + "/" + file,
                                            {.purpose = KeyPurpose::validate, .devnet = true});
    if (!secret) {
        throw std::runtime_error("cannot read " + file);
    }
    key_ = secret->public_key();
    std::filesystem::create_directories(folder_);
    ::chmod(folder_.c_str(), 0700);
    std::ofstream(folder_ + "/signer.toml")
        << "[signer]\ndata = \"data\"\nsocket = \"socket\"\ngenesis = \"" << devnet.genesis_file()
        << "\"\n"
        << (kept.empty() ? "key = \"../" + file + "\"\n" : kept);
}

int SignerProcess::run(const std::vector<std::string>& words) const {
    std::vector<std::string> line{REMIT_BIN_DIR "/remit-signer"};
    line.insert(line.end(), words.begin(), words.end());
    line.insert(line.end(), {"--config", folder_ + "/signer.toml"});
    NodeProcess process(line, folder_ + "/log");
    return process.wait(60s).value_or(-1);
}

void SignerProcess::start() {
    process_.reset();
    process_ = std::make_unique<NodeProcess>(
        std::vector<std::string>{REMIT_BIN_DIR "/remit-signer", "run", "--config",
                                 folder_ + "/signer.toml"},
        folder_ + "/log");
    const auto serves = [this] { return std::filesystem::exists(folder_ + "/socket"); };
    if (!eventually([&] { return serves() || !process_->is_running(); }) || !serves()) {
        throw std::runtime_error("the signer does not serve:\n" + output());
    }
}

std::vector<std::string> SignerProcess::node_settings() const {
    if (which_ != Key::first) {
        return {"--set", "signer.next_socket=" + folder_ + "/socket", "--set",
                "signer.next_public_key=" + key_.hex()};
    }
    return {"--set", "node.key=", "--set", "signer.socket=" + folder_ + "/socket"};
}

std::vector<std::string> SignerProcess::settings_in_force() const {
    return {"--set", "node.key=",
            "--set", "signer.socket=" + folder_ + "/socket",
            "--set", "signer.public_key=" + key_.hex()};
}

std::string SignerProcess::output() const {
    std::ifstream in(folder_ + "/log");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace remit::test
