#include "tools/cli/action_file.h"

#include <google/protobuf/util/json_util.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tools/cli/ids.h"
#include "tools/cli/input_file.h"

namespace remit::cli {
namespace {

tl::unexpected<Failure> no_action(const std::string& what) {
    return fail(Failure{"BAD_ACTION_FILE", what,
                        "take a file that remit governance propose or remit validator plan wrote",
                        ExitCode::bad_configuration});
}

Status<Failure> write(const std::string& path, const v1::Operation& action) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(action, &text, options).ok()) {
        return no_action("the action cannot be written as JSON");
    }
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        return usage(path + " cannot be written: " + std::strerror(errno));  // NOLINT
    }
    return {};
}

}  // namespace

Result<v1::Operation, Failure> make_action(v1::GovernanceAction content, const ActionFrame& frame) {
    content.set_nonce(new_uuid().bytes());
    content.set_valid_until_ms(frame.valid_until_ms);
    content.set_as_of_height(frame.as_of_height);
    const auto bytes = content.SerializeAsString();
    v1::Operation out;
    switch (content.action_case()) {
        case v1::GovernanceAction::kParticipant:
            out.mutable_set_participant()->set_action(bytes);
            return out;
        case v1::GovernanceAction::kPolicy:
            out.mutable_set_policy()->set_action(bytes);
            return out;
        case v1::GovernanceAction::kCalendar:
            out.mutable_set_calendar()->set_action(bytes);
            return out;
        case v1::GovernanceAction::kValidators:
            out.mutable_set_validators()->set_action(bytes);
            return out;
        case v1::GovernanceAction::ACTION_NOT_SET:
            break;
    }
    return usage("the content names no action",
                 "one of \"participant\", \"policy\", \"calendar\", \"validators\"");
}

Result<v1::Operation, Failure> read_action(const std::string& path) {
    TRY_ASSIGN(const auto text, read_input(path));
    v1::Operation out;
    if (!google::protobuf::util::JsonStringToMessage(text, &out).ok() ||
        approvals_of(out) == nullptr) {
        return no_action(path + " holds no governance action");
    }
    return out;
}

Status<Failure> write_new_action(const std::string& path, const v1::Operation& action) {
    if (std::filesystem::exists(path)) {
        return usage(path + " is there already", "name a new file");
    }
    return write(path, action);
}

Status<Failure> replace_action(const std::string& path, const v1::Operation& action) {
    const auto beside = path + ".new";
    TRY(write(beside, action));
    std::error_code code;
    std::filesystem::rename(beside, path, code);
    if (code) {
        return usage(path + " cannot be replaced: " + code.message());
    }
    return {};
}

Result<Bytes, Failure> signed_part(const v1::Operation& action) {
    if (action.has_set_participant()) {
        return action.set_participant().action();
    }
    if (action.has_set_policy()) {
        return action.set_policy().action();
    }
    if (action.has_set_calendar()) {
        return action.set_calendar().action();
    }
    if (action.has_set_validators()) {
        return action.set_validators().action();
    }
    return no_action("the operation is no governance action");
}

Result<v1::GovernanceAction, Failure> content_of(const v1::Operation& action) {
    TRY_ASSIGN(const auto bytes, signed_part(action));
    v1::GovernanceAction out;
    if (!out.ParseFromString(bytes)) {
        return no_action("the signed part of the action cannot be read");
    }
    return out;
}

google::protobuf::RepeatedPtrField<v1::Approval>* approvals_of(v1::Operation& action) {
    if (action.has_set_participant()) {
        return action.mutable_set_participant()->mutable_approvals();
    }
    if (action.has_set_policy()) {
        return action.mutable_set_policy()->mutable_approvals();
    }
    if (action.has_set_calendar()) {
        return action.mutable_set_calendar()->mutable_approvals();
    }
    if (action.has_set_validators()) {
        return action.mutable_set_validators()->mutable_approvals();
    }
    return nullptr;
}

}  // namespace remit::cli
