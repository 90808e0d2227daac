#include "test/faults/cluster.h"

#include <sstream>
#include <stdexcept>

namespace remit::test {

void Cluster::start(std::size_t node, const std::vector<std::string>& wrapper,
                    const std::vector<std::string>& extra) {
    auto words = links_.wrapper(node);
    words.insert(words.end(), under_.begin(), under_.end());
    words.insert(words.end(), wrapper.begin(), wrapper.end());
    auto settings = links_.settings(node);
    settings.insert(settings.end(), extra.begin(), extra.end());
    devnet_.start(node, settings, words);
}

bool Cluster::await_up(std::size_t node, std::chrono::seconds limit) const {
    return eventually(
               [&] {
                   return !is_running(node) ||
                          http_get(devnet_.ops_port(node), "/healthz", links_.host(node)).status ==
                              200;
               },
               limit) &&
           is_running(node);
}

void Cluster::restart(std::size_t node, const std::vector<std::string>& wrapper,
                      const std::vector<std::string>& extra) {
    start(node, wrapper, extra);
    if (!await_up(node, std::chrono::seconds(60))) {
        throw std::runtime_error(devnet_.name(node) + " does not come up:\n" + log_tail(node));
    }
}

MemberClient Cluster::client(std::size_t node) const {
    MemberClient out(devnet_, node, links_.host(node));
    out.wait_at_most(std::chrono::seconds(4));
    return out;
}

std::optional<std::uint64_t> Cluster::height(std::size_t node) const {
    const auto value = gauge(node, "remit_executed_height");
    return value < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(value));
}

double Cluster::gauge(std::size_t node, const std::string& name) const {
    return metric(devnet_.ops_port(node), name, links_.host(node));
}

std::string Cluster::log_tail(std::size_t node, std::size_t lines) const {
    const auto text = process(node).output();
    std::size_t at = text.size();
    for (std::size_t i = 0; i <= lines && at != std::string::npos && at > 0; ++i) {
        at = text.rfind('\n', at - 1);
    }
    return text.substr(at == std::string::npos ? 0 : at);
}

}  // namespace remit::test
