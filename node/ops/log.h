#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace remit::node {

enum class LogLevel { debug, info, warning, error };

/// One named value of a log line. Names are snake_case; values are escaped when written. Never a
/// person's name, an account in clear or a key.
struct LogField {
    std::string_view name;
    std::string value;
    bool quoted = true;

    LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
    LogField(std::string_view field, const char* text) : name(field), value(text) {}
    LogField(std::string_view field, const std::string& text) : name(field), value(text) {}
    LogField(std::string_view field, bool flag)
        : name(field), value(flag ? "true" : "false"), quoted(false) {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    LogField(std::string_view field, T number)
        : name(field), value(std::to_string(number)), quoted(false) {}
};

using LogFields = std::initializer_list<LogField>;

/// Sets what is written from now on: the level and the module every line names. JSON lines on
/// stderr, plain text when stderr is a terminal. Call once at start; safe from any thread after.
void start_log(std::string_view module, LogLevel level);
void set_log_level(LogLevel level);
/// `debug`, `info`, `warning`, `error`; false for another word.
bool log_level_from(std::string_view name, LogLevel& level);

/// One event: `log_event(LogLevel::info, "block_committed", {{"height", 7}})`. Any thread.
void log_event(LogLevel level, std::string_view event, LogFields fields = {});
inline void log_debug(std::string_view event, LogFields fields = {}) {
    log_event(LogLevel::debug, event, fields);
}
inline void log_info(std::string_view event, LogFields fields = {}) {
    log_event(LogLevel::info, event, fields);
}
inline void log_warning(std::string_view event, LogFields fields = {}) {
    log_event(LogLevel::warning, event, fields);
}
inline void log_error(std::string_view event, LogFields fields = {}) {
    log_event(LogLevel::error, event, fields);
}

/// The JSON line of an event without its newline; what tests compare.
std::string log_line_json(LogLevel level, std::string_view module, std::string_view event,
                          LogFields fields, std::string_view time_utc);

}  // namespace remit::node
