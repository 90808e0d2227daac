#include "tools/bench/ceiling.h"

#include <atomic>
#include <thread>
#include <vector>

#include "ledger/base/keys.h"
#include "tools/bench/pace.h"

namespace remit::bench {

double verifications_per_second() {
    KeySeed seed;
    seed.data.fill(1);
    const SecretKey key(seed);
    const Bytes message(256, 'm');
    const auto signature = key.sign(message);
    std::atomic<std::size_t> verified{0};
    const auto start = Clock::now();
    const auto until = start + std::chrono::milliseconds(500);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back([&] {
            constexpr std::size_t round = 64;
            while (Clock::now() < until) {
                for (std::size_t j = 0; j < round; ++j) {
                    verified += verify(key.public_key(), message, signature) ? 1 : 0;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return static_cast<double>(verified) * 1e6 / static_cast<double>(us_since(start));
}

}  // namespace remit::bench
