#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tools/cli/failure.h"

namespace google::protobuf {
class Message;
}

namespace remit::cli {

enum class Format { table, json };

/// Where a command speaks: data to standard output, everything said about it to standard error.
class Output {
public:
    Output(Format format, int verbosity) : format_(format), verbosity_(verbosity) {}

    [[nodiscard]] bool json() const { return format_ == Format::json; }
    [[nodiscard]] bool verbose() const { return verbosity_ > 0; }
    /// True when a person watches standard error, so progress may be drawn over itself.
    [[nodiscard]] static bool terminal();

    /// What standard output said when it took no more data (an errno: EPIPE when the reader has
    /// left); 0 while all was taken.
    [[nodiscard]] static int lost();

    /// A page of help: plain in table form, else one JSON object with it under "help".
    void page(const std::string& help) const;
    /// Data for a person: printed in table form only.
    void text(std::string_view text) const;
    /// Data for a program: the API message itself, printed in JSON form only. Field names are those
    /// of the .proto files, 64-bit numbers are strings.
    void message(const google::protobuf::Message& message) const;
    /// The same on one line, for lists that are not one message.
    void line(const google::protobuf::Message& message) const;
    /// The same where there is no API message.
    void value(const nlohmann::ordered_json& value) const;
    /// A sentence on standard error, left out with -q; in JSON form, where standard error is for
    /// the error alone, said with -v only.
    void note(std::string_view sentence) const;
    /// `error: CODE: message` and `help: ...` on standard error, or one JSON object there.
    void failure(const Failure& failure) const;

private:
    Format format_;
    int verbosity_;  // -1 quiet, 0 normal, 1 verbose
};

}  // namespace remit::cli
