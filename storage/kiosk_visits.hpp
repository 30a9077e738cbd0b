#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/kiosks.hpp"
#include "storage/sql_value.hpp"

/// Tenants at a kiosk: their PINs, how often somebody guessed, and the visits that are open.
namespace wutong::storage {

// ---- PINs ---------------------------------------------------------------------------------------
/// @throws ReferenceViolation for an account that is not there
void set_tenant_pin(Transaction& tx, core::PropertyId property, core::AccountId account,
                    const std::string& pin_hash, core::OperatorId who, core::Timestamp now);
/// @return false when there was none
bool remove_tenant_pin(Transaction& tx, core::PropertyId property, core::AccountId account);

struct TenantRow {
    core::AccountId account;
    std::string number;
    std::string pin_hash;  ///< "": no PIN was set
};
/// Whose door this is: an account by its number, or by the code of a unit in which one of its meters is.
/// Small letters count as capitals. Closed accounts have no door.
/// @return none as well when several accounts answer to the text: each then has to be named by its number
[[nodiscard]] std::optional<TenantRow> find_tenant(Transaction& tx, core::PropertyId property,
                                                   const std::string& unit_or_number);

// ---- guesses ------------------------------------------------------------------------------------
struct AttemptRow {
    int failures = 0;
    core::Timestamp counted_from{};
    std::optional<core::Timestamp> locked_until;
};
/// What is not there counts as no failure. @param lock guesses about one subject are settled one after the
/// other
[[nodiscard]] AttemptRow find_attempts(Transaction& tx, core::PropertyId property, const std::string& subject,
                                       bool lock);
void put_attempts(Transaction& tx, core::PropertyId property, const std::string& subject,
                  const AttemptRow& attempts);
void forget_attempts(Transaction& tx, core::PropertyId property, const std::string& subject);
/// Those that began before `before` and lock nobody at `now`. @return how many
int delete_old_attempts(Transaction& tx, core::Timestamp before, core::Timestamp now);

// ---- visits -------------------------------------------------------------------------------------
/// Takes the place of the visit before at this kiosk.
void put_visit(Transaction& tx, core::PropertyId property, KioskId kiosk, const Bytes& token_hash,
               core::AccountId account, core::Timestamp now, core::Timestamp expires_at);
/// @return whose visit this is; none when it is over, idle for longer than `idle`, or of another kiosk.
/// Counts as a use
[[nodiscard]] std::optional<core::AccountId> use_visit(Transaction& tx, core::PropertyId property,
                                                       KioskId kiosk, const Bytes& token_hash,
                                                       core::Timestamp now, std::chrono::seconds idle);
void end_visit(Transaction& tx, core::PropertyId property, KioskId kiosk, const Bytes& token_hash);
void end_visits_of(Transaction& tx, core::PropertyId property, KioskId kiosk);
void end_visits_of(Transaction& tx, core::PropertyId property, core::AccountId account);
/// Of every property in the transaction's scope. @return how many
int delete_old_visits(Transaction& tx, core::Timestamp now, std::chrono::seconds idle);

}  // namespace wutong::storage
