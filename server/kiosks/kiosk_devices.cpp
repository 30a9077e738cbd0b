#include "server/kiosks/kiosk_devices.hpp"

#include <fmt/format.h>

#include <utility>

#include "server/security/password_hash.hpp"
#include "storage/errors.hpp"
#include "storage/sha256.hpp"

namespace wutong::server {

namespace {

constexpr std::string_view kPrefix = "kiosk_";
constexpr std::size_t kKeyDigits = 64;

struct Counted {
    explicit Counted(std::atomic<int>& of) : count{of} { ++count; }
    ~Counted() { --count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    std::atomic<int>& count;
};

}  // namespace

KioskDevices::KioskDevices(storage::Database& database, core::Clock clock)
    : database_{database}, clock_{std::move(clock)} {}

bool KioskDevices::is_key(std::string_view text) {
    return text.size() == kPrefix.size() + kKeyDigits && text.starts_with(kPrefix) &&
           text.substr(kPrefix.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::shared_ptr<const storage::KioskRow> KioskDevices::find(std::string_view key) {
    if (!is_key(key)) {
        return nullptr;
    }
    const auto hash = storage::sha256(key);
    const auto now = std::chrono::steady_clock::now();
    std::uint64_t generation = 0;
    {
        const std::lock_guard lock{mutex_};
        generation = generation_;
        if (const auto known = known_.find(hash); known != known_.end()) {
            if (now - known->second.read_at < kBelieve) {
                return known->second.kiosk;
            }
            known_.erase(known);
        }
    }
    const Counted counted{look_ups_};
    if (look_ups_ > kLookUpsMax) {
        throw storage::PoolExhausted("too many kiosks are being looked up; try again in a moment");
    }
    // The property is not known before the kiosk is.
    const auto row = database_.transact(storage::Scope::all(), "find_kiosk", [&](storage::Transaction& tx) {
        return storage::use_kiosk(tx, storage::Bytes{hash}, clock_());
    });
    if (!row) {
        return nullptr;
    }
    auto kiosk = std::make_shared<const storage::KioskRow>(*row);
    const std::lock_guard lock{mutex_};
    // A revocation that was committed while we looked must not be outlived by what we saw before it.
    if (generation == generation_) {
        if (known_.size() >= kCachedMax) {
            known_.clear();
        }
        known_[hash] = {kiosk, now};
    }
    return kiosk;
}

void KioskDevices::forget_all() {
    const std::lock_guard lock{mutex_};
    ++generation_;
    known_.clear();
}

std::string new_registration_code() {
    // 64 random bits against 10^12 codes: none is likelier than another by more than one in ten million.
    const auto bits = std::stoull(random_token().substr(0, 16), nullptr, 16);
    return fmt::format("{:012}", bits % 1'000'000'000'000ULL);
}

std::string plain_registration_code(const std::string& typed) {
    std::string digits;
    for (const char c : typed) {
        if (c != ' ' && c != '-') {
            digits.push_back(c);
        }
    }
    return digits;
}

}  // namespace wutong::server
