#include "server/program/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace wutong::server {

namespace {

/// The message as a JSON string: a quotation mark in it must not end the line's structure.
class QuotedMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& into) override {
        const std::string text{message.payload.data(), message.payload.size()};
        const auto quoted =
            nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        into.append(quoted.data(), quoted.data() + quoted.size());
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<QuotedMessage>();
    }
};

}  // namespace

std::shared_ptr<spdlog::logger> make_log(const Configuration::Log& settings) {
    auto log =
        std::make_shared<spdlog::logger>("wutong-server", std::make_shared<spdlog::sinks::stdout_sink_mt>());
    log->set_level(spdlog::level::from_str(settings.level));
    log->flush_on(spdlog::level::info);
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<QuotedMessage>('*');
    formatter->set_pattern(settings.format == "json"
                               ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","text":%*})"
                               : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
    log->set_formatter(std::move(formatter));
    return log;
}

}  // namespace wutong::server
