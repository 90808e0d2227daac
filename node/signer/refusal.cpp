#include "node/signer/refusal.h"

namespace remit::node::signer {

std::string_view name_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::malformed:
            return "malformed";
        case Refusal::unknown_domain:
            return "unknown_domain";
        case Refusal::foreign_chain:
            return "foreign_chain";
        case Refusal::already_notarized:
            return "already_notarized";
        case Refusal::already_nullified:
            return "already_nullified";
        case Refusal::already_finalized:
            return "already_finalized";
        case Refusal::below_floor:
            return "below_floor";
        case Refusal::view_gone_back:
            return "view_gone_back";
        case Refusal::locked:
            return "locked";
        case Refusal::busy:
            return "busy";
        case Refusal::unknown_version:
            return "unknown_version";
        case Refusal::key_failed:
            return "key_failed";
        case Refusal::foreign_verb:
            return "foreign_verb";
    }
    return "unknown";
}

}  // namespace remit::node::signer
