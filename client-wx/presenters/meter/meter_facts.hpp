#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/live_meters.hpp"
#include "client-wx/text/ink.hpp"

namespace wutong::v1 {
class MeterBalances;
}

namespace wutong::client {

/// Values older than this show their age.
inline constexpr std::chrono::minutes kFreshFor{3};

struct Fact {
    std::string label, value;
    Ink ink{Ink::normal};
    friend bool operator==(const Fact&, const Fact&) = default;
};

/// "1 min 12 s ago", "never"
[[nodiscard]] std::string ago(std::optional<std::chrono::milliseconds> age_of_value);
/// The same only when it is older than three minutes, else empty.
[[nodiscard]] std::string stale_age(std::optional<std::chrono::milliseconds> age_of_value);
/// "On", "Off", of a valve "Open", "Closed", with "by force"; a dash when it was never read.
[[nodiscard]] std::string relay_words(const LiveMeter& meter);
/// "Relay", of a water meter "Valve".
[[nodiscard]] std::string relay_name(const LiveMeter& meter);
/// "About 17 days left at ¥9.80 a day": what the balance is good for; empty when that can't be said.
[[nodiscard]] std::string outlook_words(const LiveMeter& meter);
/// Money used per day at the present price; nothing when use or price is unknown.
[[nodiscard]] std::optional<std::int64_t> daily_cost_e4(const LiveMeter& meter);
/// "0002 4187 3016"
[[nodiscard]] std::string grouped_serial(const std::string& serial);

/// How meter and ledger differ, and why.
struct BalanceWords {
    std::string ledger;       ///< "Ledger ¥11.90"
    std::string difference;   ///< "−¥0.26 explained"; empty when there is none or it is not known
    Ink ink{Ink::faint};      ///< danger when a part is unexplained
    std::vector<Fact> parts;  ///< in flight, use not booked, rounding, unexplained
};
[[nodiscard]] BalanceWords balance_words(const v1::MeterBalances& balances);

}  // namespace wutong::client
