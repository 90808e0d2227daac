#include "tools/cli/output.h"

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace remit::cli {
namespace {

void write(std::FILE* stream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

}  // namespace

bool Output::terminal() {
    return isatty(STDERR_FILENO) == 1;
}

void Output::text(std::string_view text) const {
    if (!json()) {
        write(stdout, text);
    }
}

void Output::message(const google::protobuf::Message& message) const {
    if (!json()) {
        return;
    }
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    options.always_print_primitive_fields = true;
    options.preserve_proto_field_names = true;
    std::string text;
    if (google::protobuf::util::MessageToJsonString(message, &text, options).ok()) {
        write(stdout, text.ends_with('\n') ? text : text + "\n");
    }
}

void Output::value(const nlohmann::ordered_json& value) const {
    if (json()) {
        write(stdout, value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
}

void Output::note(std::string_view sentence) const {
    if (verbosity_ >= 0) {
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
