#include "client-wx/presenters/sale/sale_words.hpp"

#include <wutong/v1/common.pb.h>

#include <algorithm>
#include <limits>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

int tender_number(Tender tender) {
    switch (tender) {
        case Tender::cash:
            return v1::TENDER_METHOD_CASH;
        case Tender::qr:
            return v1::TENDER_METHOD_ONLINE;
        case Tender::card:
            return v1::TENDER_METHOD_CARD;
        case Tender::transfer:
            return v1::TENDER_METHOD_TRANSFER;
        case Tender::cheque:
            return v1::TENDER_METHOD_CHEQUE;
    }
    return v1::TENDER_METHOD_UNSPECIFIED;
}

std::string tender_name(Tender tender) {
    return tender_name(tender_number(tender));
}

std::string tender_name(int tender_method) {
    switch (tender_method) {
        case v1::TENDER_METHOD_CASH:
            return tr("Cash");
        case v1::TENDER_METHOD_ONLINE:
            return tr("QR code");
        case v1::TENDER_METHOD_CARD:
            return tr("Bank card");
        case v1::TENDER_METHOD_TRANSFER:
            return tr("Transfer");
        case v1::TENDER_METHOD_CHEQUE:
            return tr("Cheque");
        default:
            return kDash;
    }
}

std::string sale_kind_name(const std::string& kind) {
    if (kind == "opening") {
        return tr("Opening");
    }
    if (kind == "sale") {
        return tr("Sale");
    }
    if (kind == "refund") {
        return tr("Refund");
    }
    if (kind == "reversal") {
        return tr("Reversal");
    }
    if (kind == "closing") {
        return tr("Closing");
    }
    return clipped(kind, 40);
}

std::string delivery_state_name(const std::string& state) {
    if (state == "queued") {
        return tr("Waiting for the meter");
    }
    if (state == "sending") {
        return tr("On its way");
    }
    if (state == "unknown") {
        return tr("Being checked");
    }
    if (state == "delivered") {
        return tr("Arrived");
    }
    if (state == "refused") {
        return tr("Refused by the meter");
    }
    if (state == "quarantined") {
        return tr("Needs an operator");
    }
    return state.empty() ? std::string{kDash} : clipped(state, 40);
}

std::string delivery_reason(const std::string& reason) {
    constexpr std::string_view kRefused = "the meter refused: ";
    if (reason.rfind(kRefused, 0) == 0) {
        return fill(tr("The meter refused: {why}."),
                    fmt::arg("why", clipped(reason.substr(kRefused.size()), 160)));
    }
    return reason.empty() ? tr("The meter refused it.") : clipped(reason, 200);
}

std::string account_state_name(const std::string& state) {
    if (state == "open") {
        return tr("Open");
    }
    if (state == "closing") {
        return tr("Being closed");
    }
    if (state == "closed") {
        return tr("Closed");
    }
    return clipped(state, 40);
}

std::string entry_kind_name(const std::string& kind) {
    if (kind == "sale") {
        return tr("Paid in");
    }
    if (kind == "delivery") {
        return tr("Confirmed by the meter");
    }
    if (kind == "release") {
        return tr("Refused, back on the account");
    }
    if (kind == "consumption") {
        return tr("Used");
    }
    if (kind == "refund_payout") {
        return tr("Paid out");
    }
    if (kind == "reversal") {
        return tr("Reversal");
    }
    if (kind == "correction") {
        return tr("Correction");
    }
    return clipped(kind, 40);
}

std::string ledger_account_name(const std::string& account) {
    if (account == "tender") {
        return tr("Till");
    }
    if (account == "credit_in_flight") {
        return tr("On its way to the meter");
    }
    if (account == "prepaid_credit") {
        return tr("Credit on the meter");
    }
    if (account == "unallocated_credit") {
        return tr("On no meter");
    }
    if (account == "refund_payable") {
        return tr("To be paid out");
    }
    if (account == "revenue") {
        return tr("Energy used");
    }
    if (account == "tax") {
        return tr("Tax");
    }
    if (account == "charges") {
        return tr("Charges");
    }
    if (account == "rounding") {
        return tr("Rounding");
    }
    return clipped(account, 40);
}

std::optional<int> days_of(std::int64_t money_e4, std::optional<std::int64_t> daily_use_wh,
                           std::optional<std::int64_t> price_e4) {
    if (!daily_use_wh || !price_e4 || *daily_use_wh <= 0 || *price_e4 <= 0) {
        return std::nullopt;
    }
    // Both come from a server: what a day costs is worked out where it can't overflow.
    const auto a_day =
        static_cast<long double>(*daily_use_wh) * static_cast<long double>(*price_e4) / 1000.0L;
    const auto lasts = static_cast<long double>(std::max<std::int64_t>(money_e4, 0)) / a_day;
    return static_cast<int>(std::min(lasts, 9999.0L));
}

std::string grouped_code(const std::string& code) {
    if (code.size() < 9 ||
        !std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return code;
    }
    std::string grouped;
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (i > 0 && (code.size() - i) % 4 == 0) {
            grouped += ' ';
        }
        grouped += code[i];
    }
    return grouped;
}

}  // namespace wutong::client
