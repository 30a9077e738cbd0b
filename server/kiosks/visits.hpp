#pragma once

#include <chrono>
#include <semaphore>
#include <string>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/kiosk_visits.hpp"

namespace wutong::server {

/// Tenants at a kiosk: who may look at an account, and who has guessed too often. A door that is not there,
/// an account without a PIN and a wrong PIN are answered alike, after the same time, and are locked alike.
class Visits {
public:
    static constexpr int kTries = 5;
    static constexpr std::chrono::minutes kLockOut{15};
    /// Wrong PINs of one door are forgotten after this long.
    static constexpr std::chrono::minutes kDoorWindow{60};
    /// So many wrong PINs at one kiosk within kKioskWindow, whosever they are, and it pauses until the window
    /// is over.
    static constexpr int kKioskTries = 20;
    static constexpr std::chrono::minutes kKioskWindow{15};
    static constexpr std::chrono::seconds kIdle{300};
    /// However busy: nobody stands at a kiosk for longer.
    static constexpr std::chrono::seconds kLifetime{1'800};

    Visits(storage::Database& database, core::Clock clock);

    struct Begun {
        std::string token;
        core::AccountId account;
    };
    /// @throws Refused UNAUTHENTICATED wrong_unit_or_pin (metadata tries_left) or locked_out (metadata
    /// retry_after_s), RESOURCE_EXHAUSTED kiosk_paused (metadata retry_after_s) or busy
    [[nodiscard]] Begun begin(const storage::KioskRow& kiosk, const std::string& unit_or_number,
                              const std::string& pin);
    /// Whose visit it is. @throws Refused UNAUTHENTICATED visit_ended
    [[nodiscard]] core::AccountId use(storage::Transaction& tx, const storage::KioskRow& kiosk,
                                      const std::string& token) const;
    static void end(storage::Transaction& tx, const storage::KioskRow& kiosk, const std::string& token);

    /// Deletes what is over; for a job.
    void sweep();

    /// What guesses at an account are counted under.
    [[nodiscard]] static std::string subject_of(core::AccountId account);

private:
    struct Door {
        std::string subject;  ///< what its guesses are counted under
        std::string name;     ///< for the operation log
        std::string pin_hash;
        core::AccountId account;  ///< none: nobody's
    };
    struct Outcome {
        bool in = false;
        bool kiosk_paused = false;
        bool locked = false;
        int tries_left = 0;
        std::chrono::seconds retry_after{0};
    };
    [[nodiscard]] Door look(storage::Transaction& tx, const storage::KioskRow& kiosk,
                            const std::string& unit_or_number) const;
    [[nodiscard]] Outcome locks(storage::Transaction& tx, const storage::KioskRow& kiosk, const Door& door,
                                bool lock_rows) const;
    [[nodiscard]] Outcome settle(storage::Transaction& tx, const storage::KioskRow& kiosk, const Door& door,
                                 bool right) const;
    [[nodiscard]] bool compare(const Door& door, const std::string& pin);
    [[noreturn]] static void refuse(const Outcome& outcome);

    /// Each takes 32 MB and a core for a tenth of a second.
    static constexpr int kHashesAtOnce = 2;

    storage::Database& database_;
    const core::Clock clock_;
    std::counting_semaphore<kHashesAtOnce> hashing_{kHashesAtOnce};
};

/// A PIN is six digits, and none of those that are guessed first: 111111, 123456, 987654.
/// @throws Refused INVALID_ARGUMENT naming `field`
void check_new_pin(const std::string& pin, const std::string& field);

}  // namespace wutong::server
