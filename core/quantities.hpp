#pragma once

#include <compare>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace wutong::core {

/// A sum or product left the range of its 64-bit integer. Always a bug or hostile input, never a state to go
/// on from.
class QuantityOverflow : public std::overflow_error {
public:
    using std::overflow_error::overflow_error;
};

namespace detail {
[[nodiscard]] std::int64_t checked_add(std::int64_t a, std::int64_t b, const char* what);
[[nodiscard]] std::int64_t checked_sub(std::int64_t a, std::int64_t b, const char* what);
[[nodiscard]] std::int64_t checked_mul(std::int64_t a, std::int64_t b, const char* what);
}  // namespace detail

/// Money in ten-thousandths of the currency unit (prices have four decimals). ¥1.00 is Money{10'000}.
class Money {
public:
    constexpr Money() = default;
    constexpr explicit Money(std::int64_t ten_thousandths) : value_{ten_thousandths} {}
    [[nodiscard]] static Money from_cents(std::int64_t cents) {
        return Money{detail::checked_mul(cents, 100, "money")};
    }
    [[nodiscard]] constexpr std::int64_t ten_thousandths() const { return value_; }
    /// @pre quantum > 0
    [[nodiscard]] bool is_multiple_of(Money quantum) const { return value_ % quantum.value_ == 0; }

    friend Money operator+(Money a, Money b) {
        return Money{detail::checked_add(a.value_, b.value_, "money")};
    }
    friend Money operator-(Money a, Money b) {
        return Money{detail::checked_sub(a.value_, b.value_, "money")};
    }
    friend Money operator-(Money a) { return Money{detail::checked_sub(0, a.value_, "money")}; }
    Money& operator+=(Money b) { return *this = *this + b; }
    Money& operator-=(Money b) { return *this = *this - b; }
    friend constexpr auto operator<=>(Money, Money) = default;

private:
    std::int64_t value_ = 0;
};

/// What people hand over, and what most prepaid meters hold: multiples of 0.01.
inline constexpr Money kTenderQuantum{100};

/// "1234.50", four decimals only where they are not zero: "0.5283". Minus is '-'.
[[nodiscard]] std::string to_string(Money money);
/// Reads "100", "100.5", "-0.0001". @throws std::invalid_argument naming the text and what is wrong with it.
[[nodiscard]] Money parse_money(const std::string& text);

/// Active energy in watt-hours; of a water meter litres (core/commodity.hpp).
class Energy {
public:
    constexpr Energy() = default;
    constexpr explicit Energy(std::int64_t watt_hours) : value_{watt_hours} {}
    [[nodiscard]] constexpr std::int64_t watt_hours() const { return value_; }

    friend Energy operator+(Energy a, Energy b) {
        return Energy{detail::checked_add(a.value_, b.value_, "energy")};
    }
    friend Energy operator-(Energy a, Energy b) {
        return Energy{detail::checked_sub(a.value_, b.value_, "energy")};
    }
    friend constexpr auto operator<=>(Energy, Energy) = default;

private:
    std::int64_t value_ = 0;
};

/// Price of one kWh (of water: one m³), in ten-thousandths of the currency unit. ¥0.9500 is Price{9'500}.
class Price {
public:
    constexpr Price() = default;
    constexpr explicit Price(std::int64_t ten_thousandths_per_kwh) : value_{ten_thousandths_per_kwh} {}
    [[nodiscard]] constexpr std::int64_t ten_thousandths_per_kwh() const { return value_; }
    friend constexpr auto operator<=>(Price, Price) = default;

private:
    std::int64_t value_ = 0;
};

/// The part of a charge below one ten-thousandth, in ten-millionths (price × Wh). 0 <= value < 1000. It is
/// carried, never dropped.
class Remainder {
public:
    constexpr Remainder() = default;
    constexpr explicit Remainder(std::int64_t ten_millionths) : value_{ten_millionths} {}
    [[nodiscard]] constexpr std::int64_t ten_millionths() const { return value_; }
    friend constexpr auto operator<=>(Remainder, Remainder) = default;

private:
    std::int64_t value_ = 0;
};

}  // namespace wutong::core
