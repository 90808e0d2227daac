#include "node/directory.h"

#include <algorithm>
#include <set>

namespace remit::node {

Directory::Directory(const Chain& chain) {
    for (const auto& each : chain.genesis.validators) {
        Peer peer{.name = each.name, .keys = {each.validate_key}, .pin = {}, .address = {}};
        peer.pin.data = each.transport_pin.data;
        peers_.push_back(std::move(peer));
    }
}

consensus::PeerNumber Directory::add_self(Peer self) {
    peers_.push_back(std::move(self));
    return static_cast<consensus::PeerNumber>(peers_.size() - 1);
}

std::vector<Directory::News> Directory::update(const ledger::StateReader& state) {
    std::vector<News> news;
    if (const auto epoch = state.epoch()) {
        for (const auto& each : epoch->validators) {
            see(each, news);
        }
    }
    if (const auto plan = state.epoch_plan()) {
        for (const auto& each : plan->validators) {
            see(each, news);
        }
    }
    return news;
}

std::vector<bool> Directory::admitted(const ledger::StateReader& state) const {
    std::set<Bytes> names;
    const auto add = [&names](const std::vector<ledger::EpochValidator>& validators) {
        for (const auto& each : validators) {
            names.insert(each.name);
        }
    };
    if (const auto epoch = state.epoch()) {
        add(epoch->validators);
        if (const auto before = state.epoch(epoch->epoch - 1)) {
            add(before->validators);
        }
    }
    if (const auto plan = state.epoch_plan()) {
        add(plan->validators);
    }
    std::vector<bool> out;
    for (const auto& peer : peers_) {
        out.push_back(names.contains(peer.name));
    }
    return out;
}

void Directory::see(const ledger::EpochValidator& validator, std::vector<News>& news) {
    const auto known = std::find_if(peers_.begin(), peers_.end(),
                                    [&](const Peer& each) { return each.name == validator.name; });
    if (known == peers_.end()) {
        Peer peer{.name = validator.name,
                  .keys = {validator.validate_key},
                  .pin = {},
                  .address = validator.address};
        peer.pin.data = validator.transport_pin.data;
        peers_.push_back(std::move(peer));
        news.push_back({.number = static_cast<consensus::PeerNumber>(peers_.size() - 1),
                        .key = validator.validate_key,
                        .new_peer = true});
        return;
    }
    auto& keys = known->keys;
    if (std::find(keys.begin(), keys.end(), validator.validate_key) == keys.end()) {
        keys.push_back(validator.validate_key);
        news.push_back({.number = static_cast<consensus::PeerNumber>(known - peers_.begin()),
                        .key = validator.validate_key,
                        .new_peer = false});
    }
}

}  // namespace remit::node
