#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <sstream>

#include "ledger/base/consensus_params.h"
#include "tools/cli/action_file.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/signing.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

using Stub = v1::LedgerService::Stub;

Result<v1::GetValidatorsResponse, Failure> get(const Session& session) {
    TRY_ASSIGN(const auto node, session.ledger());
    return call(*node.stub<v1::LedgerService>(), &Stub::GetValidators, v1::GetValidatorsRequest{},
                CallKind::read, node.name);
}

/// One more column of a table, by index.
struct Column {
    std::string name;
    std::function<std::string(int index)> value;
};

Table table_of(const v1::ValidatorPlan& plan, const Session& session,
               const std::vector<Column>& more = {}) {
    std::vector<std::string> names{">index", "name", "participant", "key", "address"};
    for (const auto& each : more) {
        names.push_back(each.name);
    }
    Table table(names);
    for (int i = 0; i < plan.validators_size(); ++i) {
        const auto& each = plan.validators(i);
        std::vector<std::string> row{
            std::to_string(i), each.name(), session.network().member_name(each.participant_id()),
            short_hex(each.validate_key()), each.address().empty() ? "-" : each.address()};
        for (const auto& column : more) {
            row.push_back(column.value(i));
        }
        table.row(std::move(row));
    }
    return table;
}

/// What one who joins writes into node.toml. Where genesis's validators are, the chain may not say.
std::string lines_to_join_by(const v1::GetValidatorsResponse& answer, const std::string& root) {
    std::string out = "[node]\njoins = true\n";
    if (answer.epoch() > 1 && !answer.root().empty()) {
        out += "trusted = \"" + root + "\"\n";
    }
    out += "\n[peers]\n";
    for (const auto& each : answer.in_force().validators()) {
        const bool known = !each.address().empty();
        out += (known ? "" : "# ") + each.name() + " = \"" + to_hex(each.transport_pin()) + "@" +
               (known ? each.address() : "HOST:PORT") + "\"\n";
    }
    return out;
}

/// Those that are said, a line each.
std::string params_text(const v1::ConsensusParameters& params) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& each : governed_params()) {
        const auto* field = params.GetDescriptor()->FindFieldByName(std::string(each.name));
        if (field != nullptr && params.GetReflection()->HasField(params, field)) {
            lines.emplace_back(each.name,
                               std::to_string(params.GetReflection()->GetUInt32(params, field)));
        }
    }
    return lines.empty() ? "" : properties(lines);
}

Status<Failure> run_list(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto answer, get(session));
    const auto about = [](const v1::ValidatorPlan& plan) {
        return std::pair(std::to_string(plan.epoch_blocks()),
                         std::to_string(plan.protocol_version()));
    };
    const auto [blocks, version] = about(answer.in_force());
    const auto leadership = [&answer](int i) {
        return i < answer.leadership_size() ? answer.leadership(i) : v1::Leadership();
    };
    const std::vector<Column> leading{
        {"leads", [&](int i) { return leadership(i).demoted() ? "no, demoted" : "yes"; }},
        {">debt", [&](int i) { return std::to_string(leadership(i).debt()); }}};
    const auto root = answer.root().empty()
                          ? std::string("-")
                          : std::to_string(answer.epoch()) + ":" + to_hex(answer.root());
    if (context.args.flag("peers")) {
        context.out.text(lines_to_join_by(answer, root));
        context.out.message(answer);
        return {};
    }
    auto text = properties({{"epoch", std::to_string(answer.epoch())},
                            {"root", root},
                            {"why", answer.reason()},
                            {"ends at height", std::to_string(answer.end_height())},
                            {"height now", std::to_string(answer.height())},
                            {"blocks an epoch", blocks},
                            {"protocol version", version}}) +
                "\n" + table_of(answer.in_force(), session, leading).text() + "\nparameters\n" +
                params_text(answer.in_force().parameters());
    if (answer.has_planned()) {
        const auto [next_blocks, next_version] = about(answer.planned());
        const std::vector<Column> readiness{
            {"ready", [&](int i) {
                 return i < answer.readiness_size() && answer.readiness(i).ready() ? "yes" : "no";
             }}};
        text += "\nplanned for the next epoch\n" +
                properties({{"blocks an epoch", next_blocks}, {"protocol version", next_version}}) +
                "\n" + table_of(answer.planned(), session, readiness).text();
        const auto changes = params_text(answer.planned().parameters());
        text += changes.empty() ? "" : "\nparameters that change\n" + changes;
    }
    context.out.text(text);
    context.out.message(answer);
    return {};
}

/// `name=joiner,participant=alipayhk,...`
Result<std::map<std::string, std::string>, Failure> parse_pairs(const std::string& text) {
    std::map<std::string, std::string> out;
    std::istringstream parts(text);
    std::string part;
    while (std::getline(parts, part, ',')) {
        const auto equals = part.find('=');
        if (equals == std::string::npos ||
            !out.emplace(part.substr(0, equals), part.substr(equals + 1)).second) {
            return usage("'" + part + "' is not NAME=VALUE, or is said twice");
        }
    }
    return out;
}

/// A validator that joins: everything the next set must say of it.
Status<Failure> add(const std::string& text, const Session& session, v1::ValidatorPlan& plan) {
    TRY_ASSIGN(auto said, parse_pairs(text));
    for (const auto* wanted : {"name", "participant", "key", "pin", "address"}) {
        if (!said.contains(wanted)) {
            return usage(std::string("--add lacks ") + wanted + "=",
                         "--add name=N,participant=P,key=HEX,pin=HEX,address=HOST:PORT");
        }
    }
    if (said.size() > 5) {
        return usage("--add says something unknown",
                     "--add name=N,participant=P,key=HEX,pin=HEX,address=HOST:PORT");
    }
    TRY_ASSIGN(const auto* member, session.network().member(said["participant"]));
    TRY_ASSIGN(const auto key, parse_hash(said["key"]));
    TRY_ASSIGN(const auto pin, parse_hash(said["pin"]));
    auto& added = *plan.add_validators();
    added.set_participant_id(member->id);
    added.set_name(said["name"]);
    added.set_validate_key(key.bytes());
    added.set_transport_pin(pin.bytes());
    added.set_address(said["address"]);
    return {};
}

Result<v1::PlannedValidator*, Failure> find(v1::ValidatorPlan& plan, const std::string& name) {
    for (auto& each : *plan.mutable_validators()) {
        if (each.name() == name) {
            return &each;
        }
    }
    return usage("no validator is called " + name, "remit validator list names them");
}

Status<Failure> remove(const std::string& names, v1::ValidatorPlan& plan) {
    std::istringstream parts(names);
    std::string name;
    while (std::getline(parts, name, ',')) {
        TRY_ASSIGN(const auto* found, find(plan, name));
        auto& all = *plan.mutable_validators();
        all.erase(std::find_if(all.begin(), all.end(),
                               [found](const auto& each) { return &each == found; }));
    }
    return {};
}

/// `NAME=HEX`: the validator votes with another key.
Status<Failure> rotate(const std::string& text, v1::ValidatorPlan& plan) {
    TRY_ASSIGN(const auto pairs, parse_pairs(text));
    for (const auto& [name, hex] : pairs) {
        TRY_ASSIGN(auto* found, find(plan, name));
        TRY_ASSIGN(const auto key, parse_hash(hex));
        found->set_validate_key(key.bytes());
    }
    return {};
}

/// `NAME=HOST:PORT`: its node listens elsewhere.
Status<Failure> move(const std::string& text, v1::ValidatorPlan& plan) {
    TRY_ASSIGN(const auto pairs, parse_pairs(text));
    for (const auto& [name, address] : pairs) {
        TRY_ASSIGN(auto* found, find(plan, name));
        found->set_address(address);
    }
    return {};
}

/// `NAME=HEX`: its node shows another certificate.
Status<Failure> renew(const std::string& text, v1::ValidatorPlan& plan) {
    TRY_ASSIGN(const auto pairs, parse_pairs(text));
    for (const auto& [name, hex] : pairs) {
        TRY_ASSIGN(auto* found, find(plan, name));
        TRY_ASSIGN(const auto pin, parse_hash(hex));
        found->set_transport_pin(pin.bytes());
    }
    return {};
}

const ParamBounds* find_param(const std::string& name) {
    const auto all = governed_params();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const ParamBounds& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string names_of_params() {
    std::string out;
    for (const auto& each : governed_params()) {
        out += (out.empty() ? "" : ", ") + std::string(each.name);
    }
    return out;
}

/// `NAME=VALUE`: another value of a consensus parameter.
Status<Failure> set(const std::string& text, v1::ValidatorPlan& plan) {
    TRY_ASSIGN(const auto pairs, parse_pairs(text));
    auto& params = *plan.mutable_parameters();
    for (const auto& [name, value] : pairs) {
        const auto* bounds = find_param(name);
        const auto* field = params.GetDescriptor()->FindFieldByName(name);
        if (bounds == nullptr || field == nullptr) {
            return usage("'" + name + "' is no parameter that a plan may change",
                         "one of " + names_of_params());
        }
        std::uint32_t number = 0;
        const auto* end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, number);
        if (error != std::errc{} || stop != end || number < bounds->least ||
            number > bounds->most) {
            return usage("'" + value + "' is no value for " + name,
                         "a whole number from " + std::to_string(bounds->least) + " to " +
                             std::to_string(bounds->most) + ": " + std::string(bounds->meaning));
        }
        params.GetReflection()->SetUInt32(&params, field, number);
    }
    return {};
}

/// What the words of the command change.
Status<Failure> change(const Arguments& args, const Session& session, v1::ValidatorPlan& plan) {
    if (args.has("remove")) {
        TRY(remove(args.text("remove"), plan));
    }
    if (args.has("add")) {
        TRY(add(args.text("add"), session, plan));
    }
    if (args.has("rotate")) {
        TRY(rotate(args.text("rotate"), plan));
    }
    if (args.has("move")) {
        TRY(move(args.text("move"), plan));
    }
    if (args.has("certificate")) {
        TRY(renew(args.text("certificate"), plan));
    }
    if (args.has("set")) {
        TRY(set(args.text("set"), plan));
    }
    return {};
}

Status<Failure> run_plan(Context& context) {
    const auto& args = context.args;
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto now, get(session));
    // What is planned already stays planned: a plan replaces the one before.
    v1::GovernanceAction content;
    auto& plan = *content.mutable_validators();
    if (now.has_planned() && !args.flag("from-now")) {
        plan = now.planned();
    } else {
        plan = now.in_force();
        plan.clear_parameters();  // a plan names those that change
    }
    TRY(change(args, session, plan));
    if (args.has("epoch-blocks")) {
        constexpr std::int64_t blocks_max = 100'000'000;
        TRY_ASSIGN(const auto blocks, args.number("epoch-blocks", 4, blocks_max));
        plan.set_epoch_blocks(static_cast<std::uint64_t>(blocks));
    }
    if (args.has("protocol-version")) {
        TRY_ASSIGN(const auto version, args.number("protocol-version", 1, UINT16_MAX));
        plan.set_protocol_version(static_cast<std::uint32_t>(version));
    }
    constexpr std::int64_t life_ms = 86'400'000;
    TRY_ASSIGN(const auto action, make_action(content, {.valid_until_ms = wall_clock_ms() + life_ms,
                                                        .as_of_height = now.height()}));
    TRY(write_new_action(args.text("out"), action));
    const auto params = params_text(plan.parameters());
    context.out.text(table_of(plan, session).text() +
                     (params.empty() ? "" : "\nparameters that change\n" + params) +
                     "\nNext: remit governance approve " + args.text("out") +
                     " --as each organisation, then remit governance submit\n");
    context.out.message(content);
    return {};
}

}  // namespace

Noun validator_noun() {
    return {"validator",
            "who makes blocks, until when, and who will",
            {{.verb = "list",
              .summary = "the set in force, when its epoch ends, and the plan with who is ready",
              .options = {{"peers", "", "what one who joins writes into its node.toml", ""}},
              .arguments = {},
              .examples = {"remit validator list", "remit validator list --peers"},
              .run = run_list},
             {.verb = "plan",
              .summary = "writes a governance action that names the next set; see governance",
              .options = {{"out", "FILE", "the new file", "", true},
                          {"add", "PAIRS",
                           "name=N,participant=P,key=HEX,pin=HEX,address=HOST:PORT of one who "
                           "joins",
                           ""},
                          {"remove", "NAMES", "who leaves, comma between", ""},
                          {"rotate", "PAIRS", "NAME=HEX: another VALIDATE key", ""},
                          {"move", "PAIRS", "NAME=HOST:PORT: its node listens elsewhere", ""},
                          {"certificate", "PAIRS",
                           "NAME=HEX: the pin of another certificate of its node", ""},
                          {"set", "PAIRS",
                           "NAME=VALUE: another consensus parameter, such as lag_max=8", ""},
                          {"epoch-blocks", "N", "length of the epochs to come", ""},
                          {"protocol-version", "N", "the one in force or the next", ""},
                          {"from-now", "", "from the set in force, not from what is planned", ""}},
              .arguments = {},
              .examples = {"remit validator plan --remove regulator --out plan.json",
                           "remit validator plan --epoch-blocks 20000 --out plan.json",
                           "remit validator plan --set lag_max=8 --set resend_ms=1500 --out "
                           "plan.json"},
              .run = run_plan}}};
}

}  // namespace remit::cli
