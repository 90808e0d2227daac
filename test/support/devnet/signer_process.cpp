#include "test/support/devnet/signer_process.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace remit::test {

using namespace std::chrono_literals;

SignerProcess::SignerProcess(const Devnet& devnet, std::size_t node)
    : folder_(devnet.folder_of(node) + "/signer") {
    std::filesystem::create_directories(folder_);
    ::chmod(folder_.c_str(), 0700);
    std::ofstream(folder_ + "/signer.toml")
        << "[signer]\ndata = \"data\"\nsocket = \"socket\"\ngenesis = \"" << devnet.genesis_file()
        << "\"\nkey = \"../validate.key\"\n";
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
    return {"--set", "node.key=", "--set", "signer.socket=" + folder_ + "/socket"};
}

std::string SignerProcess::output() const {
    std::ifstream in(folder_ + "/log");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace remit::test
