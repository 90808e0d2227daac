#pragma once

#include "test/support/devnet/devnet.h"

namespace remit::test {

/// The key of one validator of a devnet in a process of its own. Nothing runs until `start`.
class SignerProcess {
public:
    /// Which of the node's keys.
    enum class Key { first, next, third };
    /// `kept`: what its configuration says of where the key is, by default the node's plain file.
    SignerProcess(const Devnet& devnet, std::size_t node, Key key = Key::first,
                  const std::string& kept = {});

    /// Runs a command that ends, like `init --first-view 1`; its exit status.
    int run(const std::vector<std::string>& words) const;
    /// Starts to serve, and waits until it does.
    void start();
    NodeProcess& process() { return *process_; }
    [[nodiscard]] const PublicKey& key() const { return key_; }
    /// What the node is given: the first key in place of its key file, others as the next one.
    [[nodiscard]] std::vector<std::string> node_settings() const;
    /// What the node is given once this key is the one in force.
    [[nodiscard]] std::vector<std::string> settings_in_force() const;
    [[nodiscard]] std::string journal() const { return folder_ + "/data/journal"; }
    [[nodiscard]] std::string output() const;

private:
    std::string folder_;
    Key which_;
    PublicKey key_;
    std::unique_ptr<NodeProcess> process_;
};

}  // namespace remit::test
