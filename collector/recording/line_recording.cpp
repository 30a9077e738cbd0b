#include "collector/recording/line_recording.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>

#include "collector/recording/recording_text.hpp"

namespace wutong::collector {

namespace {

constexpr std::chrono::seconds kRetryAfter{60};

/// Codes are chosen by people; file names are not theirs to choose.
std::string file_name(const storage::PolledChannel& channel) {
    std::string name = std::to_string(channel.property.value) + '-';
    for (const char c : channel.code) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        name += plain ? c : '_';
    }
    return name;
}

}  // namespace

LineRecording::LineRecording(const RecordingRules& rules, const std::string& name,
                             std::vector<std::string> title, core::Clock clock)
    : directory_{rules.directory},
      name_{name},
      title_{std::move(title)},
      clock_{std::move(clock)},
      bytes_max_{rules.file_bytes_max},
      files_max_{rules.files_max} {}

LineRecording::~LineRecording() {
    close();
}

std::filesystem::path LineRecording::file(int age) const {
    return directory_ / (age == 0 ? name_ + ".rec" : fmt::format("{}.{}.rec", name_, age));
}

void LineRecording::begin(Monotonic::time_point at) {
    std::error_code ignored;
    std::filesystem::create_directories(directory_, ignored);
    std::filesystem::remove(file(files_max_ - 1), ignored);
    for (int age = files_max_ - 2; age >= 0; --age) {
        std::filesystem::rename(file(age), file(age + 1), ignored);
    }
    const std::string path = file(0).string();
    out_ = std::fopen(path.c_str(), "wxe");
    if (out_ == nullptr) {
        failed(fmt::format("{}: {}", path, std::strerror(errno)));
        return;
    }
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
    begun_ = at;
    written_ = 0;
    std::fputs(recording_head(title_, clock_()).c_str(), out_);
}

void LineRecording::add(TapDirection direction, protocols::ByteView bytes, Monotonic::time_point at,
                        bool confidential) {
    // A file ends before a question, so that questions and answers stay together.
    const bool sent = direction == TapDirection::sent;
    if (out_ != nullptr && sent && written_ >= bytes_max_) {
        close();
    }
    if (out_ == nullptr) {
        if (at < retry_at_) {
            return;
        }
        begin(at);
        if (out_ == nullptr) {
            return;
        }
    }
    const std::string line = recording_line(direction, bytes, at - begun_, confidential);
    if (std::fputs(line.c_str(), out_) < 0 || (sent && std::fflush(out_) != 0)) {
        failed(fmt::format("{}: {}", file(0).string(), std::strerror(errno)));
        return;
    }
    written_ += static_cast<std::int64_t>(line.size());
}

void LineRecording::failed(const std::string& why) {
    spdlog::error("event=recording_failed reason=\"{}\"", why);
    retry_at_ = Monotonic::now() + kRetryAfter;
    close();
}

void LineRecording::close() {
    if (out_ != nullptr) {
        std::fclose(out_);
        out_ = nullptr;
    }
}

std::unique_ptr<LineRecording> record_line(const RecordingRules& rules, const storage::PolledChannel& channel,
                                           const core::Clock& clock) {
    if (rules.directory.empty() ||
        (!rules.channels.contains("*") && !rules.channels.contains(channel.code))) {
        return nullptr;
    }
    return std::make_unique<LineRecording>(rules, file_name(channel), recording_title(channel), clock);
}

}  // namespace wutong::collector
