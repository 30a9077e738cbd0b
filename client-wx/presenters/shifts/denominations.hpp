#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wutong::client {

/// Notes and coins that a drawer of this currency holds, the largest first, in ten-thousandths. A currency
/// that is not listed gets the usual 1-2-5 row; its count can be given as a total too.
/// @param iso_code "CNY"
[[nodiscard]] inline std::vector<std::int64_t> denominations(std::string_view iso_code) {
    constexpr std::int64_t one = 10'000;
    if (iso_code == "CNY") {
        return {100 * one, 50 * one, 20 * one, 10 * one, 5 * one, one, one / 2, one / 10};
    }
    if (iso_code == "EUR") {
        return {200 * one, 100 * one, 50 * one, 20 * one, 10 * one, 5 * one,  2 * one,
                one,       one / 2,   one / 5,  one / 10, one / 20, one / 50, one / 100};
    }
    if (iso_code == "GBP") {
        return {50 * one, 20 * one, 10 * one, 5 * one,  2 * one,  one,
                one / 2,  one / 5,  one / 10, one / 20, one / 50, one / 100};
    }
    if (iso_code == "USD") {
        return {100 * one, 50 * one, 20 * one, 10 * one, 5 * one,
                one,       one / 4,  one / 10, one / 20, one / 100};
    }
    if (iso_code == "ZAR") {
        return {200 * one, 100 * one, 50 * one, 20 * one, 10 * one, 5 * one,
                2 * one,   one,       one / 2,  one / 5,  one / 10};
    }
    return {500 * one, 200 * one, 100 * one, 50 * one, 20 * one, 10 * one, 5 * one, 2 * one, one};
}

}  // namespace wutong::client
