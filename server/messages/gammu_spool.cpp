#include "server/messages/gammu_spool.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <system_error>

#include "server/platform/files.hpp"

namespace wutong::server {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kUnitsPerLine = 50;

/// Whether a file is there. @throws std::runtime_error when its folder can't be looked into: that is not the
/// same as not being there
bool lies_in(const fs::path& folder, const std::string& name) {
    std::error_code error;
    const bool there = fs::exists(folder / name, error);
    if (error || (!there && !fs::is_directory(folder, error))) {
        throw std::runtime_error(fmt::format(
            "{}: {}", folder.string(), error ? error.message() : "is no folder that this user may enter"));
    }
    return there;
}

}  // namespace

std::string GammuSpool::name_of(const storage::StoredMessage& message) {
    const auto at = std::chrono::time_point_cast<std::chrono::seconds>(message.created_at);
    return fmt::format("OUTB{:%Y%m%d_%H%M%S}_00_{}_w{}-{}-{}.smsbackup",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(at)), message.recipient,
                       message.property.value, message.id, message.attempts);
}

GammuSpool::Place GammuSpool::place_of(const storage::StoredMessage& message) const {
    const auto name = name_of(message);
    // The outbox first: what is moved in between is seen where it went.
    if (lies_in(folder_ / "outbox", name)) {
        return Place::outbox;
    }
    if (lies_in(folder_ / "sent", name)) {
        return Place::sent;
    }
    return lies_in(folder_ / "error", name) ? Place::error : Place::nowhere;
}

void GammuSpool::make_folders() const {
    for (const char* folder : {"outbox", "sent", "error"}) {
        fs::create_directories(folder_ / folder);
    }
}

void GammuSpool::put(const storage::StoredMessage& message) const {
    // For everybody to read: gammu-smsd may run as another user, and the folder says who may come here.
    platform::write_public_file(
        folder_ / "outbox" / name_of(message),
        gammu_backup(core::plan_sms(message.body), message.recipient, static_cast<int>(message.id % 256)));
}

bool GammuSpool::take_back(const storage::StoredMessage& message) const {
    std::error_code error;
    return fs::remove(folder_ / "outbox" / name_of(message), error) && !error;
}

void GammuSpool::forget(const storage::StoredMessage& message) const {
    std::error_code ignored;
    for (const char* folder : {"sent", "error"}) {
        fs::remove(folder_ / folder / name_of(message), ignored);
    }
}

std::string gammu_backup(const core::SmsPlan& plan, const std::string& number, int reference) {
    std::string out;
    const auto parts = plan.parts.size();
    for (std::size_t i = 0; i < parts; ++i) {
        const auto& text = plan.parts[i];
        out += fmt::format("[SMSBackup{:03}]\nPDU = Submit\nNumber = \"{}\"\nState = UnSent\n", i, number);
        for (std::size_t at = 0; at < text.size(); at += kUnitsPerLine) {
            out += fmt::format("Text{:02} = ", at / kUnitsPerLine);
            for (const char16_t unit : text.substr(at, kUnitsPerLine)) {
                out += fmt::format("{:04X}", static_cast<unsigned>(unit));
            }
            out += '\n';
        }
        out += fmt::format(
            "Coding = {}\nLength = {}\nClass = -1\nFolder = 1\n",
            plan.alphabet == core::SmsAlphabet::gsm7 ? "Default_No_Compression" : "Unicode_No_Compression",
            text.size());
        if (parts > 1) {
            // 3GPP TS 23.040, 9.2.3.24.1: which part of how many, with an 8-bit reference.
            out += fmt::format("UDH = 050003{:02X}{:02X}{:02X}\n", reference & 0xFF, parts, i + 1);
        }
        out += '\n';
    }
    return out;
}

}  // namespace wutong::server
