#include "server/kiosks/visits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/refused.hpp"
#include "server/security/password_hash.hpp"
#include "storage/operation_log.hpp"
#include "storage/sha256.hpp"

namespace wutong::server {

namespace {

constexpr std::size_t kPinDigits = 6;
constexpr std::size_t kEntryBytesMax = 64;
constexpr std::chrono::seconds kHashWaitMax{5};

std::string subject_of(storage::KioskId kiosk) {
    return fmt::format("kiosk {}", kiosk.value);
}

/// What was typed and is nobody's, in a form of fixed length, small letters and capitals alike.
std::string subject_of_unknown(std::string entry) {
    for (auto& c : entry) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return "entry " + storage::hex(storage::sha256(entry));
}

std::chrono::seconds seconds_until(core::Timestamp until, core::Timestamp now) {
    return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(until - now));
}

/// One more wrong PIN. @return what is stored from now on
storage::AttemptRow counted(storage::AttemptRow attempts, int tries, std::chrono::minutes window,
                            std::chrono::minutes lock_out, core::Timestamp now) {
    if (attempts.counted_from + window <= now || attempts.counted_from > now) {
        attempts = {0, now, std::nullopt};
    }
    if (++attempts.failures >= tries) {
        return {0, now, now + lock_out};
    }
    attempts.locked_until.reset();
    return attempts;
}

bool is_locked(const storage::AttemptRow& attempts, core::Timestamp now) {
    return attempts.locked_until && *attempts.locked_until > now;
}

void log(storage::Transaction& tx, const storage::KioskRow& kiosk, const char* action,
         const std::string& target, const nlohmann::json& details = nlohmann::json::object()) {
    storage::OperationLogEntry entry;
    entry.property = kiosk.property;
    entry.action = action;
    entry.target = target;
    auto with_kiosk = details;
    with_kiosk["kiosk"] = kiosk.name;
    entry.details = with_kiosk.dump();
    storage::append_operation_log(tx, entry);
}

}  // namespace

void check_new_pin(const std::string& pin, const std::string& field) {
    if (pin.size() != kPinDigits || pin.find_first_not_of("0123456789") != std::string::npos) {
        throw invalid(field, fmt::format("a PIN has {} digits", kPinDigits));
    }
    bool same = true;
    bool up = true;
    bool down = true;
    for (std::size_t i = 1; i < pin.size(); ++i) {
        same = same && pin[i] == pin[i - 1];
        up = up && pin[i] == pin[i - 1] + 1;
        down = down && pin[i] == pin[i - 1] - 1;
    }
    if (same || up || down) {
        throw invalid(field, "is guessed too easily: not the same digit six times, and no run as 123456");
    }
}

Visits::Visits(storage::Database& database, core::Clock clock)
    : database_{database}, clock_{std::move(clock)} {}

std::string Visits::subject_of(core::AccountId account) {
    return fmt::format("account {}", account.value);
}

Visits::Door Visits::look(storage::Transaction& tx, const storage::KioskRow& kiosk,
                          const std::string& unit_or_number) const {
    const auto tenant = storage::find_tenant(tx, kiosk.property, unit_or_number);
    if (!tenant) {
        return {subject_of_unknown(unit_or_number), "nobody's unit or account", "", {}};
    }
    return {subject_of(tenant->account), "account " + tenant->number, tenant->pin_hash, tenant->account};
}

Visits::Outcome Visits::locks(storage::Transaction& tx, const storage::KioskRow& kiosk, const Door& door,
                              bool lock_rows) const {
    const auto now = clock_();
    Outcome outcome;
    // Always in this order, so that two guesses never wait for each other.
    const auto at_kiosk =
        storage::find_attempts(tx, kiosk.property, server::subject_of(kiosk.kiosk), lock_rows);
    const auto at_door = storage::find_attempts(tx, kiosk.property, door.subject, lock_rows);
    if (is_locked(at_kiosk, now)) {
        outcome.kiosk_paused = true;
        outcome.retry_after = seconds_until(*at_kiosk.locked_until, now);
    } else if (is_locked(at_door, now)) {
        outcome.locked = true;
        outcome.retry_after = seconds_until(*at_door.locked_until, now);
    }
    return outcome;
}

Visits::Outcome Visits::settle(storage::Transaction& tx, const storage::KioskRow& kiosk, const Door& door,
                               bool right) const {
    // Also for the right PIN: guesses that were under way when the lock fell don't count.
    auto outcome = locks(tx, kiosk, door, true);
    if (outcome.kiosk_paused || outcome.locked) {
        return outcome;
    }
    if (right) {
        storage::forget_attempts(tx, kiosk.property, door.subject);
        outcome.in = true;
        return outcome;
    }
    const auto now = clock_();
    const auto kiosk_subject = server::subject_of(kiosk.kiosk);
    const auto at_kiosk = counted(storage::find_attempts(tx, kiosk.property, kiosk_subject, false),
                                  kKioskTries, kKioskWindow, kKioskWindow, now);
    const auto at_door = counted(storage::find_attempts(tx, kiosk.property, door.subject, false), kTries,
                                 kDoorWindow, kLockOut, now);
    storage::put_attempts(tx, kiosk.property, kiosk_subject, at_kiosk);
    storage::put_attempts(tx, kiosk.property, door.subject, at_door);
    if (at_door.locked_until) {
        log(tx, kiosk, "kiosk.lock_out", door.name, {{"tries", kTries}, {"minutes", kLockOut.count()}});
        outcome.locked = true;
        outcome.retry_after = kLockOut;
    } else {
        log(tx, kiosk, "kiosk.wrong_pin", door.name, {{"tries", at_door.failures}});
        outcome.tries_left = kTries - at_door.failures;
    }
    if (at_kiosk.locked_until) {
        log(tx, kiosk, "kiosk.pause", "kiosk " + kiosk.name,
            {{"wrong_pins", kKioskTries}, {"minutes", kKioskWindow.count()}});
    }
    return outcome;
}

bool Visits::compare(const Door& door, const std::string& pin) {
    if (!hashing_.try_acquire_for(kHashWaitMax)) {
        throw Refused{grpc::StatusCode::RESOURCE_EXHAUSTED,
                      "busy",
                      "too many visits begin at this moment; try again in a moment",
                      {},
                      {{"retry_after_s", "2"}}};
    }
    struct Release {
        ~Release() { gate.release(); }
        std::counting_semaphore<kHashesAtOnce>& gate;
    } release{hashing_};
    return door.pin_hash.empty() ? verify_nobody(pin) : verify_password(pin, door.pin_hash);
}

void Visits::refuse(const Outcome& outcome) {
    const auto retry = std::to_string(outcome.retry_after.count());
    if (outcome.kiosk_paused) {
        throw Refused{grpc::StatusCode::RESOURCE_EXHAUSTED,
                      "kiosk_paused",
                      fmt::format("too many wrong PINs at this kiosk; it can be used again in {} s", retry),
                      {},
                      {{"retry_after_s", retry}}};
    }
    if (outcome.locked) {
        throw Refused{grpc::StatusCode::UNAUTHENTICATED,
                      "locked_out",
                      fmt::format("too many wrong tries; this can be tried again in {} s", retry),
                      {},
                      {{"retry_after_s", retry}}};
    }
    throw Refused{grpc::StatusCode::UNAUTHENTICATED,
                  "wrong_unit_or_pin",
                  fmt::format("unit, account number or PIN is wrong; {} tries left", outcome.tries_left),
                  {},
                  {{"tries_left", std::to_string(outcome.tries_left)}}};
}

Visits::Begun Visits::begin(const storage::KioskRow& kiosk, const std::string& unit_or_number,
                            const std::string& pin) {
    if (unit_or_number.empty() || unit_or_number.size() > kEntryBytesMax ||
        unit_or_number.find('\0') != std::string::npos) {
        throw invalid("unit_or_account", fmt::format("must have 1 to {} bytes", kEntryBytesMax));
    }
    if (pin.size() != kPinDigits || pin.find_first_not_of("0123456789") != std::string::npos) {
        throw invalid("pin", fmt::format("a PIN has {} digits", kPinDigits));
    }
    const auto scope = storage::Scope::of({kiosk.property});
    // The hash is computed between two transactions: a tenth of a second is long for a row lock.
    Door door;
    const auto before = database_.transact(scope, "visit_look", [&](storage::Transaction& tx) {
        door = look(tx, kiosk, unit_or_number);
        return locks(tx, kiosk, door, false);
    });
    if (before.kiosk_paused || before.locked) {
        refuse(before);
    }
    const bool right = compare(door, pin);
    Begun begun{random_token(), door.account};
    const auto outcome = database_.transact(scope, "visit_begin", [&](storage::Transaction& tx) {
        // A PIN that was changed while we compared is not the one we compared with.
        const auto again = look(tx, kiosk, unit_or_number);
        const bool same = again.account == door.account && again.pin_hash == door.pin_hash;
        auto settled = settle(tx, kiosk, door, right && same);
        if (settled.in) {
            const auto now = clock_();
            storage::put_visit(tx, kiosk.property, kiosk.kiosk, storage::Bytes{storage::sha256(begun.token)},
                               door.account, now, now + kLifetime);
            log(tx, kiosk, "kiosk.visit", door.name);
        }
        return settled;
    });
    if (!outcome.in) {
        refuse(outcome);
    }
    return begun;
}

core::AccountId Visits::use(storage::Transaction& tx, const storage::KioskRow& kiosk,
                            const std::string& token) const {
    const auto account = storage::use_visit(tx, kiosk.property, kiosk.kiosk,
                                            storage::Bytes{storage::sha256(token)}, clock_(), kIdle);
    if (!account) {
        throw Refused{grpc::StatusCode::UNAUTHENTICATED, "visit_ended",
                      "this visit is over; begin a new one"};
    }
    return *account;
}

void Visits::end(storage::Transaction& tx, const storage::KioskRow& kiosk, const std::string& token) {
    storage::end_visit(tx, kiosk.property, kiosk.kiosk, storage::Bytes{storage::sha256(token)});
}

void Visits::sweep() {
    const auto now = clock_();
    database_.transact(storage::Scope::all(), "sweep_visits", [&](storage::Transaction& tx) {
        storage::delete_old_visits(tx, now, kIdle);
        storage::delete_old_attempts(tx, now - std::max(kDoorWindow, kKioskWindow), now);
    });
}

}  // namespace wutong::server
