#include "tools/cli/command.h"

#include <algorithm>
#include <boost/algorithm/string/join.hpp>
#include <boost/program_options.hpp>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "node/ops/config.h"

namespace po = boost::program_options;

namespace remit::cli {
namespace {

/// Options every command takes.
const std::vector<Option>& global_options() {
    static const std::vector<Option> options = {
        {"output", "FORMAT", "table or json (also -o); json is the API's own message", "table"},
        {"quiet", "", "say only errors (also -q)", ""},
        {"verbose", "", "say more (also -v)", ""},
        {"state", "DIR", "folder of the devnet (default .devnet, or REMIT_STATE)", ""},
        {"as", "NAME", "participant in whose name to act", ""},
        {"node", "NAME", "validator to ask (default: the first that answers)", ""},
        {"help", "", "this text (also -h)", ""}};
    return options;
}

std::string short_of(const std::string& name) {
    return name == "output" || name == "quiet" || name == "verbose" || name == "help"
               ? std::string(",") + name[0]
               : std::string();
}

void declare(po::options_description& description, const Option& option) {
    const auto name = option.name + short_of(option.name);
    if (option.placeholder.empty()) {
        description.add_options()(name.c_str(), po::bool_switch());
    } else if (option.placeholder == "PAIRS") {  // said again, it adds to what was said
        description.add_options()(name.c_str(), po::value<std::vector<std::string>>());
    } else {
        description.add_options()(name.c_str(), po::value<std::string>());
    }
}

bool is_global_with_value(const std::string& word) {
    static const std::vector<std::string> words = {"-o", "--output", "--state", "--as", "--node"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string option_line(const Option& option) {
    std::string name = "  --" + option.name;
    name += option.placeholder.empty() ? "" : " " + option.placeholder;
    name.resize(std::max<std::size_t>(name.size() + 2, 28), ' ');
    std::string line = name + option.meaning;
    if (option.required) {
        line += " (required)";
    } else if (!option.default_value.empty()) {
        line += " (default " + option.default_value + ")";
    }
    return line + "\n";
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 2, width), ' ');
    return text;
}

std::string command_line(const Noun& noun, const Command& command) {
    std::string line = "remit " + noun.name;
    line += command.verb.empty() ? "" : " " + command.verb;
    for (const auto& argument : command.arguments) {
        line += argument.required ? " " + argument.name : " [" + argument.name + "]";
    }
    return line;
}

/// What every example shows of the command, as the last part of a remedy.
std::string for_example(const Command& command) {
    return command.examples.empty() ? std::string() : "; for example: " + command.examples.front();
}

Failure unknown_option(const Command& command, const std::string& typed) {
    std::vector<std::string> names;
    for (const auto& option : command.options) {
        names.push_back("--" + option.name);
    }
    for (const auto& option : global_options()) {
        names.push_back("--" + option.name);
    }
    const auto guess = node::nearest_of(typed, names);
    return Failure{
        "USAGE", "there is no option " + typed,
        guess.empty() ? "ask for the options with --help" : "did you mean " + guess + "?",
        ExitCode::usage};
}

/// The words of one command line, split.
struct Line {
    std::vector<std::string> front;  // noun, verb
    std::vector<std::string> rest;   // options and arguments
};

bool is_global_flag(const std::string& word) {
    static const std::vector<std::string> words = {"-q",        "--quiet", "-v",
                                                   "--verbose", "-h",      "--help"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Takes the first two plain words as noun and verb; only global options may stand before them, so
/// the value of a command's own option is never taken for a verb.
Line split(const std::vector<std::string>& words) {
    Line line;
    std::size_t i = 0;
    for (; i < words.size() && line.front.size() < 2; ++i) {
        if (!words[i].starts_with('-')) {
            line.front.push_back(words[i]);
            continue;
        }
        const bool with_value = is_global_with_value(words[i]);
        const bool alone = is_global_flag(words[i]) || words[i].find('=') != std::string::npos ||
                           words[i] == "-ojson" || words[i] == "-otable";
        if (!with_value && !alone && !line.front.empty()) {
            break;
        }
        line.rest.push_back(words[i]);
        if (with_value && i + 1 < words.size()) {
            line.rest.push_back(words[++i]);
        }
    }
    line.rest.insert(line.rest.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    return line;
}

bool wants_help(const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(),
                       [](const auto& word) { return word == "-h" || word == "--help"; });
}

Format format_asked(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool next_is_json = i + 1 < words.size() && words[i + 1] == "json";
        if (words[i] == "-ojson" || words[i] == "--output=json" ||
            ((words[i] == "-o" || words[i] == "--output") && next_is_json)) {
            return Format::json;
        }
    }
    return Format::table;
}

std::string state_folder(const Arguments& args) {
    if (args.has("state")) {
        return args.text("state");
    }
    const char* set = std::getenv("REMIT_STATE");  // NOLINT(concurrency-mt-unsafe): at start only
    return set != nullptr && *set != '\0' ? set : ".devnet";
}

}  // namespace

std::string Arguments::text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
}

Result<std::int64_t, Failure> Arguments::number(const std::string& name, std::int64_t low,
                                                std::int64_t high) const {
    const auto value = text(name);
    // Arguments have names in capitals, options in small letters.
    const bool is_argument = !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || stop != end || number < low || number > high) {
        return usage(
            "'" + value + "' is no number for " + (is_argument ? "" : "--") + name,
            "give a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return number;
}

Result<Arguments, Failure> CommandTree::parse(const Command& command,
                                              const std::vector<std::string>& words) {
    po::options_description description;
    for (const auto& option : command.options) {
        declare(description, option);
    }
    for (const auto& option : global_options()) {
        declare(description, option);
    }
    po::positional_options_description positional;
    for (const auto& argument : command.arguments) {
        description.add_options()(argument.name.c_str(), po::value<std::string>());
        positional.add(argument.name.c_str(), 1);
    }
    po::variables_map typed;
    try {
        using Style = po::command_line_style::style_t;
        po::store(po::command_line_parser(words)
                      .options(description)
                      .positional(positional)
                      .style(Style::unix_style & ~Style::allow_guessing)
                      .run(),
                  typed);
    } catch (const po::unknown_option& error) {
        return fail(unknown_option(command, error.get_option_name()));
    } catch (const po::too_many_positional_options_error&) {
        return usage("too many words", "put values with blanks in quotes" + for_example(command));
    } catch (const po::error& error) {
        return usage(error.what());
    }
    Arguments args;
    for (const auto& [name, value] : typed) {
        if (const auto* parts = boost::any_cast<std::vector<std::string>>(&value.value())) {
            args.set(name, boost::algorithm::join(*parts, ","));
            args.set_given(name);
        } else if (const auto* text = boost::any_cast<std::string>(&value.value())) {
            if (text->empty()) {
                const bool is_argument = name[0] >= 'A' && name[0] <= 'Z';
                return usage((is_argument ? "" : "--") + name + " is empty",
                             "give a value or leave it out");
            }
            args.set(name, *text);
            args.set_given(name);
        } else if (boost::any_cast<bool>(value.value())) {
            args.set(name, "yes");
            args.set_given(name);
        }
    }
    for (const auto& option : command.options) {
        if (!args.has(option.name) && !option.default_value.empty()) {
            args.set(option.name, option.default_value);
        }
        if (!args.has(option.name) && option.required) {
            return usage("--" + option.name + " " + option.placeholder + " is missing",
                         option.meaning + for_example(command));
        }
    }
    for (const auto& argument : command.arguments) {
        if (argument.required && !args.has(argument.name)) {
            return usage(argument.name + " is missing", argument.meaning + for_example(command));
        }
    }
    return args;
}

Result<const Noun*, Failure> CommandTree::find_noun(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& noun : nouns_) {
        if (noun.name == name) {
            return &noun;
        }
        names.push_back(noun.name);
    }
    const auto guess = node::nearest_of(name, names);
    return usage("there is no command '" + name + "'",
                 guess.empty() ? "remit --help lists them" : "did you mean remit " + guess + "?");
}

Result<const Command*, Failure> CommandTree::find_verb(const Noun& noun, const std::string& verb) {
    std::vector<std::string> verbs;
    for (const auto& command : noun.commands) {
        if (command.verb == verb) {
            return &command;
        }
        verbs.push_back(command.verb);
    }
    const auto guess = node::nearest_of(verb, verbs);
    return usage("remit " + noun.name + " has no '" + verb + "'",
                 guess.empty() ? "remit " + noun.name + " lists what it has"
                               : "did you mean remit " + noun.name + " " + guess + "?");
}

std::string CommandTree::help() const {
    std::string out = "remit [-o table|json] [-q|-v] [--state DIR] <noun> <verb> ...\n\n";
    for (const auto& noun : nouns_) {
        out += "  " + padded(noun.name, 14) + noun.summary + "\n";
    }
    out += "\nStart with:\n  remit devnet up\n  remit remittance send --help\n";
    return out +
           "\nExit: 0 done, 1 our bug, 2 usage, 3 rejected for good, 4 not found, 5 outcome "
           "unknown (ask again\nwith the same id), 6 not allowed, 7 bad configuration or "
           "integrity, 8 unhealthy, 130 interrupted\n";
}

std::string CommandTree::help(const Noun& noun) {
    std::string out = "remit " + noun.name + ": " + noun.summary + "\n\n";
    for (const auto& command : noun.commands) {
        out += "  " + padded(command_line(noun, command), 44) + command.summary + "\n";
    }
    out += "\nExamples:\n";
    for (std::size_t i = 0; i < noun.commands.size() && i < 2; ++i) {
        out += "  " + noun.commands[i].examples.front() + "\n";
    }
    return out;
}

std::string CommandTree::help(const Noun& noun, const Command& command) {
    std::string out = command_line(noun, command) + " [options]\n  " + command.summary + "\n\n";
    for (const auto& argument : command.arguments) {
        out += "  " + padded(argument.name, 26) + argument.meaning + "\n";
    }
    for (const auto& option : command.options) {
        out += option_line(option);
    }
    out += "\nEverywhere:\n";
    for (const auto& option : global_options()) {
        out += option_line(option);
    }
    out += command.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
    for (const auto& example : command.examples) {
        out += "  " + example + "\n";
    }
    return out;
}

namespace {

/// `remit help devnet up` is `remit devnet up --help`; `remit --version` is `remit version`.
std::vector<std::string> in_full(std::vector<std::string> words) {
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    } else if (!words.empty() && words.front() == "--version") {
        words.front() = "version";
    }
    return words;
}

/// What is wrong with a line that names no command.
Failure no_command(const std::vector<std::string>& words) {
    for (const auto& word : words) {
        const bool everywhere = is_global_flag(word) || is_global_with_value(word) ||
                                word.find('=') != std::string::npos || word.starts_with("-o");
        if (word.starts_with('-') && !everywhere) {
            return Failure{"USAGE", "there is no option " + word + " before a command",
                           "remit --help lists the commands", ExitCode::usage};
        }
    }
    return Failure{"USAGE", "no command was given", "remit --help lists them", ExitCode::usage};
}

Failure output_lost(int error) {
    return Failure{"WRITE_FAILED",
                   std::string("standard output takes no data: ") + std::strerror(error),
                   "what was asked for is done and is not told here: do not repeat a payment, ask "
                   "with remit remittance list",
                   ExitCode::bad_configuration};
}

}  // namespace

ExitCode CommandTree::run(const std::vector<std::string>& typed) const {
    const auto arguments = in_full(typed);
    const Output plain(format_asked(arguments), 0);
    const auto ended = [&](const Status<Failure>& done) {
        if (!done) {
            plain.failure(done.error());
            return done.error().exit;
        }
        // A reader that has seen enough, as head has, is no failure.
        if (Output::lost() != 0 && Output::lost() != EPIPE) {
            plain.failure(output_lost(Output::lost()));
            return output_lost(Output::lost()).exit;
        }
        return ExitCode::done;
    };
    return ended(run_line(arguments, plain));
}

Status<Failure> CommandTree::run_line(const std::vector<std::string>& arguments,
                                      const Output& plain) const {
    auto line = split(arguments);
    if (line.front.empty()) {
        if (!wants_help(arguments) && !arguments.empty()) {
            return fail(no_command(arguments));
        }
        plain.page(help());
        return {};
    }
    TRY_ASSIGN(const auto* noun, find_noun(line.front[0]));
    const bool single = noun->commands.size() == 1 && noun->commands[0].verb.empty();
    if (single && line.front.size() == 2) {
        line.rest.insert(line.rest.begin(), line.front[1]);
    }
    if (!single && line.front.size() == 1) {
        TRY(parse(Command{}, line.rest));
        plain.page(help(*noun));
        return {};
    }
    TRY_ASSIGN(const auto* command, find_verb(*noun, single ? "" : line.front[1]));
    if (wants_help(line.rest)) {
        plain.page(help(*noun, *command));
        return {};
    }
    auto done = run_command(*command, line.rest);
    if (!done && done.error().exit == ExitCode::usage && done.error().help.empty()) {
        done.error().help = "see remit " + noun->name +
                            (command->verb.empty() ? "" : " " + command->verb) + " --help";
    }
    return done;
}

Status<Failure> CommandTree::run_command(const Command& command,
                                         const std::vector<std::string>& words) {
    TRY_ASSIGN(auto args, parse(command, words));
    const auto format = args.text("output");
    if (!format.empty() && format != "json" && format != "table") {
        return usage("'" + format + "' is no output format", "use -o table or -o json");
    }
    const Output out(format == "json" ? Format::json : Format::table,
                     args.flag("quiet") ? -1 : (args.flag("verbose") ? 1 : 0));
    Settings settings{state_folder(args), args.text("as"), args.text("node")};
    Context context{std::move(args), std::move(settings), out};
    return command.run(context);
}

}  // namespace remit::cli
