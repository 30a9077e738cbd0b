#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/cut_off.hpp"
#include "core/energy_series.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Which meters are run server-held, where their charging stands, which units are guarded, and the queue of
/// meters that have to be looked at.
namespace wutong::storage {

struct HeldChange {
    core::OperatorId by;
    core::Timestamp at;
};

/// From now on the server keeps the credit of this meter.
/// @return false: it does already
/// @throws ReferenceViolation for a meter that is not there
bool begin_held(Transaction& tx, core::PropertyId property, core::MeterId meter, const std::string& reason,
                const HeldChange& change);
/// The meter keeps its credit itself again. @return false: it did already
/// @pre it has no account
bool end_held(Transaction& tx, core::PropertyId property, core::MeterId meter, const HeldChange& change);

[[nodiscard]] bool is_held(Transaction& tx, core::PropertyId property, core::MeterId meter);
/// Of these, the ones that are run server-held.
[[nodiscard]] std::vector<core::MeterId> held_among(Transaction& tx, core::PropertyId property,
                                                    const std::vector<core::MeterId>& meters);

struct HeldMeterRow {
    core::MeterId meter;
    std::string meter_code, unit_code;
    core::Timestamp since;
    std::string decided_by;  ///< full name, else the name to sign in with
    std::string reason;
    core::AccountId account;  ///< 0: none
    std::string account_number;
    std::optional<core::Timestamp> charged_at;  ///< the reading that was charged last
    std::optional<core::Energy> energy;         ///< what it showed
    std::optional<std::string> stopped;         ///< why it is not charged
    core::Commodity commodity = core::Commodity::electricity;
};
/// By meter. @param after 0, or the last meter of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<HeldMeterRow> list_held_meters(Transaction& tx, core::PropertyId property,
                                                         core::MeterId after, int limit);

/// The newest look at the register, from which a charging begins.
struct HeldStart {
    core::Timestamp read_at;
    core::Energy energy;
    std::optional<bool> prepaid_enabled{};  ///< the meter charges by itself; empty: it does not say
};
[[nodiscard]] std::optional<HeldStart> newest_look(Transaction& tx, core::PropertyId property,
                                                   core::MeterId meter);

/// What an opening says about this meter, for as long as nothing else is said: the server charges and warns
/// by it.
struct HeldTerms {
    std::optional<core::Price> price;  ///< where no tariff plan is in force
    std::optional<core::Money> alarm_1, alarm_2;
    std::optional<core::Money> overdraft;  ///< likewise
};
void keep_held_terms(Transaction& tx, core::PropertyId property, core::MeterId meter, const HeldTerms& terms);

/// The meter's time on the account begins: its link counts as opened, and what is used from `start` on is
/// charged.
/// @pre the meter is linked to the account (link_meter) and run server-held
void begin_charging(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
                    const HeldStart& start, core::Timestamp now);
/// A person has looked: charging goes on from `start`, and what lies between is charged with nothing.
/// @return false: no account of this meter is being charged
bool go_on_charging(Transaction& tx, core::PropertyId property, core::MeterId meter, const HeldStart& start,
                    core::Timestamp now);

// ---- the queue ------------------------------------------------------------------------------------
struct HeldDue {
    core::PropertyId property;
    core::MeterId meter;
};
/// The ones that are due, longest first. They stay in the queue until take_due.
[[nodiscard]] std::vector<HeldDue> list_due(Transaction& tx, core::Timestamp now, int limit);
/// Takes the meter out of the queue until the transaction ends, or for good with its commit; what comes in
/// meanwhile queues it anew. @return false: somebody else has it, or it is not due any more
[[nodiscard]] bool take_due(Transaction& tx, const HeldDue& due, core::Timestamp now);
/// Queues it, or brings it forward.
void put_due(Transaction& tx, core::PropertyId property, core::MeterId meter, core::Timestamp at);
/// For whoever stores readings: queues those of these meters that are charged by the server, since the time
/// of the oldest of the readings.
void put_due_for_readings(Transaction& tx, core::PropertyId property,
                          const std::vector<core::MeterId>& meters, core::Timestamp read_at);

// ---- guarded units --------------------------------------------------------------------------------
struct GuardedUnit {
    core::UnitId unit;
    std::string unit_code;
    core::UnitGuard kind = core::UnitGuard::none;
    std::string note;
    std::string decided_by;
    core::Timestamp since;
};
/// @return 0: there is no such unit, or several are written so
[[nodiscard]] core::UnitId unit_of_code(Transaction& tx, core::PropertyId property, const std::string& code);
/// "": there is no such unit
[[nodiscard]] std::string unit_code_of(Transaction& tx, core::PropertyId property, core::UnitId unit);
/// @param kind none: guarded no more  @throws ReferenceViolation for a unit that is not there
void set_guard(Transaction& tx, core::PropertyId property, core::UnitId unit, core::UnitGuard kind,
               const std::string& note, const HeldChange& change);
[[nodiscard]] std::vector<GuardedUnit> list_guarded_units(Transaction& tx, core::PropertyId property,
                                                          core::UnitId after, int limit);

}  // namespace wutong::storage
