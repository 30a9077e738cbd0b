#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/quantities.hpp"
#include "core/time.hpp"

/// How money that was paid gets onto a meter exactly once (design: "what must always be true", 2).
///
/// The machine is a pure function: `step(delivery, rules, event)` returns the delivery as it must be
/// stored now and the one thing to do next. The caller stores first and acts afterwards, so that a
/// crash between the two is met again as `Restarted`.
///
///              Restarted  Looked              LookFailed  WriteAnswered,   WriteRefused  OperatorSettled
///                                                         WriteUnanswered
/// queued       → Look     plan: → Write,      → TryLater  -                -             -
///                         or refused,
///                         or quarantined
/// sending      unknown    -                   unknown     unknown          unknown with  -
///              → Look                         → TryLater  → Look           reason → Look
/// unknown      → Look     settle, see below   → TryLater  -                -             -
/// delivered,   → Done     -                   -           -                -             -
/// refused
/// quarantined  → Done     -                   -           -                -             delivered or
///                                                                                        refused → Done
/// "-" is our bug and throws. A new delivery is started with `Restarted`: nothing was under way.
///
/// Settling. The number must be ours AND the balance explained; then it is delivered. Number and balance as
/// before, but for consumption: the write is not on the meter. Then it is refused if the meter said so,
/// otherwise written again from this fresh look, `attempts_max` times in all. Anything else is quarantined:
/// somebody else has written, or a frame that was held up somewhere came late (it carries our number and an
/// older balance).
///
/// The two writes that set instead of adding (absolute meters: `open` and `clear`) may find their own number
/// on the meter already, so that the number proves nothing. There the balance decides, and for `open` also
/// that prepaid went from off to on (with every kind of meter: without prepaid nothing is charged). When both
/// readings explain the meter, it holds what the write would have made it hold, and that is delivered; a
/// clear that found prepaid on and still finds it on is repeated once before, which is harmless. What else
/// the frame of an open carried (prices, alarms) is the caller's to read back.
///
/// Kinds of meter. added_counted: as above, but an open needs an empty meter, because the amount comes on top
/// of what it holds; the amount itself must show in the balance. uncounted: no number, so the balance alone
/// decides; what can be read either way is quarantined, and nothing is written twice, because a first frame
/// that arrives late would add a second time and nothing could tell. server_held: there is nothing to write,
/// delivered at once.
namespace wutong::core {

/// How a meter holds credit; see docs/architecture.md "kinds of credit".
enum class CreditKind {
    none,              ///< not a prepaid meter
    absolute_counted,  ///< one frame writes the new balance and the new purchase number (Acrel)
    added_counted,     ///< amount and number are sent, the meter refuses a wrong number (DL/T 645)
    uncounted,         ///< balance before and after is the only proof
    server_held,       ///< the server keeps the balance and works the relay
};

enum class DeliveryKind { open, top_up, refund, reversal, clear };

enum class DeliveryState { queued, sending, unknown, delivered, refused, quarantined };

/// Number, balance and energy register of a meter, read in one look.
struct CreditLook {
    std::uint32_t purchase_number = 0;
    Money balance;
    Energy energy;
    Timestamp at;
    bool prepaid_enabled = true;
};

/// What a write to the meter has to carry. For absolute meters the balance, for adding meters the amount.
struct CreditWrite {
    std::uint32_t purchase_number = 0;
    Money balance;  ///< balance after the write (absolute_counted)
    Money amount;   ///< change of the balance; negative for a refund
};

struct CreditRules {
    CreditKind kind = CreditKind::absolute_counted;
    Money quantum{100};         ///< the meter's balance moves in these steps
    Energy energy_quantum{10};  ///< the energy register moves in these steps
    Price price;                ///< what the meter charges; the highest rate when it has several
    Money balance_max{Money{99'999'999'00}};  ///< the largest balance the meter can hold
    std::uint32_t number_max = 65'535;
    int attempts_max = 5;  ///< writes tried before an operator has to look
};

struct CreditDelivery {
    DeliveryKind kind = DeliveryKind::top_up;
    DeliveryState state = DeliveryState::queued;
    Money amount;  ///< change of the balance; for `clear` it is set when the balance is known
    std::uint32_t number_before = 0;   ///< the last purchase number that the ledger knows for this meter
    std::optional<CreditLook> before;  ///< the look on which the last write was based
    std::optional<CreditLook> after;   ///< the look that settled it
    std::optional<CreditWrite> write;  ///< the last write that was sent or was about to be
    int attempts = 0;                  ///< writes sent so far
    std::string reason;  ///< why refused or quarantined, for people; in `unknown`: the meter answered
                         ///< the last write with this refusal (a look decides)

    [[nodiscard]] bool finished() const {
        return state == DeliveryState::delivered || state == DeliveryState::refused ||
               state == DeliveryState::quarantined;
    }
};

// ---- events ------------------------------------------------------------------------------------
struct Looked {
    CreditLook look;
};                        ///< the meter was read
struct LookFailed {};     ///< the meter did not answer a read
struct WriteAnswered {};  ///< the meter acknowledged the write
struct WriteRefused {
    std::string reason;
};                          ///< the meter answered with an exception
struct WriteUnanswered {};  ///< nothing, or rubbish, came back: the outcome is unknown
struct Restarted {};        ///< the collector came back; whatever was under way is unknown
struct OperatorSettled {
    bool delivered;
    std::string reason;
};  ///< only from quarantine

using DeliveryEvent = std::variant<Looked, LookFailed, WriteAnswered, WriteRefused, WriteUnanswered,
                                   Restarted, OperatorSettled>;

// ---- what to do next ---------------------------------------------------------------------------
struct Look {};  ///< read number, balance and energy
struct Write {
    CreditWrite write;
};                   ///< store, then send
struct TryLater {};  ///< meter away: leave the bus, try again after the back-off
struct Done {};      ///< finished; book it
using DeliveryAction = std::variant<Look, Write, TryLater, Done>;

struct DeliveryStep {
    CreditDelivery delivery;
    DeliveryAction action;
};

/// @throws std::logic_error for an event that can't happen in this state, and for rules that make no sense
/// (our bug, not the world's fault).
[[nodiscard]] DeliveryStep step(CreditDelivery delivery, const CreditRules& rules,
                                const DeliveryEvent& event);

/// Is `after` what `write` on top of `before` must have led to: the number (where the meter counts) and the
/// balance? The meter may have charged any part of the energy used between the two looks: an absolute write
/// forgives what was used before it arrived. Tolerance: one quantum of the balance either way, one of the
/// energy register for what it does not show yet. An energy register that went backwards explains nothing.
[[nodiscard]] bool explained(const CreditLook& before, const CreditLook& after, const CreditWrite& write,
                             const CreditRules& rules);

/// The parse functions throw std::invalid_argument naming the known words.
[[nodiscard]] const char* to_string(DeliveryState state);
[[nodiscard]] const char* to_string(DeliveryKind kind);
[[nodiscard]] DeliveryState parse_delivery_state(const std::string& text);
[[nodiscard]] DeliveryKind parse_delivery_kind(const std::string& text);
[[nodiscard]] const char* to_string(CreditKind kind);
[[nodiscard]] CreditKind parse_credit_kind(const std::string& text);

}  // namespace wutong::core
