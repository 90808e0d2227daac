#include "consensus/validator_set.h"

#include <utility>

#include "ledger/base/check.h"

namespace remit::consensus {

ValidatorSet::ValidatorSet(Epoch epoch, std::vector<Validator> validators)
    : epoch_(epoch), validators_(std::move(validators)) {
    CHECK(validators_.size() <= limits::validators);
    hash_ = remit::hash(domain::validators, encode(*this));
}

const PublicKey& ValidatorSet::key(ValidatorIndex index) const {
    CHECK(contains(index));
    return validators_[index].key;
}

std::size_t ValidatorSet::f() const {
    return validators_.empty() ? 0 : (size() - 1) / 3;
}

std::size_t ValidatorSet::q() const {
#ifdef SIM_BUG_quorum_2f
    return f() == 0 ? size() : 2 * f();
#else
    return size() - f();
#endif
}

void ValidatorSet::write(Writer& writer) const {
    writer.u64(epoch_).u32(static_cast<std::uint32_t>(size()));
    for (const auto& validator : validators_) {
        writer.fixed(validator.key).bytes(validator.name);
    }
}

ValidatorSet ValidatorSet::read(Reader& reader) {
    const auto epoch = reader.u64();
    const auto count = reader.count(limits::validators);
    std::vector<Validator> validators;
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        Validator validator;
        validator.key = reader.fixed<PublicKey>();
        validator.name = reader.bytes(limits::name_bytes);
        validators.push_back(std::move(validator));
    }
    return {epoch, std::move(validators)};
}

}  // namespace remit::consensus
