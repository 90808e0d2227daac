#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/calendar.h"
#include "ledger/epoch.h"
#include "ledger/ids.h"
#include "ledger/participant.h"
#include "ledger/policy.h"
#include "ledger/record.h"

namespace remit::ledger {

/// A GOVERN key's signature over `remit.govern tag | chain id | action bytes`.
struct Approval {
    PublicKey key{};
    Signature signature{};

    friend bool operator==(const Approval&, const Approval&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.key, self.signature);
    }
};

struct NewKey {
    PublicKey key{};
    KeyPurpose purpose = KeyPurpose::operate;

    friend bool operator==(const NewKey&, const NewKey&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.key, self.purpose);
    }
};

/// The participant as it shall be; an id not seen before registers it. Balances never change.
struct ParticipantChange {
    ParticipantId id{};
    Bytes name{};
    std::vector<Role> roles{};
    Bytes bic{};
    Bytes lei{};
    Bytes jurisdiction{};
    ParticipantStatus status = ParticipantStatus::active;
    std::vector<NewKey> add_keys{};
    std::vector<PublicKey> revoke_keys{};

    friend bool operator==(const ParticipantChange&, const ParticipantChange&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.id, self.name, self.roles, self.bic, self.lei, self.jurisdiction, self.status,
             self.add_keys, self.revoke_keys);
    }
};

/// What m of n organisations sign: the bytes as they came, and their content once decoded. C is
/// ParticipantChange, Policy, Calendar or EpochPlan.
template <class C>
struct Action {
    Bytes bytes{};
    std::vector<Approval> approvals{};
    Uuid nonce{};             // used once for ever
    BlockTime valid_until{};  // at most seven days after block time
    /// The height whose state the organisations had before them. What the action replaces must not
    /// have changed since: an approval kept back never undoes what came after it.
    std::uint64_t as_of_height = 0;
    C content{};

    friend bool operator==(const Action&, const Action&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.bytes, self.approvals, self.nonce, self.valid_until, self.as_of_height,
             self.content);
    }
};

}  // namespace remit::ledger
