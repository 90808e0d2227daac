#include "tools/cli/command.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "tools/cli/commands/commands.h"

namespace remit::cli {
namespace {

Result<Arguments, Failure> parse(const std::string& noun, const std::string& verb,
                                 const std::vector<std::string>& words) {
    const auto tree = remit_commands();
    const auto* found = tree.find_noun(noun).value();
    return CommandTree::parse(*CommandTree::find_verb(*found, verb).value(), words);
}

}  // namespace

TEST_CASE("commands: every command has help with an example that begins with it",
          "[cli][command]") {
    const auto tree = remit_commands();
    for (const auto& noun : tree.nouns()) {
        for (const auto& command : noun.commands) {
            CAPTURE(noun.name, command.verb);
            REQUIRE_FALSE(command.examples.empty());
            const auto start =
                "remit " + noun.name + (command.verb.empty() ? "" : " " + command.verb);
            const auto help = CommandTree::help(noun, command);
            for (const auto& example : command.examples) {
                CHECK(example.substr(0, start.size()) == start);
                CHECK(help.find(example) != std::string::npos);
            }
            CHECK_FALSE(command.summary.empty());
            CHECK(help.find(command.summary) != std::string::npos);
            CHECK(help.find("--output FORMAT") != std::string::npos);
            for (const auto& option : command.options) {
                // An option of the same name would be ambiguous with the one every command takes.
                for (const auto* everywhere :
                     {"output", "quiet", "verbose", "state", "as", "node", "help"}) {
                    CHECK(option.name != everywhere);
                }
                CHECK(help.find("--" + option.name) != std::string::npos);
                CHECK_FALSE(option.meaning.empty());
            }
        }
        CHECK(tree.help().find("  " + noun.name) != std::string::npos);
        CHECK(CommandTree::help(noun).find("Examples:") != std::string::npos);
    }
}

TEST_CASE("commands: the options of every example are known", "[cli][command]") {
    const auto tree = remit_commands();
    for (const auto& noun : tree.nouns()) {
        for (const auto& command : noun.commands) {
            for (const auto& example : command.examples) {
                std::istringstream words(example);
                std::vector<std::string> rest;
                std::string word;
                for (int i = 0; words >> word; ++i) {
                    if (i >= (command.verb.empty() ? 2 : 3)) {
                        rest.push_back(word);
                    }
                }
                CAPTURE(example);
                const auto parsed = CommandTree::parse(command, rest);
                if (!parsed) {
                    FAIL(parsed.error().message);
                }
            }
        }
    }
}

TEST_CASE("commands: a wrong noun, verb or option names the nearest one", "[cli][command]") {
    const auto tree = remit_commands();
    const auto noun = tree.find_noun("remitance");
    REQUIRE_FALSE(noun.has_value());
    CHECK(noun.error().help == "did you mean remit remittance?");
    CHECK(noun.error().exit == ExitCode::usage);
    const auto* remittance = tree.find_noun("remittance").value();
    const auto verb = CommandTree::find_verb(*remittance, "sned");
    REQUIRE_FALSE(verb.has_value());
    CHECK(verb.error().help == "did you mean remit remittance send?");
    const auto option = parse("devnet", "up", {"--base-prot", "7000"});
    REQUIRE_FALSE(option.has_value());
    CHECK(option.error().help == "did you mean --base-port?");
    CHECK(option.error().exit == ExitCode::usage);
    // Half of a short word's letters at most may differ: foo is not near tx.
    CHECK(tree.find_noun("foo").error().help == "remit --help lists them");
    CHECK(tree.find_noun("Devnet").error().help == "did you mean remit devnet?");
}

TEST_CASE("commands: what is missing or too much is told", "[cli][command]") {
    const auto missing = parse("remittance", "send", {"--from", "a@b", "--to", "c@d"});
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message == "--amount AMOUNT is missing");
    CHECK(missing.error().help.find("for example: remit remittance send --from") !=
          std::string::npos);
    const auto empty = parse("devnet", "status", {"--state", ""});
    REQUIRE_FALSE(empty.has_value());
    CHECK(empty.error().message == "--state is empty");
    const auto word = parse("window", "show", {"one"});
    REQUIRE(word.has_value());
    CHECK(word->number("ID", 1, 9).error().message == "'one' is no number for ID");
    const auto argument = parse("tx", "get", {});
    REQUIRE_FALSE(argument.has_value());
    CHECK(argument.error().message == "ID is missing");
    CHECK_FALSE(parse("tx", "get", {"a", "b"}).has_value());
    // A prefix of an option's name is not that option.
    CHECK_FALSE(parse("devnet", "up", {"--base", "7000"}).has_value());
}

TEST_CASE("commands: defaults fill in, numbers are bounded", "[cli][command]") {
    const auto args = parse("block", "list", {"--count", "25"});
    REQUIRE(args.has_value());
    CHECK(args->number("count", 1, 100).value() == 25);
    CHECK_FALSE(args->number("count", 1, 10).has_value());
    const auto defaulted = parse("block", "list", {});
    REQUIRE(defaulted.has_value());
    CHECK(defaulted->text("count") == "10");
    for (const auto* bad : {"", "x", "1x", "-1", "1.5", "99999999999999999999"}) {
        CAPTURE(bad);
        const auto number = parse("block", "list", {std::string("--count=") + bad});
        CHECK((!number.has_value() || !number->number("count", 1, 100).has_value()));
    }
}

TEST_CASE("commands: noun, verb and options are told apart wherever they stand", "[cli][command]") {
    std::string seen;
    const auto record = [&](Context& context) -> Status<Failure> {
        seen = context.args.text("WORD") + "|" + context.args.text("from") + "|" +
               context.settings.state_folder + "|" + context.settings.as;
        return {};
    };
    const Option from{"from", "CODE", "a value", ""};
    const Argument word{"WORD", "a word", false};
    const Command alone{"", "does it", {from}, {word}, {"remit quote"}, record};
    const Command named{"do", "does it", {from}, {word}, {"remit thing do"}, record};
    const CommandTree tree({{"quote", "one", {alone}}, {"thing", "two", {named}}});
    struct Row {
        std::vector<std::string> words;
        const char* seen;
    };
    const auto row = GENERATE(
        Row{{"quote", "--from", "HKD", "--state", "d"}, "|HKD|d|"},
        Row{{"quote", "X", "--from", "HKD", "--state", "d"}, "X|HKD|d|"},
        Row{{"--state", "d", "quote", "--from=HKD", "X"}, "X|HKD|d|"},
        Row{{"-q", "--state=d", "thing", "--as", "me", "do", "X"}, "X||d|me"},
        Row{{"-o", "json", "thing", "do", "--from", "HKD", "X", "--state", "d"}, "X|HKD|d|"});
    CAPTURE(row.words);
    CHECK(tree.run(row.words) == ExitCode::done);
    CHECK(seen == row.seen);
}

TEST_CASE("commands: exit codes of what needs no network", "[cli][command]") {
    const auto tree = remit_commands();
    CHECK(tree.run({"nonsense"}) == ExitCode::usage);
    CHECK(tree.run({"explain", "NDC_EXCEEDED"}) == ExitCode::done);
    CHECK(tree.run({"-o", "json", "explain", "404"}) == ExitCode::done);
    CHECK(tree.run({"explain", "ndc_exceeded"}) == ExitCode::done);
    CHECK(tree.run({"explain", "RAIL_REFUSED", "-o", "json"}) == ExitCode::done);
    CHECK(tree.run({"explain", "1201"}) == ExitCode::done);
    CHECK(tree.run({"explain", "1299"}) == ExitCode::not_found);
    CHECK(tree.run({"explain", "NO_SUCH_CODE"}) == ExitCode::not_found);
    CHECK(tree.run({}) == ExitCode::done);
    CHECK(tree.run({"--help"}) == ExitCode::done);
    CHECK(tree.run({"help"}) == ExitCode::done);
    CHECK(tree.run({"help", "devnet", "up"}) == ExitCode::done);
    CHECK(tree.run({"--version"}) == ExitCode::done);
    CHECK(tree.run({"-o", "json"}) == ExitCode::usage);
    CHECK(tree.run({"--bogus"}) == ExitCode::usage);
    CHECK(tree.run({"--state"}) == ExitCode::usage);
    CHECK(tree.run({"devnet", "--bogus"}) == ExitCode::usage);
    CHECK(tree.run({"devnet", "status", "--state", ""}) == ExitCode::usage);
    CHECK(tree.run({"block", "show", "0"}) == ExitCode::usage);
    CHECK(tree.run({"devnet"}) == ExitCode::done);
    CHECK(tree.run({"devnet", "up", "--help"}) == ExitCode::done);
    CHECK(tree.run({"version", "-o", "xml"}) == ExitCode::usage);
    CHECK(tree.run({"node", "status", "--state", "/nonexistent"}) == ExitCode::bad_configuration);
    CHECK(tree.run({"verify", "/nonexistent", "--genesis", "/nonexistent"}) == ExitCode::not_found);
}

}  // namespace remit::cli
