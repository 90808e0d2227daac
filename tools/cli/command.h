#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/cli/failure.h"
#include "tools/cli/output.h"

namespace remit::cli {

/// One `--name`. Without a placeholder it is a flag.
struct Option {
    std::string name;
    std::string placeholder;  // shown in help: AMOUNT, NAME, FILE; empty: a flag
    std::string meaning;
    std::string default_value;  // shown in help and used when the option is not given
    bool required = false;
};

/// One word without a dash, in order.
struct Argument {
    std::string name;
    std::string meaning;
    bool required = true;
};

/// What was typed for one command, already checked against its options and arguments.
class Arguments {
public:
    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
    void set_given(const std::string& name) { given_.insert(name); }

    [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
    /// True when it was typed, not defaulted.
    [[nodiscard]] bool given(const std::string& name) const { return given_.contains(name); }
    [[nodiscard]] bool flag(const std::string& name) const { return has(name); }
    /// Empty when neither given nor defaulted.
    [[nodiscard]] std::string text(const std::string& name) const;
    /// A whole number in [low, high]; exit 2 with the option's name otherwise.
    [[nodiscard]] Result<std::int64_t, Failure> number(const std::string& name, std::int64_t low,
                                                       std::int64_t high) const;

private:
    std::map<std::string, std::string> values_;
    std::set<std::string> given_;
};

/// Settings that hold for every command.
struct Settings {
    std::string state_folder;  // of the devnet: keys, certificates and addresses are read from it
    std::string as;            // participant in whose name to act; empty: the command's default
    std::string node;          // validator to ask; empty: the first that answers
};

/// What a running command has.
struct Context {
    Arguments args;
    Settings settings;
    const Output& out;
};

struct Command {
    std::string verb;  // empty: the noun is the whole command
    std::string summary;
    std::vector<Option> options;
    std::vector<Argument> arguments;
    std::vector<std::string> examples;  // at least one, each a whole command line
    std::function<Status<Failure>(Context&)> run;
};

struct Noun {
    std::string name;
    std::string summary;
    std::vector<Command> commands;
};

/// The noun-verb tree of a program.
class CommandTree {
public:
    explicit CommandTree(std::vector<Noun> nouns) : nouns_(std::move(nouns)) {}

    /// Parses and runs `arguments` (without the program's name); prints help or failures. Never
    /// throws for what was typed.
    [[nodiscard]] ExitCode run(const std::vector<std::string>& arguments) const;

    [[nodiscard]] const std::vector<Noun>& nouns() const { return nouns_; }
    [[nodiscard]] std::string help() const;
    [[nodiscard]] static std::string help(const Noun& noun);
    [[nodiscard]] static std::string help(const Noun& noun, const Command& command);

    /// The noun or verb typed, or exit 2 with the nearest one.
    [[nodiscard]] Result<const Noun*, Failure> find_noun(const std::string& name) const;
    [[nodiscard]] static Result<const Command*, Failure> find_verb(const Noun& noun,
                                                                   const std::string& verb);
    /// The words after noun and verb as checked values, or exit 2.
    [[nodiscard]] static Result<Arguments, Failure> parse(const Command& command,
                                                          const std::vector<std::string>& words);

private:
    /// `plain` prints pages of help, in the form that was asked for.
    [[nodiscard]] Status<Failure> run_line(const std::vector<std::string>& arguments,
                                           const Output& plain) const;
    [[nodiscard]] static Status<Failure> run_command(const Command& command,
                                                     const std::vector<std::string>& words);

    std::vector<Noun> nouns_;
};

}  // namespace remit::cli
