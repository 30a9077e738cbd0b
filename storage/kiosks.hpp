#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/sql_value.hpp"

/// Kiosks: who they are and which keys they hold. Only the SHA-256 of codes and keys is stored. What a
/// visitor does is storage/kiosk_visits.hpp.
namespace wutong::storage {

using KioskId = core::Id<struct KioskTag>;

struct KioskRow {
    core::PropertyId property;
    KioskId kiosk;
    std::string name;
    core::Timestamp created_at;
    std::optional<core::Timestamp> code_expires_at, registered_at, seen_at, revoked_at;
};

/// @throws UniqueViolation on "kiosk_device_name"
[[nodiscard]] KioskId insert_kiosk(Transaction& tx, core::PropertyId property, const std::string& name,
                                   core::OperatorId created_by, core::Timestamp now);
/// Replaces the code of a kiosk that has no key yet. @return false when it has one, or is revoked
bool set_kiosk_code(Transaction& tx, core::PropertyId property, KioskId kiosk, const Bytes& code_hash,
                    core::Timestamp expires_at);
/// Of every property in the transaction's scope.
/// @return none when no kiosk waits with this code, or when it took another key with it
[[nodiscard]] std::optional<KioskRow> activate_kiosk(Transaction& tx, const Bytes& code_hash,
                                                     const Bytes& key_hash, core::Timestamp now);
/// Of every property in the transaction's scope; none for a revoked one. Marks it as seen, at most once in a
/// minute.
[[nodiscard]] std::optional<KioskRow> use_kiosk(Transaction& tx, const Bytes& key_hash, core::Timestamp now);

[[nodiscard]] std::optional<KioskRow> find_kiosk(Transaction& tx, core::PropertyId property, KioskId kiosk);
/// Not revoked ones by name, then those from before.
[[nodiscard]] std::vector<KioskRow> list_kiosks(Transaction& tx, core::PropertyId property, int limit);
/// Revoking again changes nothing. @return none when there is no such kiosk
[[nodiscard]] std::optional<KioskRow> revoke_kiosk(Transaction& tx, core::PropertyId property, KioskId kiosk,
                                                   core::Timestamp now);

/// What stands in the property's unit codes besides digits, each once, in capitals: at most 40 of A–Z . / # -
[[nodiscard]] std::string unit_code_letters(Transaction& tx, core::PropertyId property);

}  // namespace wutong::storage
