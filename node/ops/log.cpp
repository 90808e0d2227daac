#include "node/ops/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

namespace remit::node {

namespace {

struct LogState {
    std::string module = "remit";
    std::atomic<LogLevel> level = LogLevel::info;
    bool terminal = ::isatty(STDERR_FILENO) == 1;
    std::shared_ptr<spdlog::logger> sink;

    LogState() {
        sink = std::make_shared<spdlog::logger>("remit",
                                                std::make_shared<spdlog::sinks::stderr_sink_mt>());
        sink->set_level(spdlog::level::trace);
        sink->set_pattern("%v");
        sink->flush_on(spdlog::level::trace);
    }
};

LogState& state() {
    static LogState instance;
    return instance;
}

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

std::string now_utc() {
    const auto now = std::chrono::system_clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    const std::time_t seconds = ms.count() / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> rest{};
    std::snprintf(rest.data(), rest.size(), ".%03dZ", static_cast<int>(ms.count() % 1000));
    return std::string(date.data()) + rest.data();
}

std::string escaped(std::string_view text) {
    return nlohmann::json(std::string(text))
        .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string log_line_text(LogLevel level, std::string_view event, LogFields fields,
                          std::string_view time_utc) {
    std::string line(time_utc.substr(11, 12));
    line.append(" ").append(name_of(level)).append(" ").append(event);
    for (const auto& field : fields) {
        line.append(" ").append(field.name).append("=");
        line.append(field.quoted ? escaped(field.value) : field.value);
    }
    return line;
}

}  // namespace

void start_log(std::string_view module, LogLevel level) {
    state().module = std::string(module);
    state().level = level;
}

void set_log_level(LogLevel level) {
    state().level = level;
}

bool log_level_from(std::string_view name, LogLevel& level) {
    for (const auto candidate :
         {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (name == name_of(candidate)) {
            level = candidate;
            return true;
        }
    }
    return false;
}

std::string log_line_json(LogLevel level, std::string_view module, std::string_view event,
                          LogFields fields, std::string_view time_utc) {
    std::string line = R"({"ts":)" + escaped(time_utc);
    line.append(R"(,"level":")").append(name_of(level)).append("\"");
    line.append(R"(,"module":)").append(escaped(module));
    line.append(R"(,"event":)").append(escaped(event));
    for (const auto& field : fields) {
        line.append(",").append(escaped(field.name)).append(":");
        line.append(field.quoted ? escaped(field.value) : field.value);
    }
    return line + "}";
}

void log_event(LogLevel level, std::string_view event, LogFields fields) {
    auto& log = state();
    if (level < log.level.load(std::memory_order_relaxed)) {
        return;
    }
    const auto time = now_utc();
    const auto line = log.terminal ? log_line_text(level, event, fields, time)
                                   : log_line_json(level, log.module, event, fields, time);
    log.sink->log(spdlog::level::info, "{}", line);
}

}  // namespace remit::node
