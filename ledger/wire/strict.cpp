#include "ledger/wire/strict.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>

#include <limits>

namespace remit::ledger::wire {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool has_unknown_field(const Message& message);

bool has_unknown_field_in(const Message& message, const FieldDescriptor& field) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        return false;
    }
    const auto& reflection = *message.GetReflection();
    if (!field.is_repeated()) {
        return reflection.HasField(message, &field) &&
               has_unknown_field(reflection.GetMessage(message, &field));
    }
    const int size = reflection.FieldSize(message, &field);
    for (int i = 0; i < size; ++i) {
        if (has_unknown_field(reflection.GetRepeatedMessage(message, &field, i))) {
            return true;
        }
    }
    return false;
}

// Recursion is as deep as the message types nest: none of ours contains itself.
bool has_unknown_field(const Message& message) {
    if (!message.GetReflection()->GetUnknownFields(message).empty()) {
        return true;
    }
    const auto& descriptor = *message.GetDescriptor();
    // A oneof knows its one field: asking all eighteen verbs would be half the cost of decoding.
    for (int i = 0; i < descriptor.real_oneof_decl_count(); ++i) {
        const auto* chosen =
            message.GetReflection()->GetOneofFieldDescriptor(message, descriptor.oneof_decl(i));
        if (chosen != nullptr && has_unknown_field_in(message, *chosen)) {
            return true;
        }
    }
    for (int i = 0; i < descriptor.field_count(); ++i) {
        const auto& field = *descriptor.field(i);
        if (field.real_containing_oneof() == nullptr && has_unknown_field_in(message, field)) {
            return true;
        }
    }
    return false;
}

}  // namespace

Status<LedgerError> refuse_unknown_fields(const Message& message) {
    if (has_unknown_field(message)) {
        return fail(LedgerError::unknown_field);
    }
    return {};
}

Status<LedgerError> parse_strict(ByteView bytes, Message& message) {
    // Protobuf writes a line to stderr for text that is not UTF-8: a stranger could fill the log.
    const google::protobuf::LogSilencer silencer;
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
        !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail(LedgerError::bad_encoding);
    }
    TRY(refuse_unknown_fields(message));
    // Protobuf lets the last of two equal fields win; the shortest encoding has no second one.
    if (message.ByteSizeLong() != bytes.size()) {
        return fail(LedgerError::bad_encoding);
    }
    return {};
}

}  // namespace remit::ledger::wire
