#include "collector/service/logging.hpp"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace wutong::collector {

namespace {

class JsonFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& into) override {
        spdlog::memory_buf_t time;
        time_.format(message, time);
        const auto level = spdlog::level::to_string_view(message.level);
        const std::string line = json_line({time.data(), time.size()}, {level.data(), level.size()},
                                           {message.payload.data(), message.payload.size()}) +
                                 '\n';
        into.append(line.data(), line.data() + line.size());
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }

private:
    spdlog::pattern_formatter time_{"%Y-%m-%dT%H:%M:%S.%e%z", spdlog::pattern_time_type::local, ""};
};

bool key_character(char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
}

/// What may come after a closing quote.
bool pair_or_nothing(std::string_view rest) {
    if (rest.empty()) {
        return true;
    }
    std::size_t at = 1;
    while (at < rest.size() && key_character(rest[at])) {
        ++at;
    }
    return rest[0] == ' ' && at > 1 && at < rest.size() && rest[at] == '=';
}

}  // namespace

std::string json_line(std::string_view time, std::string_view level, std::string_view message) {
    nlohmann::ordered_json object{{"time", time}, {"level", level}};
    std::string rest;
    std::size_t at = 0;
    while (at < message.size()) {
        std::size_t end = at;
        while (end < message.size() && key_character(message[end])) {
            ++end;
        }
        if (end == at || end >= message.size() || message[end] != '=') {
            end = std::min(message.find(' ', at), message.size());
            rest += rest.empty() ? "" : " ";
            rest += message.substr(at, end - at);
        } else {
            const std::string key{message.substr(at, end - at)};
            ++end;
            std::size_t value_end = 0;
            std::string_view value;
            if (end < message.size() && message[end] == '"') {
                // Texts of others may hold quotes themselves: ours is followed by the next pair, or by
                // nothing.
                value_end = end;
                do {
                    value_end = std::min(message.find('"', value_end + 1), message.size());
                } while (value_end < message.size() && !pair_or_nothing(message.substr(value_end + 1)));
                value = message.substr(end + 1, value_end - end - 1);
                end = std::min(value_end + 1, message.size());
            } else {
                value_end = std::min(message.find(' ', end), message.size());
                value = message.substr(end, value_end - end);
                end = value_end;
            }
            object[key] = value;
        }
        at = std::min(message.find_first_not_of(' ', end), message.size());
    }
    if (!rest.empty()) {
        object["message"] = rest;
    }
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void set_up_logging(const Configuration::Log& log) {
    auto logger = std::make_shared<spdlog::logger>("wutong-collector",
                                                   std::make_shared<spdlog::sinks::stdout_sink_mt>());
    if (log.format == Configuration::LogFormat::json) {
        logger->set_formatter(std::make_unique<JsonFormatter>());
    } else {
        logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
    }
    logger->set_level(spdlog::level::from_str(log.level));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace wutong::collector
