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
    Money quantum{100};            ///< the meter's balance moves in these steps
    Energy energy_quantum{10};     ///< the energy register moves in these steps
    Price price;                   ///< what the meter charges; the highest rate when it has several
    Money balance_max{Money{99'999'999'00}};  ///< the largest balance the meter can hold
    std::uint32_t number_max = 65'535;
    int attempts_max = 5;          ///< writes tried before an operator has to look
};

struct CreditDelivery {
    DeliveryKind kind = DeliveryKind::top_up;
    DeliveryState state = DeliveryState::queued;
    Money amount;                        ///< change of the balance; for `clear` it is set when the balance is known
    std::uint32_t number_before = 0;     ///< the last purchase number that the ledger knows for this meter
    std::optional<CreditLook> before;    ///< the look on which the last write was based
    std::optional<CreditLook> after;     ///< the look that settled it
    std::optional<CreditWrite> write;    ///< the last write that was sent or was about to be
    int attempts = 0;                    ///< writes sent so far
    std::string reason;                  ///< why refused or quarantined, for people

    [[nodiscard]] bool finished() const {
        return state == DeliveryState::delivered || state == DeliveryState::refused || state == DeliveryState::quarantined;
    }
};

// ---- events ------------------------------------------------------------------------------------
struct Looked { CreditLook look; };                   ///< the meter was read
struct LookFailed {};                                 ///< the meter did not answer a read
struct WriteAnswered {};                              ///< the meter acknowledged the write
struct WriteRefused { std::string reason; };          ///< the meter answered with an exception
struct WriteUnanswered {};                            ///< nothing, or rubbish, came back: the outcome is unknown
struct Restarted {};                                  ///< the collector came back; whatever was under way is unknown
struct OperatorSettled { bool delivered; std::string reason; };  ///< only from quarantine

using DeliveryEvent = std::variant<Looked, LookFailed, WriteAnswered, WriteRefused, WriteUnanswered, Restarted, OperatorSettled>;

// ---- what to do next ---------------------------------------------------------------------------
struct Look {};                                       ///< read number, balance and energy
struct Write { CreditWrite write; };                  ///< store, then send
struct TryLater {};                                   ///< meter away: leave the bus, try again after the back-off
struct Done {};                                       ///< finished; book it
using DeliveryAction = std::variant<Look, Write, TryLater, Done>;

struct DeliveryStep {
    CreditDelivery delivery;
    DeliveryAction action;
};

/// @throws std::logic_error for an event that can't happen in this state (our bug, not the world's fault).
[[nodiscard]] DeliveryStep step(CreditDelivery delivery, const CreditRules& rules, const DeliveryEvent& event);

/// Is `after` what `write` on top of `before` must have led to? The meter may have charged any part of the
/// energy used between the two looks: an absolute write forgives what was used before it arrived.
[[nodiscard]] bool explained(const CreditLook& before, const CreditLook& after, const CreditWrite& write, const CreditRules& rules);

[[nodiscard]] const char* to_string(DeliveryState state);
[[nodiscard]] const char* to_string(DeliveryKind kind);
[[nodiscard]] DeliveryState parse_delivery_state(const std::string& text);
[[nodiscard]] DeliveryKind parse_delivery_kind(const std::string& text);
[[nodiscard]] const char* to_string(CreditKind kind);
[[nodiscard]] CreditKind parse_credit_kind(const std::string& text);

}  // namespace wutong::core
