#include "node/directory.h"

#include <algorithm>

namespace remit::node {

namespace {

using Listed = std::vector<ledger::EpochValidator>;

const ledger::EpochValidator* find(const Listed& listed, const std::string& name) {
    const auto at = std::find_if(listed.begin(), listed.end(),
                                 [&](const auto& each) { return each.name == name; });
    return at == listed.end() ? nullptr : &*at;
}

TransportPin pin_of(const ledger::EpochValidator& validator) {
    TransportPin out;
    out.data = validator.transport_pin.data;
    return out;
}

template <class T>
void add_new(std::vector<T>& all, const T& one) {
    if (std::find(all.begin(), all.end(), one) == all.end()) {
        all.push_back(one);
    }
}

void add_listing(const ledger::EpochValidator& validator, Directory::Contact& contact) {
    contact.admitted = true;
    add_new(contact.pins, pin_of(validator));
    if (!validator.address.empty()) {
        add_new(contact.addresses, std::string(validator.address));
    }
}

}  // namespace

Directory::Directory(const Chain& chain) {
    for (const auto& each : chain.genesis.validators) {
        peers_.push_back({.name = each.name, .keys = {each.validate_key}});
    }
}

consensus::PeerNumber Directory::add_self(Peer self) {
    peers_.push_back(std::move(self));
    return static_cast<consensus::PeerNumber>(peers_.size() - 1);
}

void Directory::configure(const std::map<std::string, ConfiguredPeer>& configured,
                          const ledger::StateReader& state) {
    for (const auto& [name, said] : configured) {
        configured_[name] = {.said = said};
        const auto known = std::any_of(peers_.begin(), peers_.end(),
                                       [&](const Peer& each) { return each.name == name; });
        if (!known) {
            peers_.push_back({.name = name, .keys = {}});
        }
    }
    const auto newest = state.epoch();
    for (std::uint64_t epoch = 1; newest && epoch <= newest->epoch; ++epoch) {
        if (const auto record = state.epoch(epoch)) {
            note_listed(record->validators);
        }
    }
}

void Directory::note_listed(const Listed& validators) {
    for (const auto& each : validators) {
        const auto found = configured_.find(each.name);
        if (found != configured_.end() && found->second.said.pin == pin_of(each)) {
            found->second.listed = true;
        }
    }
}

std::vector<Directory::News> Directory::update(const ledger::StateReader& state) {
    std::vector<News> news;
    const auto take = [&](const Listed& validators) {
        note_listed(validators);
        for (const auto& each : validators) {
            see(each, news);
        }
    };
    if (const auto epoch = state.epoch()) {
        take(epoch->validators);
    }
    if (const auto plan = state.epoch_plan()) {
        take(plan->validators);
    }
    return news;
}

std::vector<Directory::Contact> Directory::contacts(const ledger::StateReader& state) const {
    Listed planned;
    Listed now;
    Listed before;
    if (auto epoch = state.epoch()) {
        now = std::move(epoch->validators);
        if (auto last = state.epoch(epoch->epoch - 1)) {
            before = std::move(last->validators);
        }
    }
    if (auto plan = state.epoch_plan()) {
        planned = std::move(plan->validators);
    }
    std::vector<Contact> out;
    for (const auto& peer : peers_) {
        Contact contact;
        for (const auto* listed : {&planned, &now}) {
            if (const auto* found = find(*listed, peer.name)) {
                add_listing(*found, contact);
            }
        }
        if (const auto* left = find(before, peer.name); left != nullptr && !contact.admitted) {
            add_listing(*left, contact);
        }
        if (const auto found = configured_.find(peer.name); found != configured_.end()) {
            const auto& said = found->second.said;
            if (said.pin && !found->second.listed) {
                contact.admitted = true;
                add_new(contact.pins, *said.pin);
            }
            add_new(contact.addresses, said.address);
        }
        out.push_back(std::move(contact));
    }
    return out;
}

void Directory::see(const ledger::EpochValidator& validator, std::vector<News>& news) {
    const auto known = std::find_if(peers_.begin(), peers_.end(),
                                    [&](const Peer& each) { return each.name == validator.name; });
    if (known == peers_.end()) {
        peers_.push_back({.name = validator.name, .keys = {validator.validate_key}});
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
