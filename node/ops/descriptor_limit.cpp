#include "node/ops/descriptor_limit.h"

#include <sys/resource.h>

namespace remit::node {

namespace {
/// What POSIX promises every process; taken when the kernel does not answer.
constexpr std::size_t least = 256;
}  // namespace

std::size_t descriptor_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::size_t>(limit.rlim_cur)
                                                   : least;
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return descriptor_limit();
}

}  // namespace remit::node
