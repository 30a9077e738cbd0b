#pragma once

#include <optional>
#include <string>

#include "core/cut_off.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// The cut-off rules (core/cut_off.hpp) with the facts of the database, and what follows from them: alarms,
/// the figures on the wall, relay commands in the collectors' outbox.
namespace wutong::storage {

/// The property's alarm amounts, for meters that have none of their own.
struct AlarmAmounts {
    core::Money alarm_1;
    core::Money alarm_2;
};

struct CutOffCase {
    core::AccountId account;
    core::CutOffFacts facts;
};
/// Of a meter that is charged by the server now; none for any other.
/// @param but_for a relay command that is left out of what was ordered; 0: none
[[nodiscard]] std::optional<CutOffCase> cut_off_case(Transaction& tx, core::PropertyId property,
                                                     core::MeterId meter, const AlarmAmounts& otherwise,
                                                     core::CommandId but_for = {});

struct CutOffDone {
    core::CutOffDecision decision;
    core::CommandId command;  ///< 0: none was ordered. Tell the notifier after the commit when one was
    core::Money balance;
};
/// Decides and does: raises and clears the alarms alarm_1, alarm_2 and arrears, puts balance and level on the
/// wall, orders the relay, queues the meter for the time when it has to be asked again.
/// @pre the caller holds the lock of the meter's link (account_meter): a payment and a charge don't decide at
/// the same time
/// @return none: the meter is not charged by the server
std::optional<CutOffDone> apply_cut_off(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                        const AlarmAmounts& otherwise, core::Timestamp now);

/// Right before the collector sends a switch-off that the server has ordered for lack of credit: the rules
/// are asked once more, since the tenant may have paid, the quiet hours begun, an operator guarded the unit.
/// @return true when it was cancelled; its reason says why
bool cancel_if_forbidden(Transaction& tx, core::PropertyId property, core::CommandId command,
                         core::Timestamp now);

/// So long a relay command of the server waits for a meter that is away.
inline constexpr std::chrono::minutes kHeldCommandExpiry{30};

/// The meter belongs to no account any more: nobody is warned about it.
void clear_credit_alarms(Transaction& tx, core::PropertyId property, core::MeterId meter,
                         core::Timestamp now);

}  // namespace wutong::storage
