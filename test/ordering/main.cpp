#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <iostream>
#include <optional>

#include "test/ordering/validator.h"
#include "test/placement/percentile.h"
#include "test/support/node/temporary_folder.h"

// How many items processes order: engines, TLS, journals. README.md says what is in it.

namespace remit::ordering {
namespace {

namespace options = boost::program_options;

struct Asked {
    std::size_t validators = 4;
    std::size_t at_once = 100;
    std::int64_t seconds = 5;
    int runs = 3;
};

struct Child {
    pid_t pid = -1;
    int said = -1;
};

constexpr std::int64_t connect_ms = 4'000;
constexpr std::int64_t ramp_ms = 1'000;

/// In the child: writes what it counted to `said`.
int perform(const Net& net, std::size_t index, const std::string& folder, const Asked& asked,
            std::int64_t begin_ms, int said) {
    try {
        Validator validator(net, index, folder, asked.at_once);
        const auto count = validator.run(begin_ms, begin_ms + ramp_ms, asked.seconds * 1000);
        return write(said, &count, sizeof count) == sizeof count ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}

Child start(const Net& net, std::size_t index, const std::string& folder, const Asked& asked,
            std::int64_t begin_ms) {
    int ends[2] = {};
    if (pipe(ends) != 0) {
        return {};
    }
    const auto pid = fork();
    if (pid == 0) {
        close(ends[0]);
        // Without the destructors of what the parent made.
        _exit(perform(net, index, folder, asked, begin_ms, ends[1]));
    }
    close(ends[1]);
    return {.pid = pid, .said = ends[0]};
}

std::optional<Count> outcome(const Child& child) {
    Count count;
    const bool told = child.said >= 0 && read(child.said, &count, sizeof count) == sizeof count;
    int status = 1;
    if (child.pid > 0) {
        waitpid(child.pid, &status, 0);
    }
    if (child.said >= 0) {
        close(child.said);
    }
    return told && status == 0 ? std::optional(count) : std::nullopt;
}

/// One run; what its slowest validator ordered, with the processor time of all.
std::optional<Count> run_once(const Asked& asked) {
    const node::TemporaryFolder folder;
    const Net net(asked.validators);
    const auto begin_ms = node::SystemClock().mono_ms() + connect_ms;
    std::vector<Child> children;
    for (std::size_t i = 0; i < asked.validators; ++i) {
        children.push_back(
            start(net, i, (folder.path() / std::to_string(i)).string(), asked, begin_ms));
    }
    std::optional<Count> least;
    double processor_s = 0;
    bool sound = true;
    for (const auto& child : children) {
        const auto count = outcome(child);
        sound = sound && count && count->items > 0;
        if (!count) {
            continue;
        }
        processor_s += count->processor_s;
        if (!least || count->items < least->items) {
            least = count;
        }
    }
    if (!sound || !least) {
        return std::nullopt;
    }
    least->processor_s = processor_s;
    return least;
}

int measure(const Asked& asked) {
    std::printf(
        "%zu processes, items of 300 bytes, %zu submitted at once, %lld s each; final, not "
        "executed.\n\n| run | items/s | items a block | blocks/s | views nullified | us of "
        "processor an item, all | syncs a block, one | journal MiB/s, one |\n"
        "|---|---|---|---|---|---|---|---|\n",
        asked.validators, asked.at_once, static_cast<long long>(asked.seconds));
    std::vector<double> rates;
    for (int run = 1; run <= asked.runs; ++run) {
        const auto count = run_once(asked);
        if (!count) {
            std::printf("| %d | FAILED |\n", run);
            return 1;
        }
        const auto items = static_cast<double>(count->items);
        const auto blocks = static_cast<double>(std::max<std::uint64_t>(count->blocks, 1));
        const auto seconds = static_cast<double>(asked.seconds);
        constexpr double mib = 1024 * 1024;
        rates.push_back(items / seconds);
        std::printf("| %d | %.0f | %.0f | %.1f | %llu of %llu | %.1f | %.1f | %.1f |\n", run,
                    rates.back(), items / blocks, blocks / seconds,
                    static_cast<unsigned long long>(count->nullified),
                    static_cast<unsigned long long>(count->views), count->processor_s * 1e6 / items,
                    static_cast<double>(count->syncs) / blocks,
                    static_cast<double>(count->journal_bytes) / mib / seconds);
        std::fflush(stdout);
    }
    std::printf("| median [min-max] | %.0f [%.0f-%.0f] |\n", placement::percentile(rates, 0.5),
                placement::percentile(rates, 0), placement::percentile(rates, 1));
    return 0;
}

int run(int argc, char** argv) {
    Asked asked;
    options::options_description all(
        "ordering [options]\nProcesses on loopback with real engines, TLS and journals order items "
        "of 300 bytes; nothing is executed.\nMarkdown rows.\n\nOptions");
    all.add_options()("help,h", "this text")(
        "validators", options::value(&asked.validators)->default_value(asked.validators),
        "processes")("at-once", options::value(&asked.at_once)->default_value(asked.at_once),
                     "items submitted at once")(
        "seconds", options::value(&asked.seconds)->default_value(asked.seconds), "of each run")(
        "runs", options::value(&asked.runs)->default_value(asked.runs), "repeats");
    options::variables_map given;
    try {
        options::store(options::parse_command_line(argc, argv, all), given);
        options::notify(given);
    } catch (const options::error& error) {
        std::cerr << "error: " << error.what() << "\nhelp: ordering --help\n";
        return 2;
    }
    if (given.contains("help")) {
        std::cout << all
                  << "\nExample: ordering --seconds 10\nExit: 0, 1 a run failed, 2 wrong "
                     "usage.\n";
        return 0;
    }
    return measure(asked);
}

}  // namespace
}  // namespace remit::ordering

int main(int argc, char** argv) {
    return remit::ordering::run(argc, argv);
}
