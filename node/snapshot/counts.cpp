#include "node/snapshot/counts.h"

namespace remit::node {

std::string_view name_of(SnapshotFlaw flaw) {
    switch (flaw) {
        case SnapshotFlaw::bad_manifest:
            return "bad_manifest";
        case SnapshotFlaw::uncertified_manifest:
            return "uncertified_manifest";
        case SnapshotFlaw::bad_chunk:
            return "bad_chunk";
        case SnapshotFlaw::not_installable:
            return "not_installable";
    }
    return "unknown";
}

std::string text_of(SnapshotFlaw flaw) {
    return std::to_string(static_cast<int>(flaw)) + " " + std::string(name_of(flaw));
}

}  // namespace remit::node
