#pragma once

#include <cstdint>
#include <string>

#include "client-wx/presenters/shifts/shift_presenter.hpp"

/// Words and sums of shifts.
namespace wutong::client {

struct ShiftSums {
    std::int64_t sold_e4{0}, paid_out_e4{0}, moved_e4{0};
};
/// Of all ways of paying; what a hostile server overflows stays at the limit.
[[nodiscard]] ShiftSums sums_of(const v1::Shift& shift);
/// float | pay_in | pay_out
[[nodiscard]] std::string cash_move_name(const std::string& kind);
/// "¥2.00 short", "¥0.50 over", "No difference"
[[nodiscard]] std::string difference_words(std::int64_t e4);
/// "38 receipts"
[[nodiscard]] std::string receipts_words(int receipts);
[[nodiscard]] ShiftScreen::Compared compared_row(int tender_method, std::int64_t counted_e4,
                                                 std::int64_t expected_e4);
[[nodiscard]] std::string no_such_amount();

}  // namespace wutong::client
