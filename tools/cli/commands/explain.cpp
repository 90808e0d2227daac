#include <nlohmann/json.hpp>

#include "ledger/errors.h"
#include "node/ops/config.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/own_codes.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

std::string in_capitals(std::string text) {
    for (char& letter : text) {
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    return text;
}

const OwnCode* find_own(const std::string& code) {
    for (const auto& own : own_codes()) {
        if (own.name == code || (own.number != 0 && std::to_string(own.number) == code)) {
            return &own;
        }
    }
    return nullptr;
}

Result<const ledger::ErrorInfo*, Failure> find_code(const std::string& code) {
    std::vector<std::string> names;
    for (const auto& own : own_codes()) {
        names.emplace_back(own.name);
    }
    for (const auto& info : ledger::error_table()) {
        if (info.name == code || std::to_string(static_cast<int>(info.error)) == code) {
            return &info;
        }
        names.emplace_back(info.name);
    }
    const auto guess = node::nearest_of(code, names);
    return fail(Failure{"NOT_FOUND", "there is no code '" + code + "'",
                        guess.empty() ? "remit explain lists all" : "did you mean " + guess + "?",
                        ExitCode::not_found});
}

nlohmann::ordered_json to_json(const ledger::ErrorInfo& info) {
    return {{"number", static_cast<int>(info.error)},
            {"name", info.name},
            {"iso_reason", info.iso_reason},
            {"meaning", info.meaning},
            {"remedy", info.remedy}};
}

Status<Failure> run(Context& context) {
    if (!context.args.has("CODE")) {
        Table table({"code", ">number", "iso", "meaning"});
        auto list = nlohmann::ordered_json::array();
        for (const auto& info : ledger::error_table()) {
            table.row({std::string(info.name), std::to_string(static_cast<int>(info.error)),
                       std::string(info.iso_reason), std::string(info.meaning)});
            list.push_back(to_json(info));
        }
        context.out.text(table.text());
        context.out.value(list);
        return {};
    }
    const auto code = in_capitals(context.args.text("CODE"));
    if (const auto* own = find_own(code)) {
        const auto number = own->number == 0 ? "-" : std::to_string(own->number);
        context.out.text(properties({{"code", std::string(own->name)},
                                     {"number", number},
                                     {"meaning", std::string(own->meaning)},
                                     {"remedy", std::string(own->remedy)}}));
        nlohmann::ordered_json value = {
            {"name", own->name}, {"meaning", own->meaning}, {"remedy", own->remedy}};
        if (own->number != 0) {
            value["number"] = own->number;
        }
        context.out.value(value);
        return {};
    }
    TRY_ASSIGN(const auto* info, find_code(code));
    context.out.text(properties({{"code", std::string(info->name)},
                                 {"number", std::to_string(static_cast<int>(info->error))},
                                 {"iso reason", std::string(info->iso_reason)},
                                 {"meaning", std::string(info->meaning)},
                                 {"remedy", std::string(info->remedy)}}));
    context.out.value(to_json(*info));
    return {};
}

}  // namespace

Noun explain_noun() {
    return {
        "explain",
        "what a refusal or an error means and what to do",
        {{.verb = "",
          .summary =
              "the code's number, ISO reason, meaning and remedy; all of the ledger's without one",
          .options = {},
          .arguments = {{"CODE", "its name or number", false}},
          .examples = {"remit explain NDC_EXCEEDED", "remit explain 404 -o json"},
          .run = run}}};
}

}  // namespace remit::cli
