#include "collector/recording/recording_text.hpp"

#include <fmt/format.h>

namespace wutong::collector {

namespace {

std::string time_text(core::Timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::microseconds>(at - day)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

}  // namespace

std::vector<std::string> recording_title(const storage::PolledChannel& channel) {
    return {
        fmt::format("channel={} property={} epoch={}", channel.code, channel.property.value, channel.epoch),
        fmt::format("transport={} endpoint={}", channel.transport, channel.endpoint),
        fmt::format("baud={} parity={} stop_bits={}", channel.baud, channel.parity, channel.stop_bits)};
}

std::string recording_head(const std::vector<std::string>& title, core::Timestamp begins) {
    std::string head = "# wutong line recording 1\n";
    for (const auto& line : title) {
        head += "# " + line + '\n';
    }
    return head + "# begins=" + time_text(begins) + '\n';
}

std::string recording_line(TapDirection direction, protocols::ByteView bytes, Monotonic::duration since,
                           bool confidential) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    const bool sent = direction == TapDirection::sent;
    return sent && confidential ? fmt::format("{}.{:06} > ({} bytes with a password: not kept)\n",
                                              micros / 1'000'000, micros % 1'000'000, bytes.size())
                                : fmt::format("{}.{:06} {} {}\n", micros / 1'000'000, micros % 1'000'000,
                                              sent ? '>' : '<', protocols::to_hex(bytes));
}

}  // namespace wutong::collector
