#pragma once

#include <chrono>

#include "server/kiosks/kiosk_devices.hpp"
#include "server/kiosks/rate_limit.hpp"
#include "server/kiosks/visits.hpp"

namespace wutong::server {

/// What the kiosks' calls share.
class Kiosks {
public:
    Kiosks(storage::Database& database, const core::Clock& clock)
        : devices_{database, clock}, visits_{database, clock} {}

    [[nodiscard]] KioskDevices& devices() { return devices_; }
    [[nodiscard]] Visits& visits() { return visits_; }
    /// All calls of one kiosk. One at work makes about one in ten seconds.
    [[nodiscard]] RateLimit& calls() { return calls_; }
    /// Beginnings of visits at one kiosk: each costs a memory-hard hash.
    [[nodiscard]] RateLimit& beginnings() { return beginnings_; }
    /// Registration codes from one address, and from anywhere.
    [[nodiscard]] RateLimit& codes() { return codes_; }
    [[nodiscard]] RateLimit& all_codes() { return all_codes_; }

private:
    KioskDevices devices_;
    Visits visits_;
    RateLimit calls_{120, std::chrono::seconds{60}};
    RateLimit beginnings_{20, std::chrono::seconds{60}};
    RateLimit codes_{10, std::chrono::seconds{600}};
    RateLimit all_codes_{60, std::chrono::seconds{60}};
};

}  // namespace wutong::server
