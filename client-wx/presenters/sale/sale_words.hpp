#pragma once

#include <cstdint>
#include <optional>
#include <string>

/// Words that sale, account and receipt share.
namespace wutong::client {

enum class Tender { cash, qr, card, transfer, cheque };

/// v1::TenderMethod's number. @return cheque and unspecified included
[[nodiscard]] int tender_number(Tender tender);
/// "Cash"; by v1::TenderMethod's number. An unknown one gives a dash.
[[nodiscard]] std::string tender_name(int tender_method);
[[nodiscard]] std::string tender_name(Tender tender);

/// opening | sale | refund | closing
[[nodiscard]] std::string sale_kind_name(const std::string& kind);
/// queued | sending | unknown | delivered | refused | quarantined
[[nodiscard]] std::string delivery_state_name(const std::string& state);
/// Why a delivery was refused, as a sentence; one that is not known comes as it is.
[[nodiscard]] std::string delivery_reason(const std::string& reason);
/// open | closing | closed
[[nodiscard]] std::string account_state_name(const std::string& state);
/// sale | delivery | release | consumption | refund_payout | reversal | correction
[[nodiscard]] std::string entry_kind_name(const std::string& kind);
/// tender | credit_in_flight | prepaid_credit …
[[nodiscard]] std::string ledger_account_name(const std::string& account);

/// What `money_e4` lasts at a daily use and price; none when one of them is unknown or nothing is used.
[[nodiscard]] std::optional<int> days_of(std::int64_t money_e4, std::optional<std::int64_t> daily_use_wh,
                                         std::optional<std::int64_t> price_e4);
/// "0002 4187 5520": groups of four for long numbers
[[nodiscard]] std::string grouped_code(const std::string& code);

}  // namespace wutong::client
