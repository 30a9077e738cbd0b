#include "storage/kiosk_visits.hpp"

#include <vector>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kSetPin =
    "INSERT INTO tenant_pin (property_id, account_id, pin_hash, changed_by, changed_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (property_id, account_id) DO UPDATE "
    "SET pin_hash = excluded.pin_hash, changed_by = excluded.changed_by, changed_at = excluded.changed_at";
const char* kRemovePin = "DELETE FROM tenant_pin WHERE property_id = $1 AND account_id = $2";

const char* kTenant =
    "WITH door AS ("
    "  SELECT a.account_id FROM account a "
    "   WHERE a.property_id = $1 AND a.number = ANY ($2::text[]) AND a.state <> 'closed' "
    "  UNION SELECT a.account_id FROM unit u "
    "    JOIN meter m ON m.property_id = u.property_id AND m.unit_id = u.unit_id "
    "    JOIN account_meter l ON l.property_id = m.property_id AND l.meter_id = m.meter_id "
    "    JOIN account a ON a.property_id = l.property_id AND a.account_id = l.account_id "
    "   WHERE u.property_id = $1 AND u.code = ANY ($2::text[]) AND l.unlinked_at IS NULL "
    "     AND a.state <> 'closed') "
    "SELECT a.account_id, a.number, COALESCE(p.pin_hash, '') AS pin_hash FROM door "
    "  JOIN account a ON a.property_id = $1 AND a.account_id = door.account_id "
    "  LEFT JOIN tenant_pin p ON p.property_id = $1 AND p.account_id = door.account_id LIMIT 2";

const char* kAttempts =
    "SELECT failures, counted_from, locked_until FROM kiosk_attempt WHERE property_id = $1 AND subject = $2";
// A row to lock has to be there first.
const char* kMakeAttempts =
    "INSERT INTO kiosk_attempt (property_id, subject, failures, counted_from) VALUES ($1, $2, 0, 'epoch') "
    "ON CONFLICT DO NOTHING";
const char* kLockAttempts =
    "SELECT failures, counted_from, locked_until FROM kiosk_attempt WHERE property_id = $1 AND subject = $2 "
    "   FOR UPDATE";
const char* kPutAttempts =
    "INSERT INTO kiosk_attempt (property_id, subject, failures, counted_from, locked_until) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (property_id, subject) DO UPDATE SET failures = "
    "excluded.failures, counted_from = excluded.counted_from, locked_until = excluded.locked_until";
const char* kForgetAttempts = "DELETE FROM kiosk_attempt WHERE property_id = $1 AND subject = $2";
const char* kOldAttempts =
    "DELETE FROM kiosk_attempt WHERE counted_from < $1 AND (locked_until IS NULL OR locked_until < $2)";

const char* kPutVisit =
    "INSERT INTO kiosk_visit (property_id, device_id, token_hash, account_id, started_at, used_at, "
    "expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (property_id, device_id) DO UPDATE SET "
    "token_hash = excluded.token_hash, account_id = excluded.account_id, started_at = excluded.started_at, "
    "used_at = excluded.used_at, expires_at = excluded.expires_at";
const char* kUseVisit =
    "UPDATE kiosk_visit SET used_at = $4 WHERE property_id = $1 AND device_id = $2 AND token_hash = $3 "
    "   AND expires_at > $4 AND used_at > $5 RETURNING account_id";
const char* kEndVisit =
    "DELETE FROM kiosk_visit WHERE property_id = $1 AND device_id = $2 AND token_hash = $3";
const char* kEndOfKiosk = "DELETE FROM kiosk_visit WHERE property_id = $1 AND device_id = $2";
const char* kEndOfAccount = "DELETE FROM kiosk_visit WHERE property_id = $1 AND account_id = $2";
const char* kOldVisits = "DELETE FROM kiosk_visit WHERE expires_at <= $1 OR used_at <= $2";

/// As typed, and with small letters as capitals.
std::vector<std::string> spellings(const std::string& text) {
    auto capitals = text;
    for (auto& c : capitals) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return {text, capitals};
}

AttemptRow read(const pqxx::result& rows) {
    return rows.empty()
               ? AttemptRow{}
               : AttemptRow{get<int>(rows[0], "failures"), get<core::Timestamp>(rows[0], "counted_from"),
                            get<std::optional<core::Timestamp>>(rows[0], "locked_until")};
}

}  // namespace

void set_tenant_pin(Transaction& tx, core::PropertyId property, core::AccountId account,
                    const std::string& pin_hash, core::OperatorId who, core::Timestamp now) {
    tx.exec(kSetPin, property, account, pin_hash, who, now);
}

bool remove_tenant_pin(Transaction& tx, core::PropertyId property, core::AccountId account) {
    return tx.exec(kRemovePin, property, account).affected_rows() == 1;
}

std::optional<TenantRow> find_tenant(Transaction& tx, core::PropertyId property,
                                     const std::string& unit_or_number) {
    const auto rows = tx.exec(kTenant, property, spellings(unit_or_number));
    if (rows.size() != 1) {
        return std::nullopt;
    }
    return TenantRow{get<core::AccountId>(rows[0], "account_id"), get<std::string>(rows[0], "number"),
                     get<std::string>(rows[0], "pin_hash")};
}

AttemptRow find_attempts(Transaction& tx, core::PropertyId property, const std::string& subject, bool lock) {
    if (!lock) {
        return read(tx.exec(kAttempts, property, subject));
    }
    tx.exec(kMakeAttempts, property, subject);
    return read(tx.exec(kLockAttempts, property, subject));
}

void put_attempts(Transaction& tx, core::PropertyId property, const std::string& subject,
                  const AttemptRow& attempts) {
    tx.exec(kPutAttempts, property, subject, attempts.failures, attempts.counted_from, attempts.locked_until);
}

void forget_attempts(Transaction& tx, core::PropertyId property, const std::string& subject) {
    tx.exec(kForgetAttempts, property, subject);
}

int delete_old_attempts(Transaction& tx, core::Timestamp before, core::Timestamp now) {
    return static_cast<int>(tx.exec(kOldAttempts, before, now).affected_rows());
}

void put_visit(Transaction& tx, core::PropertyId property, KioskId kiosk, const Bytes& token_hash,
               core::AccountId account, core::Timestamp now, core::Timestamp expires_at) {
    tx.exec(kPutVisit, property, kiosk, token_hash, account, now, expires_at);
}

std::optional<core::AccountId> use_visit(Transaction& tx, core::PropertyId property, KioskId kiosk,
                                         const Bytes& token_hash, core::Timestamp now,
                                         std::chrono::seconds idle) {
    const auto rows = tx.exec(kUseVisit, property, kiosk, token_hash, now, now - idle);
    return rows.empty() ? std::nullopt : std::optional{get<core::AccountId>(rows[0], "account_id")};
}

void end_visit(Transaction& tx, core::PropertyId property, KioskId kiosk, const Bytes& token_hash) {
    tx.exec(kEndVisit, property, kiosk, token_hash);
}

void end_visits_of(Transaction& tx, core::PropertyId property, KioskId kiosk) {
    tx.exec(kEndOfKiosk, property, kiosk);
}

void end_visits_of(Transaction& tx, core::PropertyId property, core::AccountId account) {
    tx.exec(kEndOfAccount, property, account);
}

int delete_old_visits(Transaction& tx, core::Timestamp now, std::chrono::seconds idle) {
    return static_cast<int>(tx.exec(kOldVisits, now, now - idle).affected_rows());
}

}  // namespace wutong::storage
