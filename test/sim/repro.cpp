#include "test/sim/repro.h"

#include <charconv>
#include <iterator>
#include <sstream>
#include <type_traits>

namespace remit::sim {

namespace {

constexpr const char* first_line = "sim-repro 1";

/// Every field of a profile with its name.
template <class P, class F>
void each_field(P& profile, const F& see) {
    see("name", profile.name);
    see("validators", profile.validators);
    see("loss", profile.loss);
    see("duplicate", profile.duplicate);
    see("replayed", profile.replayed);
    see("delay_min_ms", profile.delay_min_ms);
    see("delay_mean_ms", profile.delay_mean_ms);
    see("clock_offset_max_ms", profile.clock_offset_max_ms);
    see("clock_jump_every_ms", profile.clock_jump_every_ms);
    see("gray_node", profile.gray_node);
    see("gray_every_ms", profile.gray_every_ms);
    see("gray_execution_ms", profile.gray_execution_ms);
    see("rare", profile.rare);
    see("execution_max_ms", profile.execution_max_ms);
    see("kill_every_ms", profile.kill_every_ms);
    see("power_every_ms", profile.power_every_ms);
    see("blackout_every_ms", profile.blackout_every_ms);
    see("partition_every_ms", profile.partition_every_ms);
    see("forget_every_ms", profile.forget_every_ms);
    see("forget_as_leader", profile.forget_as_leader);
    see("set_back_every_ms", profile.set_back_every_ms);
    see("rot_every_ms", profile.rot_every_ms);
    see("misdirect_every_ms", profile.misdirect_every_ms);
    see("disk_error_every_ms", profile.disk_error_every_ms);
    see("disk_full_every_ms", profile.disk_full_every_ms);
    see("down_max_ms", profile.down_max_ms);
    see("safety_ms", profile.safety_ms);
    see("stop_at_ms", profile.stop_at_ms);
    see("remittances", profile.remittances);
    see("escrow_ms", profile.escrow_ms);
    see("some_stay_dead", profile.some_stay_dead);
    see("snapshot_interval", profile.snapshot_interval);
    see("small_blocks", profile.small_blocks);
    see("erase_every_ms", profile.erase_every_ms);
    see("prune", profile.prune);
    see("epoch_blocks", profile.epoch_blocks);
    see("plan_every_ms", profile.plan_every_ms);
    see("upgrade_every_ms", profile.upgrade_every_ms);
    see("bereavements", profile.bereavements);
    see("actor", profile.actor);
}

template <class T>
std::string said(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        return value;
    } else {
        return std::to_string(value);
    }
}

template <class T>
bool heard(const std::string& text, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        value = text;
        return true;
    } else if constexpr (std::is_same_v<T, bool>) {
        value = text == "1";
        return text == "0" || text == "1";
    } else {
        const auto* end = text.data() + text.size();
        const auto [rest, code] = std::from_chars(text.data(), end, value);
        return code == std::errc() && rest == end;
    }
}

bool hear_profile(const std::string& name, const std::string& value, Profile& profile) {
    bool good = false;
    each_field(profile, [&](const char* field, auto& into) {
        good = good || (name == field && heard(value, into));
    });
    return good;
}

/// `lost nothing`, or `lost FROM TO PLACE...`.
bool hear_lost(const std::vector<std::string>& words, std::set<SentMessage>& into) {
    if (words.size() == 2) {
        return words[1] == "nothing";
    }
    SentMessage message;
    if (!heard(words[1], message.from) || !heard(words[2], message.to)) {
        return false;
    }
    for (std::size_t i = 3; i < words.size(); ++i) {
        if (!heard(words[i], message.place)) {
            return false;
        }
        into.insert(message);
    }
    return words.size() > 3;
}

bool hear_line(const std::vector<std::string>& words, Repro& out) {
    constexpr std::string_view profile = "profile.";
    const auto& word = words.front();
    const auto numbers = [&](std::size_t from, std::vector<std::uint64_t>& into) {
        for (auto i = from; i < words.size(); ++i) {
            if (!heard(words[i], into.emplace_back())) {
                return false;
            }
        }
        return true;
    };
    if (word == "fault" && words.size() > 2) {
        auto& fault = out.script.faults.emplace_back();
        fault.kind = words[2];
        return heard(words[1], fault.at_ms) && numbers(3, fault.drawn);
    }
    if (word == "drawn" && words.size() > 1) {
        return numbers(2, out.script.others[words[1]]);
    }
    if (word == "lost" && words.size() > 1) {
        return hear_lost(words, out.script.lost ? *out.script.lost : out.script.lost.emplace());
    }
    if (words.size() != 2) {
        return false;
    }
    if (word == "seed") {
        return heard(words[1], out.seed);
    }
    if (word == "invariant") {
        return heard(words[1], out.invariant);
    }
    return word.starts_with(profile) &&
           hear_profile(word.substr(profile.size()), words[1], out.profile);
}

/// A line for each wire.
std::string said(const std::set<SentMessage>& lost) {
    std::string out = lost.empty() ? "lost nothing" : "";
    std::optional<std::pair<std::uint64_t, std::uint64_t>> wire;
    for (const auto& message : lost) {
        if (const std::pair here(message.from, message.to); wire != here) {
            out += (wire ? "\nlost " : "lost ") + std::to_string(message.from) + ' ' +
                   std::to_string(message.to);
            wire = here;
        }
        out += ' ' + std::to_string(message.place);
    }
    return out + '\n';
}

std::string said(const std::vector<std::uint64_t>& numbers) {
    std::string out;
    for (const auto number : numbers) {
        out += ' ' + std::to_string(number);
    }
    return out;
}

}  // namespace

std::string Repro::text() const {
    auto out = std::string(first_line) + "\nseed " + std::to_string(seed) + "\ninvariant " +
               invariant + '\n';
    std::map<std::string, std::string> usual;
    const Profile plain;
    each_field(plain, [&](const char* field, const auto& value) { usual[field] = said(value); });
    each_field(profile, [&](const char* field, const auto& value) {
        if (const auto text = said(value); text != usual[field]) {
            out += "profile." + std::string(field) + ' ' + text + '\n';
        }
    });
    for (const auto& fault : script.faults) {
        out += "fault " + std::to_string(fault.at_ms) + ' ' + fault.kind + said(fault.drawn) + '\n';
    }
    for (const auto& [name, drawn] : script.others) {
        if (!drawn.empty()) {
            out += "drawn " + name + said(drawn) + '\n';
        }
    }
    // A list that nothing could be lost from says nothing.
    if (script.lost && (profile.loss > 0 || !script.lost->empty())) {
        out += said(*script.lost);
    }
    return out;
}

std::optional<Repro> Repro::parse(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    Repro out;
    bool begun = false;
    while (std::getline(lines, line)) {
        std::istringstream words_in(line.substr(0, line.find('#')));
        const std::vector<std::string> words{std::istream_iterator<std::string>(words_in), {}};
        if (words.empty()) {
            continue;
        }
        if (!begun) {
            begun = line == first_line;
            if (!begun) {
                return std::nullopt;
            }
        } else if (!hear_line(words, out)) {
            return std::nullopt;
        }
    }
    return begun ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace remit::sim
