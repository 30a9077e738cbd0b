#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/tariff_charge.hpp"
#include "core/tariff_placement.hpp"

/// Charges that a meter can't take by itself although it charges its energy: fixed ones, and what a month
/// lacks to its minimum. They become due with the calendar and are taken out of the next sale
/// (docs/tariffs.md). Two steps, both pure: find what has become due since the last look, then take of it
/// what the tender allows.
namespace wutong::core {

/// The part of a plan that is charged at the sale on such a meter. A version that the meter can't charge by
/// at all (it would have to be server-held) is in force on nobody here: of it nothing is left.
[[nodiscard]] TariffPlan part_at_the_sale(const TariffPlan& plan, const MeterCapability& meter);

struct SalePlan {
    TariffPlan plan;  ///< as part_at_the_sale leaves it
    Instant from;     ///< until the next one begins
};
/// No plan is in force: nothing becomes due.
[[nodiscard]] TariffPlan no_plan();

/// Where the charging of a meter's time on an account stands.
struct SaleChargeState {
    TariffState fixed;  ///< fixed charges, and the rests of all amounts
    std::optional<std::chrono::year_month>
        minimum_next;  ///< the first month whose minimum is not looked at yet
    friend bool operator==(const SaleChargeState&, const SaleChargeState&) = default;
};

struct SaleChargeSpan {
    Instant from;  ///< the meter's time on the account began; counts while the state is empty
    Instant now;
    bool closing = false;  ///< it ends with `now`: the month that runs is compared with its minimum too
};

/// One charge that has become due.
struct ChargeDue {
    LineKind kind = LineKind::fixed_charge;  ///< or minimum
    std::string name;                        ///< empty for the minimum
    std::string plan;
    std::chrono::local_days version;
    std::chrono::year_month month;
    int first_day = 0;  ///< by day: of the month, counted from 0
    int days = 0;       ///< by day: how many; whole: 0
    Money monthly;
    Money amount;  ///< with tax, included or added
    Tax tax;
    Money tax_amount;  ///< within `amount`
    friend bool operator==(const ChargeDue&, const ChargeDue&) = default;
};

struct ChargesFound {
    std::vector<ChargeDue> lines;  ///< new since the state
    SaleChargeState state;         ///< for the next time
    std::string fault;             ///< why not everything could be found; what is missing comes another time
};

/// From here on plans are asked for: what became due before is in the state already.
[[nodiscard]] Instant charges_begin(const SaleChargeSpan& span, const LocalTime& local,
                                    const SaleChargeState& state);

/// The months that end by `now` (closing: also the one that runs) and have a minimum to be compared with, as
/// one span of time; the readings around it are what find_charges wants.
/// @pre local knows charges_begin
[[nodiscard]] std::optional<Span> minimum_span(const SaleChargeSpan& span, std::span<const SalePlan> plans,
                                               const LocalTime& local, const SaleChargeState& state);

/// @param plans ascending; the first begins at charges_begin or before
/// @param series of the meters that served the account, in the order of their exchange; a month waits for a
///        reading from after its end, unless the account closes
/// @throws PlanError for a plan with faults
[[nodiscard]] ChargesFound find_charges(const SaleChargeSpan& span, std::span<const SalePlan> plans,
                                        std::span<const MeterSeries> series, const LocalTime& local,
                                        const SaleChargeState& state);

/// A charge that is not paid whole.
struct ChargeOpen {
    LineKind kind = LineKind::fixed_charge;
    Money amount, tax;     ///< when it became due
    Money paid, tax_paid;  ///< of these, until now
};
struct ChargeTaken {
    Money amount;
    Money tax;  ///< within it
    friend bool operator==(const ChargeTaken&, const ChargeTaken&) = default;
};
/// What a sale takes of each, the oldest first: as much as there is to pay in multiples of the quantum (the
/// rest waits until it makes one more), and never more than the tender.
/// @param tender a multiple of the quantum
[[nodiscard]] std::vector<ChargeTaken> take_charges(Money tender, Money quantum,
                                                    std::span<const ChargeOpen> open);

/// By ledger account.
struct ChargeSums {
    Money revenue;  ///< minimums
    Money charges;  ///< fixed ones
    Money tax;
    [[nodiscard]] Money total() const { return revenue + charges + tax; }
    void add(LineKind kind, const ChargeTaken& taken);
};
/// Tender → what was taken, and the rest to credit in flight.
/// @pre 0 <= taken.total() <= tender, tender > 0
[[nodiscard]] JournalEntry charged_sale_entry(AccountId account, TenderMethod method, Money tender,
                                              const ChargeSums& taken);
/// The same backwards: `credited` comes from where the meter's money went (`from`), what was taken from its
/// accounts, all of it goes back as it was paid.
[[nodiscard]] JournalEntry charged_reversal_entry(AccountId account, LedgerKind from, TenderMethod method,
                                                  Money credited, const ChargeSums& taken);
/// What was taken becomes payable: a reversal whose drawer has been counted.
/// @pre taken.total() > 0
[[nodiscard]] JournalEntry charges_payable_entry(AccountId account, const ChargeSums& taken);
/// The account ends: what is due is set off against what will be payable. @pre taken.total() > 0
[[nodiscard]] JournalEntry closing_charges_entry(AccountId account, const ChargeSums& taken);

}  // namespace wutong::core
