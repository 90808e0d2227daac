#include <google/protobuf/stubs/common.h>
#include <sodium.h>

#include <nlohmann/json.hpp>

#include "tools/cli/commands/commands.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

Status<Failure> run(Context& context) {
    const auto protobuf = google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
    context.out.text(properties({{"remit", REMIT_VERSION},
                                 {"api", "remit.v1"},
                                 {"libsodium", sodium_version_string()},
                                 {"protobuf", protobuf}}));
    context.out.value({{"remit", REMIT_VERSION},
                       {"api", "remit.v1"},
                       {"libsodium", sodium_version_string()},
                       {"protobuf", protobuf}});
    return {};
}

}  // namespace

Noun version_noun() {
    return {"version",
            "of this program and of what it stands on",
            {{.verb = "",
              .summary = "versions, for a report",
              .options = {},
              .arguments = {},
              .examples = {"remit version", "remit version -o json"},
              .run = run}}};
}

}  // namespace remit::cli
