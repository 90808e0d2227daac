#pragma once

#include <optional>
#include <string>

#include "ledger/base/result.h"
#include "node/ops/failure.h"

namespace remit::node {

/// Behind `remit-node db digest`: height, root, and for each table its records and a digest that is
/// the same on every node at this height. With `height`, the state as the blocks up to there give
/// it. Errors: bad_configuration, as `db verify`.
Result<std::string, Failure> digest_database(const std::string& data, const std::string& genesis,
                                             std::optional<std::uint64_t> height);

struct Comparison {
    std::string text;
    bool same = false;
};
/// Behind `remit-node db diff`: the state in `data` beside another one of the same height, table by
/// table, and the first record that differs. The other one is that of `against`, or, if that is
/// further, what its blocks give up to this height; without `against` what the blocks of `data`
/// itself give. Errors: bad_configuration; `against` is behind `data`.
Result<Comparison, Failure> compare_databases(const std::string& data,
                                              const std::optional<std::string>& against,
                                              const std::string& genesis);

}  // namespace remit::node
