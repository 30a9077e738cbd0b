#include "storage/kiosks.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_KIOSK_COLUMNS \
    "property_id, device_id, name, created_at, code_expires_at, registered_at, seen_at, revoked_at "
// clang-format on

const char* kInsert =
    "INSERT INTO kiosk_device (property_id, name, created_by, created_at) VALUES ($1, $2, $3, $4) "
    "RETURNING device_id";

const char* kSetCode =
    "UPDATE kiosk_device SET code_hash = $3, code_expires_at = $4 "
    " WHERE property_id = $1 AND device_id = $2 AND key_hash IS NULL AND revoked_at IS NULL";

// The code stays until it expires: a kiosk whose answer was lost asks again with the same key.
const char* kActivate =
    "UPDATE kiosk_device SET key_hash = $2, registered_at = COALESCE(registered_at, $3), seen_at = $3 "
    " WHERE code_hash = $1 AND code_expires_at > $3 AND revoked_at IS NULL "
    "   AND (key_hash IS NULL OR key_hash = $2) RETURNING " WUTONG_KIOSK_COLUMNS;

const char* kUse =
    "SELECT " WUTONG_KIOSK_COLUMNS "FROM kiosk_device WHERE key_hash = $1 AND revoked_at IS NULL";
const char* kSeen =
    "UPDATE kiosk_device SET seen_at = $3 WHERE property_id = $1 AND device_id = $2 "
    "   AND (seen_at IS NULL OR seen_at < $3::timestamptz - interval '1 minute')";

const char* kFind =
    "SELECT " WUTONG_KIOSK_COLUMNS "FROM kiosk_device WHERE property_id = $1 AND device_id = $2";
const char* kList = "SELECT " WUTONG_KIOSK_COLUMNS
                    "FROM kiosk_device WHERE property_id = $1 "
                    "ORDER BY revoked_at IS NOT NULL, lower(name), device_id LIMIT $2";
const char* kRevoke =
    "UPDATE kiosk_device SET revoked_at = COALESCE(revoked_at, $3), code_hash = NULL, code_expires_at = NULL "
    " WHERE property_id = $1 AND device_id = $2 RETURNING " WUTONG_KIOSK_COLUMNS;

const char* kLetters =
    "SELECT COALESCE(string_agg(letter, '' ORDER BY letter COLLATE \"C\"), '') AS letters FROM ("
    "  SELECT DISTINCT letter FROM unit, regexp_split_to_table(upper(code), '') AS letter "
    "   WHERE property_id = $1 AND letter ~ '^[A-Z./#-]$' LIMIT 40) AS found";

KioskRow read(const pqxx::row& row) {
    return {get<core::PropertyId>(row, "property_id"),
            get<KioskId>(row, "device_id"),
            get<std::string>(row, "name"),
            get<core::Timestamp>(row, "created_at"),
            get<std::optional<core::Timestamp>>(row, "code_expires_at"),
            get<std::optional<core::Timestamp>>(row, "registered_at"),
            get<std::optional<core::Timestamp>>(row, "seen_at"),
            get<std::optional<core::Timestamp>>(row, "revoked_at")};
}

std::optional<KioskRow> first(const pqxx::result& rows) {
    return rows.empty() ? std::nullopt : std::optional{read(rows[0])};
}

}  // namespace

KioskId insert_kiosk(Transaction& tx, core::PropertyId property, const std::string& name,
                     core::OperatorId created_by, core::Timestamp now) {
    return get<KioskId>(tx.exec1(kInsert, property, name, created_by, now), "device_id");
}

bool set_kiosk_code(Transaction& tx, core::PropertyId property, KioskId kiosk, const Bytes& code_hash,
                    core::Timestamp expires_at) {
    return tx.exec(kSetCode, property, kiosk, code_hash, expires_at).affected_rows() == 1;
}

std::optional<KioskRow> activate_kiosk(Transaction& tx, const Bytes& code_hash, const Bytes& key_hash,
                                       core::Timestamp now) {
    return first(tx.exec(kActivate, code_hash, key_hash, now));
}

std::optional<KioskRow> use_kiosk(Transaction& tx, const Bytes& key_hash, core::Timestamp now) {
    const auto found = first(tx.exec(kUse, key_hash));
    if (found && (!found->seen_at || *found->seen_at < now - std::chrono::minutes{1})) {
        tx.exec(kSeen, found->property, found->kiosk, now);
    }
    return found;
}

std::optional<KioskRow> find_kiosk(Transaction& tx, core::PropertyId property, KioskId kiosk) {
    return first(tx.exec(kFind, property, kiosk));
}

std::vector<KioskRow> list_kiosks(Transaction& tx, core::PropertyId property, int limit) {
    std::vector<KioskRow> rows;
    for (const auto& row : tx.exec(kList, property, limit)) {
        rows.push_back(read(row));
    }
    return rows;
}

std::optional<KioskRow> revoke_kiosk(Transaction& tx, core::PropertyId property, KioskId kiosk,
                                     core::Timestamp now) {
    return first(tx.exec(kRevoke, property, kiosk, now));
}

std::string unit_code_letters(Transaction& tx, core::PropertyId property) {
    return get<std::string>(tx.exec1(kLetters, property), "letters");
}

}  // namespace wutong::storage
