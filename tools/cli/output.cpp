#include "tools/cli/output.h"

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace remit::cli {
namespace {

int stdout_error = 0;

void write(std::FILE* stream, std::string_view text) {
    errno = 0;
    const bool taken =
        std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
    if (!taken && stream == stdout && stdout_error == 0) {
        stdout_error = errno == 0 ? EIO : errno;
    }
}

std::string json_of(const google::protobuf::Message& message, bool on_one_line) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = !on_one_line;
    options.always_print_primitive_fields = true;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) {
        return {};
    }
    return text.ends_with('\n') ? text : text + "\n";
}

}  // namespace

bool Output::terminal() {
    return isatty(STDERR_FILENO) == 1;
}

int Output::lost() {
    return stdout_error;
}

void Output::page(const std::string& help) const {
    text(help);
    value({{"help", help}});
}

void Output::text(std::string_view text) const {
    if (!json()) {
        write(stdout, text);
    }
}

void Output::message(const google::protobuf::Message& message) const {
    if (json()) {
        write(stdout, json_of(message, false));
    }
}

void Output::line(const google::protobuf::Message& message) const {
    if (json()) {
        write(stdout, json_of(message, true));
    }
}

void Output::value(const nlohmann::ordered_json& value) const {
    if (json()) {
        write(stdout, value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
}

void Output::note(std::string_view sentence) const {
    const int needed = json() ? 1 : 0;
    if (verbosity_ >= needed) {
        write(stderr, std::string(sentence) + "\n");
    }
}

void Output::failure(const Failure& failure) const {
    if (json()) {
        const nlohmann::ordered_json error = {{"error",
                                               {{"code", failure.code},
                                                {"message", failure.message},
                                                {"help", failure.help},
                                                {"exit", static_cast<int>(failure.exit)}}}};
        write(stderr, error.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
        return;
    }
    write(stderr, "error: " + failure.code + ": " + failure.message + "\n");
    if (!failure.help.empty()) {
        write(stderr, "help: " + failure.help + "\n");
    }
}

}  // namespace remit::cli
