#include "core/credit_delivery.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace wutong::core {

namespace {

bool counted(CreditKind kind) {
    return kind == CreditKind::absolute_counted || kind == CreditKind::added_counted;
}

std::string figures(const CreditLook& look, CreditKind kind) {
    std::string text;
    if (counted(kind)) {
        text = "purchase number " + std::to_string(look.purchase_number) + ", ";
    }
    return text + "balance " + to_string(look.balance) + ", energy " +
           std::to_string(look.energy.watt_hours()) + " Wh" + (look.prepaid_enabled ? "" : ", prepaid off");
}

/// The balances that one reading of events allows. Nothing when the energy register can't have moved so.
struct Range {
    Money lowest;
    Money highest;
    [[nodiscard]] bool holds(Money balance) const { return balance >= lowest && balance <= highest; }
};

/// @param start the balance from which consumption between the looks may have been taken
std::optional<Range> range_from(Money start, const CreditLook& before, const CreditLook& after,
                                const CreditRules& rules) {
    try {
        const Energy shown = after.energy - before.energy;
        if (shown < Energy{0}) {
            return std::nullopt;
        }
        // The register shows whole steps: up to one more step may have been used and charged already.
        const Energy used_at_most = shown + rules.energy_quantum;
        const std::int64_t ten_millionths = detail::checked_mul(rules.price.ten_thousandths_per_kwh(),
                                                                used_at_most.watt_hours(), "charge bound");
        const Money charged_at_most{ten_millionths / 1'000 + (ten_millionths % 1'000 == 0 ? 0 : 1)};
        return Range{start - charged_at_most - rules.quantum, start + rules.quantum};
    } catch (const QuantityOverflow&) {
        // Registers full of rubbish: no figure that could be compared with anything.
        return std::nullopt;
    }
}

/// Number and balance are those of `before`, but for what was used meanwhile.
bool unchanged(const CreditLook& before, const CreditLook& after, const CreditRules& rules) {
    if (counted(rules.kind) && after.purchase_number != before.purchase_number) {
        return false;
    }
    const auto range = range_from(before.balance, before, after, rules);
    return range && range->holds(after.balance);
}

DeliveryStep wait(CreditDelivery delivery) {
    return {std::move(delivery), TryLater{}};
}

DeliveryStep look(CreditDelivery delivery) {
    return {std::move(delivery), Look{}};
}

DeliveryStep finish(CreditDelivery delivery, DeliveryState state, std::string reason) {
    delivery.state = state;
    delivery.reason = std::move(reason);
    return {std::move(delivery), Done{}};
}

/// The write for a meter that looks like `now`, or why there can't be one.
struct Plan {
    Money amount;
    CreditWrite write;
    std::string refusal;
};

Plan refuse(std::string why) {
    return {{}, {}, std::move(why)};
}

Plan plan_write(const CreditDelivery& delivery, const CreditLook& now, const CreditRules& rules) {
    const bool absolute = rules.kind == CreditKind::absolute_counted;
    if (delivery.kind == DeliveryKind::clear) {
        return {-now.balance, {0, Money{0}, -now.balance}, {}};
    }

    const Money amount = delivery.amount;
    const bool sign_fits = delivery.kind == DeliveryKind::open     ? amount >= Money{0}
                           : delivery.kind == DeliveryKind::top_up ? amount > Money{0}
                           : delivery.kind == DeliveryKind::refund ? amount < Money{0}
                                                                   : amount != Money{0};
    if (!sign_fits) {
        return refuse("an amount of " + to_string(amount) + " makes no " + to_string(delivery.kind));
    }
    if (!amount.is_multiple_of(rules.quantum)) {
        return refuse("the amount " + to_string(amount) + " is not a multiple of " +
                      to_string(rules.quantum) + ", the smallest step of this meter");
    }
    // Before any sum is formed with it, so that a hostile amount can't overflow one.
    if (amount > rules.balance_max || amount < -rules.balance_max) {
        return refuse("the amount " + to_string(amount) + " is beyond what this meter can hold (" +
                      to_string(rules.balance_max) + ")");
    }

    if (delivery.kind == DeliveryKind::open) {
        if (!absolute && (now.balance != Money{0} || (counted(rules.kind) && now.purchase_number != 0))) {
            return refuse("the meter is not empty (" + figures(now, rules.kind) +
                          "), and this model only adds: clear it first");
        }
        return {amount, {amount > Money{0} ? 1U : 0U, amount, amount}, {}};
    }

    const Money balance = now.balance + amount;
    if (balance > rules.balance_max) {
        return refuse("the balance would be " + to_string(balance) + ", more than this meter can hold (" +
                      to_string(rules.balance_max) + ")");
    }
    if (amount < Money{0} && balance < Money{0}) {
        return refuse("the meter holds " + to_string(now.balance) + ", which is less than the " +
                      to_string(-amount) + " to be taken off");
    }
    if (!counted(rules.kind)) {
        return {amount, {0, balance, amount}, {}};
    }
    if (now.purchase_number >= rules.number_max) {
        return refuse("the purchase number " + std::to_string(now.purchase_number) +
                      " is the last one this meter can count: close the account and open it anew");
    }
    return {amount, {now.purchase_number + 1, balance, amount}, {}};
}

DeliveryStep write_on(CreditDelivery delivery, const CreditLook& now, const CreditRules& rules) {
    const Plan plan = plan_write(delivery, now, rules);
    if (!plan.refusal.empty()) {
        delivery.after = now;
        return finish(std::move(delivery), DeliveryState::refused, plan.refusal);
    }
    delivery.state = DeliveryState::sending;
    delivery.amount = plan.amount;
    delivery.before = now;
    delivery.write = plan.write;
    delivery.attempts += 1;
    delivery.reason.clear();
    return {std::move(delivery), Write{plan.write}};
}

DeliveryStep first_look(CreditDelivery delivery, const CreditLook& now, const CreditRules& rules) {
    // An account that starts or ends takes whatever number it finds; in between only our own purchases count
    // up.
    const bool any_number = delivery.kind == DeliveryKind::open || delivery.kind == DeliveryKind::clear;
    if (counted(rules.kind) && !any_number && now.purchase_number != delivery.number_before) {
        delivery.after = now;
        const std::string reason = "the ledger knows purchase number " +
                                   std::to_string(delivery.number_before) + ", the meter says " +
                                   figures(now, rules.kind) +
                                   ": somebody else has written to it, or the meter was changed";
        return finish(std::move(delivery), DeliveryState::quarantined, reason);
    }
    return write_on(std::move(delivery), now, rules);
}

enum class Finding { applied, not_applied, wanted_state_anyway, unexplained };

Finding find(const CreditDelivery& delivery, const CreditLook& now, const CreditRules& rules) {
    const CreditLook& before = *delivery.before;
    const bool as_written = explained(before, now, *delivery.write, rules);
    const bool as_before = unchanged(before, now, rules);
    const bool open = delivery.kind == DeliveryKind::open;
    if (open && !now.prepaid_enabled) {
        // The same frame switches prepaid on, so it can't have arrived while prepaid is off.
        return as_before && !before.prepaid_enabled ? Finding::not_applied : Finding::unexplained;
    }
    if (open && as_written && !before.prepaid_enabled) {
        return Finding::applied;
    }
    if (as_written && as_before) {
        // Setting the same again, or adding nothing, does no harm whether it arrived or not. Adding something
        // does.
        const bool harmless =
            rules.kind == CreditKind::absolute_counted || delivery.write->amount == Money{0};
        return harmless ? Finding::wanted_state_anyway : Finding::unexplained;
    }
    return as_written ? Finding::applied : as_before ? Finding::not_applied : Finding::unexplained;
}

std::string unexplained_reason(const CreditDelivery& delivery, const CreditLook& now,
                               const CreditRules& rules) {
    const CreditWrite& write = *delivery.write;
    std::string reason = "before the write: " + figures(*delivery.before, rules.kind) + "; written: ";
    if (counted(rules.kind)) {
        reason += "purchase number " + std::to_string(write.purchase_number) + ", ";
    }
    reason += rules.kind == CreditKind::absolute_counted ? "balance " + to_string(write.balance)
                                                         : "amount " + to_string(write.amount);
    return reason + "; the meter now says " + figures(now, rules.kind);
}

DeliveryStep settle(CreditDelivery delivery, const CreditLook& now, const CreditRules& rules) {
    if (!delivery.before || !delivery.write) {
        throw std::logic_error("a credit delivery in state unknown has lost what it had written");
    }
    delivery.after = now;
    Finding finding = find(delivery, now, rules);
    const bool meter_refused = !delivery.reason.empty();
    if (finding == Finding::wanted_state_anyway) {
        const bool clear_may_be_lost = rules.kind == CreditKind::absolute_counted &&
                                       delivery.kind == DeliveryKind::clear && now.prepaid_enabled &&
                                       delivery.attempts < std::min(2, rules.attempts_max);
        finding = meter_refused || clear_may_be_lost ? Finding::not_applied : Finding::applied;
    }

    switch (finding) {
        case Finding::applied:
        case Finding::wanted_state_anyway:
            return finish(std::move(delivery), DeliveryState::delivered, {});
        case Finding::not_applied:
            break;
        case Finding::unexplained: {
            std::string reason = "the meter can't be explained: " + unexplained_reason(delivery, now, rules);
            if (meter_refused) {
                reason += "; it had answered: " + delivery.reason;
            }
            return finish(std::move(delivery), DeliveryState::quarantined, std::move(reason));
        }
    }

    if (meter_refused) {
        std::string reason = "the meter refused: " + delivery.reason;
        return finish(std::move(delivery), DeliveryState::refused, std::move(reason));
    }
    const int attempts_max = rules.kind == CreditKind::uncounted ? 1 : rules.attempts_max;
    if (delivery.attempts >= attempts_max) {
        std::string reason = "written " + std::to_string(delivery.attempts) +
                             (delivery.attempts == 1 ? " time" : " times") +
                             ", and the meter has not taken it: " + unexplained_reason(delivery, now, rules);
        return finish(std::move(delivery), DeliveryState::quarantined, std::move(reason));
    }
    delivery.after.reset();
    return write_on(std::move(delivery), now, rules);
}

[[noreturn]] void impossible(DeliveryState state, const char* event) {
    throw std::logic_error(std::string("a credit delivery in state ") + to_string(state) + " can't meet " +
                           event);
}

void check(const CreditRules& rules) {
    if (rules.quantum <= Money{0} || rules.energy_quantum < Energy{0} || rules.price < Price{0} ||
        rules.balance_max < Money{0} || rules.attempts_max < 1) {
        throw std::logic_error(
            "credit rules need quantum > 0, energy quantum >= 0, price >= 0, largest balance >= 0 and at "
            "least one "
            "attempt");
    }
}

/// One function per event; the table in the header shows them side by side.
struct Stepper {
    CreditDelivery delivery;
    const CreditRules& rules;

    [[nodiscard]] DeliveryStep operator()(const Restarted&) {
        switch (delivery.state) {
            case DeliveryState::queued:
            case DeliveryState::unknown:
                return look(std::move(delivery));
            case DeliveryState::sending:
                return written({});
            case DeliveryState::delivered:
            case DeliveryState::refused:
            case DeliveryState::quarantined:
                break;
        }
        return {std::move(delivery), Done{}};
    }

    [[nodiscard]] DeliveryStep operator()(const Looked& event) {
        if (delivery.state == DeliveryState::queued) {
            return first_look(std::move(delivery), event.look, rules);
        }
        if (delivery.state == DeliveryState::unknown) {
            return settle(std::move(delivery), event.look, rules);
        }
        impossible(delivery.state, "a look");
    }

    [[nodiscard]] DeliveryStep operator()(const LookFailed&) {
        if (delivery.finished()) {
            impossible(delivery.state, "a failed look");
        }
        if (delivery.state == DeliveryState::sending) {
            delivery.state = DeliveryState::unknown;
        }
        return wait(std::move(delivery));
    }

    [[nodiscard]] DeliveryStep operator()(const WriteAnswered&) { return written({}); }
    [[nodiscard]] DeliveryStep operator()(const WriteUnanswered&) { return written({}); }
    [[nodiscard]] DeliveryStep operator()(const WriteRefused& event) {
        return written(event.reason.empty() ? "no reason given" : event.reason);
    }

    [[nodiscard]] DeliveryStep operator()(const OperatorSettled& event) {
        if (delivery.state != DeliveryState::quarantined) {
            impossible(delivery.state, "an operator's decision");
        }
        return finish(std::move(delivery),
                      event.delivered ? DeliveryState::delivered : DeliveryState::refused, event.reason);
    }

private:
    /// Whatever the meter answered, only a look says what it did.
    [[nodiscard]] DeliveryStep written(std::string refusal) {
        if (delivery.state != DeliveryState::sending) {
            impossible(delivery.state, "the end of a write");
        }
        delivery.state = DeliveryState::unknown;
        delivery.reason = std::move(refusal);
        return look(std::move(delivery));
    }
};

}  // namespace

bool explained(const CreditLook& before, const CreditLook& after, const CreditWrite& write,
               const CreditRules& rules) {
    if (counted(rules.kind) && after.purchase_number != write.purchase_number) {
        return false;
    }
    try {
        const Money start =
            rules.kind == CreditKind::absolute_counted ? write.balance : before.balance + write.amount;
        const auto range = range_from(start, before, after, rules);
        return range && range->holds(after.balance);
    } catch (const QuantityOverflow&) {
        return false;
    }
}

DeliveryStep step(CreditDelivery delivery, const CreditRules& rules, const DeliveryEvent& event) {
    check(rules);
    if (delivery.state == DeliveryState::queued && rules.kind == CreditKind::server_held) {
        return finish(std::move(delivery), DeliveryState::delivered, {});
    }
    if (delivery.state == DeliveryState::queued && rules.kind == CreditKind::none) {
        return finish(std::move(delivery), DeliveryState::refused, "this meter model holds no credit");
    }
    return std::visit(Stepper{std::move(delivery), rules}, event);
}

}  // namespace wutong::core
