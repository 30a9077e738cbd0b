#pragma once

#include <chrono>
#include <optional>

#include "core/local_time.hpp"
#include "core/meter_status.hpp"
#include "core/quantities.hpp"

/// The cut-off rules of a server-held meter: given what is known now, is its tenant warned, and is its relay
/// worked? Asked after each charge and each payment, and once more right before a switch-off is sent.
///
/// Who has no credit left is switched off, unless one of these holds; the first that does is the reason:
///   guarded > guaranteed > payment_under_way > stale_reading > quiet_hours > tried_just_now
/// Who has credit (or is guarded) and was switched off by us is switched on again at once, at any hour and
/// however old the readings are. What an operator has switched off is for an operator to switch on.
namespace wutong::core {

/// Why a unit is never switched off without a person: a breathing machine, fire pumps, a lift.
enum class UnitGuard { none, medical, safety };
[[nodiscard]] const char* to_string(UnitGuard guard);
/// @throws std::invalid_argument naming the known words
[[nodiscard]] UnitGuard parse_unit_guard(const std::string& text);

/// Minutes of the property's wall clock. From 1320 to 420 is from ten in the evening until seven; both the
/// same: no quiet hours.
struct QuietHours {
    int from_minute = 0;
    int to_minute = 0;
    friend bool operator==(const QuietHours&, const QuietHours&) = default;
};

/// The last relay command that has reached the meter, may have reached it, or is on its way.
enum class RelayOrder {
    none,
    off_by_us,  ///< for lack of credit
    on_by_us,
    off_by_operator,
    on_by_operator,        ///< power guaranteed, whatever the credit
    released_by_operator,  ///< back to the rules
};

struct CutOffFacts {
    Money balance;
    Money overdraft;  ///< the debt that is allowed, >= 0
    Money alarm_1;    ///< 0: none
    Money alarm_2;
    std::optional<Instant> newest_reading;  ///< of those that are charged; none: there is no reading yet
    std::chrono::seconds stale_after{0};    ///< a reading older than this says nothing about now
    QuietHours quiet;
    UnitGuard guard = UnitGuard::none;
    bool payment_under_way = false;  ///< handed over, and not yet in the balance

    std::optional<bool> relay_closed;      ///< none: not known
    std::optional<Instant> relay_seen_at;  ///< when that was read
    RelayOrder order = RelayOrder::none;
    std::optional<Instant> ordered_at;  ///< when the order was given; none without one
    std::optional<Instant> order_done;  ///< when it was finished; none: still on its way
};

enum class RelayAction {
    leave,
    postpone,  ///< it would be switched off, but `why` forbids it until `again_at`
    switch_off,
    switch_on,
};
[[nodiscard]] const char* to_string(RelayAction action);

enum class PostponeReason {
    none,
    guarded,            ///< until the unit is guarded no more
    guaranteed,         ///< until an operator takes the guarantee back
    payment_under_way,  ///< until it has arrived or failed
    stale_reading,      ///< until the meter has been read
    quiet_hours,
    tried_just_now,  ///< an order of ours that did not work is given again after kOrderAgainAfter
};
[[nodiscard]] const char* to_string(PostponeReason why);
/// For people: "until the quiet hours are over".
[[nodiscard]] const char* sentence_of(PostponeReason why);

struct CutOffDecision {
    AlarmLevel level = AlarmLevel::none;  ///< the warning that is to stand; those above it are to be cleared
    RelayAction action = RelayAction::leave;
    PostponeReason why = PostponeReason::none;
    /// When to ask again, at the latest. None: when something changes (a reading, a payment, an operator).
    std::optional<Instant> again_at;
    friend bool operator==(const CutOffDecision&, const CutOffDecision&) = default;
};

inline constexpr std::chrono::minutes kOrderAgainAfter{5};
inline constexpr std::chrono::minutes kPaymentAgainAfter{2};

/// @throws std::invalid_argument for an overdraft below zero, stale_after not above zero, or quiet hours
/// outside of a day; std::out_of_range when `local` does not know `now`
[[nodiscard]] CutOffDecision decide_cut_off(const CutOffFacts& facts, const LocalTime& local, Instant now);

/// The end of the quiet hours that `at` is in; none when it is in none.
[[nodiscard]] std::optional<Instant> quiet_until(const QuietHours& quiet, const LocalTime& local, Instant at);

}  // namespace wutong::core
