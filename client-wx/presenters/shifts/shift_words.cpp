#include "client-wx/presenters/shifts/shift_words.hpp"

#include <wutong/v1/cashier_service.pb.h>

#include <algorithm>

#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

void add(std::int64_t& sum, std::int64_t more) {
    if (__builtin_add_overflow(sum, more, &sum)) {
        sum = more < 0 ? INT64_MIN : INT64_MAX;
    }
}

}  // namespace

ShiftSums sums_of(const v1::Shift& shift) {
    ShiftSums sums;
    for (const auto& drawer : shift.drawers()) {
        add(sums.sold_e4, drawer.sold_e4());
        add(sums.paid_out_e4, drawer.paid_out_e4());
        add(sums.moved_e4, drawer.moved_e4());
    }
    return sums;
}

std::string cash_move_name(const std::string& kind) {
    if (kind == "float") {
        return tr("Float");
    }
    if (kind == "pay_in") {
        return tr("Pay-in");
    }
    if (kind == "pay_out") {
        return tr("Pay-out");
    }
    return clipped(kind, 40);
}

std::string difference_words(std::int64_t e4) {
    if (e4 == 0) {
        return tr("No difference");
    }
    return fill(e4 < 0 ? tr("{amount} short") : tr("{amount} over"),
                fmt::arg("amount", money(e4 < 0 ? -std::max(e4, -INT64_MAX) : e4)));
}

std::string receipts_words(int receipts) {
    return fill(tr_n("{n} receipt", "{n} receipts", static_cast<unsigned>(std::max(receipts, 0))),
                fmt::arg("n", count(receipts)));
}

ShiftScreen::Compared compared_row(int tender_method, std::int64_t counted_e4, std::int64_t expected_e4) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(counted_e4, expected_e4, &difference)) {
        difference = expected_e4 < 0 ? INT64_MAX : INT64_MIN;
    }
    return {tender_name(tender_method), money(counted_e4), money(expected_e4), money_change(difference),
            difference == 0 ? Ink::ok : Ink::danger};
}

std::string no_such_amount() {
    return tr("This is no amount. Write it like 200 or 200.50.");
}

}  // namespace wutong::client
