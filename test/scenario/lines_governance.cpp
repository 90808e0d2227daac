#include "test/scenario/scenario.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {

/// `8h,32h`: cut-offs as durations after genesis.
Calendar calendar_from(const std::string& word) {
    Calendar out;
    std::size_t from = 0;
    while (from <= word.size()) {
        const auto comma = std::min(word.find(',', from), word.size());
        const auto after_ms = duration_from(word.substr(from, comma - from));
        out.cut_offs.push_back(
            {.at = BlockTime{genesis_time.ms + after_ms}, .value_date = "2025-01-02"});
        from = comma + 1;
    }
    return out;
}

ParticipantStatus status_from(const std::string& word) {
    for (const auto status : {ParticipantStatus::active, ParticipantStatus::restricted,
                              ParticipantStatus::suspended, ParticipantStatus::exited}) {
        if (ledger::name_of(status) == word) {
            return status;
        }
    }
    throw ScenarioFailure("no such status: " + word);
}

}  // namespace

// ... [nonce N] [lives 1h] [ago N] [ahead] by P P P
template <class Set, class Content>
Scenario::Sending Scenario::governed(Line& line, const Content& content) {
    Set operation;
    operation.content = content;
    operation.nonce = id_of(line.take("nonce") ? line.next("a label") : fresh("nonce "));
    const auto life_ms = line.take("lives") ? duration_from(line.next("a duration")) : 60'000;
    operation.valid_until = BlockTime{chain().now().ms + life_ms};
    // `ago 2`: read two blocks before the newest one.
    const auto blocks_ago = line.take("ago") ? number_from(line.next("a number of blocks")) : 0;
    operation.as_of_height =
        line.take("ahead") ? chain().height() + 1 : chain().height() - blocks_ago;
    Writer bytes;
    bytes.fixed(operation.nonce)
        .i64(operation.valid_until.ms)
        .u64(operation.as_of_height)
        .bytes(ledger::encode(content));
    operation.bytes = bytes.take();
    const auto message = signed_bytes(domain::govern, {chain().chain_id().view(), operation.bytes});
    line.expect("by");
    std::string sender;
    while (!line.done()) {
        const bool wrong_bytes = line.take("misread");
        const auto word = line.next("a participant");
        const auto dot = word.find('.');
        const auto name = word.substr(0, dot);
        const auto purpose =
            dot == std::string::npos
                ? KeyPurpose::govern
                : key_purpose_from(word.substr(dot + 1)).value_or(KeyPurpose::govern);
        const auto key = Network::key(name, purpose);
        operation.approvals.push_back(
            {.key = key.public_key(), .signature = key.sign(wrong_bytes ? "other" : message)});
        sender = sender.empty() ? name : sender;
    }
    return {.operation = operation, .sender = sender, .purpose = KeyPurpose::govern};
}

// NAME [id=N] [roles=OPERATOR,VALIDATOR] [status=ACTIVE] [add=OPERATE] [revoke=OPERATE] [name=X]
ParticipantChange Scenario::read_change(Line& line) {
    ParticipantChange out;
    const auto name = line.next("a participant");
    const auto known = chain().state().participant(network_.id_of(name));
    out.name = name;
    out.jurisdiction = "HK";
    if (known) {
        out.id = known->id;
        out.roles = known->roles;
        out.status = known->status;
    }
    while (line.peek().find('=') != std::string::npos) {
        const auto word = line.next("a setting");
        const auto value = word.substr(word.find('=') + 1);
        if (word.starts_with("id=")) {
            out.id = ParticipantId{static_cast<std::uint32_t>(number_from(value))};
            network_.add_name(name, out.id);
        } else if (word.starts_with("role=")) {
            out.roles.push_back(role_from(value).value_or(Role::validator));
        } else if (word.starts_with("status=")) {
            out.status = status_from(value);
        } else if (word.starts_with("add=")) {
            const auto purpose = key_purpose_from(value).value_or(KeyPurpose::view);
            out.add_keys.push_back(
                {.key = Network::key(name, purpose).public_key(), .purpose = purpose});
        } else if (word.starts_with("take_key_of=")) {
            out.add_keys.push_back({.key = Network::key(value, KeyPurpose::operate).public_key(),
                                    .purpose = KeyPurpose::operate});
        } else if (word.starts_with("revoke=")) {
            const auto purpose = key_purpose_from(value).value_or(KeyPurpose::view);
            out.revoke_keys.push_back(Network::key(name, purpose).public_key());
        } else {
            throw ScenarioFailure("no such setting: " + word);
        }
    }
    return out;
}

void Scenario::add_governance_lines() {
    // set_policy cap_bps=12000 by A G bank
    verbs_["set_policy"] = [this](Line& line) {
        auto policy = chain().state().policy();
        while (line.peek().find('=') != std::string::npos) {
            apply_setting(policy, line.next("a setting"));
        }
        return governed<SetPolicy>(line, policy);
    };
    // set_calendar 8h,32h by A G bank
    verbs_["set_calendar"] = [this](Line& line) {
        const auto calendar = calendar_from(line.next("cut-offs"));
        return governed<SetCalendar>(line, calendar);
    };
    verbs_["set_participant"] = [this](Line& line) {
        const auto change = read_change(line);
        return governed<SetParticipant>(line, change);
    };
}

}  // namespace remit::test
