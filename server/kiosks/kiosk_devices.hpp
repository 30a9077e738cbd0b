#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/kiosks.hpp"

namespace wutong::server {

/// Registered kiosks by their key: the counterpart of Sessions for callers that are no operators. What was
/// found is believed for kBelieve; what this server revokes is forgotten at once.
class KioskDevices {
public:
    static constexpr std::chrono::seconds kBelieve{5};
    static constexpr std::size_t kCachedMax = 1'000;
    /// Look-ups at the same time: a flood of made-up keys must not take every database connection.
    static constexpr int kLookUpsMax = 4;

    KioskDevices(storage::Database& database, core::Clock clock);

    /// "kiosk_" and 64 hex digits. No operator's token has this form, so neither can be taken for the other.
    [[nodiscard]] static bool is_key(std::string_view text);

    /// @return none when no kiosk has this key, or it was revoked
    /// @throws DatabaseUnavailable, also when too many look-ups are under way
    [[nodiscard]] std::shared_ptr<const storage::KioskRow> find(std::string_view key);
    /// After a revocation was committed.
    void forget_all();

private:
    struct Known {
        std::shared_ptr<const storage::KioskRow> kiosk;
        std::chrono::steady_clock::time_point read_at;
    };
    storage::Database& database_;
    const core::Clock clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;  ///< by key hash
    std::uint64_t generation_ = 0;                  ///< grows with forget_all()
    std::atomic<int> look_ups_{0};
};

/// Twelve digits from the operating system's random source: what is typed once at a new kiosk.
[[nodiscard]] std::string new_registration_code();
/// Spaces and hyphens, as people group digits, are left out.
[[nodiscard]] std::string plain_registration_code(const std::string& typed);

}  // namespace wutong::server
