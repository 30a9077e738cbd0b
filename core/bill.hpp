#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/energy_series.hpp"
#include "core/tariff_plan.hpp"

/// What a calculation comes to: lines that can be printed and added up again, and the state for the next one.
namespace wutong::core {

/// Price x watt-hours, in ten-millionths of the currency unit; a thousand of them are one ten-thousandth.
using ExactAmount = std::int64_t;
inline constexpr std::int64_t kExactPerTenThousandth = 1'000;

enum class LineKind { energy, energy_charge, fixed_charge, minimum };
[[nodiscard]] const char* to_string(LineKind kind);

struct BillLine {
    LineKind kind = LineKind::energy;
    std::string name;                              ///< of the charge; empty for energy and minimum
    std::chrono::local_days version;               ///< the version's first day
    std::optional<Rate> rate;                      ///< energy alone
    int step = 0;                                  ///< energy alone, from 1
    Energy quantity;                               ///< energy and charges per kWh
    Price price;                                   ///< the same
    std::optional<std::chrono::year_month> month;  ///< fixed charges and minimum
    int first_day = 0;                             ///< by day: of the month, counted from 0
    int days = 0;                                  ///< by day: how many; whole: 0
    Money monthly;                                 ///< fixed charges and minimum: the month's amount
    ExactAmount exact = 0;                         ///< before any rounding
    Money amount;                                  ///< exact and the rest before it, rounded down
    Remainder rest;                                ///< carried into the next line
    Tax tax;                                       ///< what applied; 0 basis points for an untaxed charge
    Money tax_amount;                              ///< inside `amount`, or besides it when tax is added
    std::int64_t tax_rest = 0;  ///< of this tax rate, in parts of tax_denominator(tax) of a ten-thousandth
};

/// The rest of a tax is counted in this many parts of a ten-thousandth.
[[nodiscard]] std::int64_t tax_denominator(Tax tax);

struct TaxRest {
    Tax tax;
    std::int64_t parts = 0;
    friend bool operator==(const TaxRest&, const TaxRest&) = default;
};

/// What the next calculation of the same account needs to know. A new account begins with an empty one.
struct TariffState {
    std::optional<Instant> through;                      ///< charged until here
    std::optional<std::chrono::local_days> version;      ///< in force last
    std::optional<std::string> meter;                    ///< whose energy came last
    std::optional<std::chrono::year_month> step_period;  ///< its first month
    Energy step_used;
    Remainder rest;
    std::vector<TaxRest> tax_rests;  ///< one for each tax rate that ever left one
    Money below_quantum;
    std::optional<std::chrono::year_month> whole_charged;  ///< the last month with its whole charges
    std::optional<std::chrono::year_month> month;          ///< what the next two belong to
    ExactAmount month_charged = 0;
    ExactAmount month_minimum = 0;  ///< of minimums by day
    friend bool operator==(const TariffState&, const TariffState&) = default;
};

struct Span {
    Instant from;
    Instant to;
    friend bool operator==(const Span&, const Span&) = default;
};

struct Bill {
    Instant from;
    Instant to;
    std::vector<BillLine> lines;
    Energy energy;
    Money charges;                 ///< sum of the amounts
    Money tax_added;               ///< besides them
    Money tax_included;            ///< inside them
    Money total;                   ///< charges + tax_added
    Money booked;                  ///< total and the rest below the quantum before it, down to the quantum
    Money to_rounding;             ///< closing: what is left below the quantum, for LedgerKind::rounding
    std::vector<Span> unmeasured;  ///< parts of the period without readings; charged with nothing
    TariffState state;
};

/// Fills amount, rest and tax of lines whose `exact` is known, in their order, and what the bill adds up to.
/// @param quantum a multiple of 0.0001, more than zero
/// @throws QuantityOverflow
void add_up(Bill& bill, Money quantum, bool closing);

/// Adds the lines up again from quantity, price and days alone. Empty when everything agrees, otherwise what
/// does not.
/// @param before the state that the calculation began with
[[nodiscard]] std::vector<std::string> recheck(const Bill& bill, const TariffState& before);

/// For people: one line of text per line of the bill, then the sums.
[[nodiscard]] std::vector<std::string> to_text(const Bill& bill);

/// Of a monthly amount, what falls on the days [first, first + days) of a month, counted from 0: parts that
/// sum to the whole month exactly.
[[nodiscard]] ExactAmount share_of_month(Money monthly, int first_day, int days, int days_in_month);

}  // namespace wutong::core
