#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/commodity.hpp"

/// How figures and times look, in one place. The words in them follow the language of text/translate.hpp.
/// Currency and time zone are those of the property that is open; UI thread only.
namespace wutong::client {

using TimePoint = std::chrono::system_clock::time_point;

/// What stands for a value that was never read.
inline constexpr const char* kDash = "—";

/// @param iso_code "CNY", "EUR"…; one without a sign of its own is written out: "SEK 12.00"
void set_currency(std::string_view iso_code);
[[nodiscard]] std::string currency_sign();
/// @param iana_name "Asia/Shanghai". @return false, and UTC+0 is used, when it is not known here
bool set_time_zone(const std::string& iana_name);

/// "¥1,234.50", "−¥2.10". Two decimals, cut towards zero; more only when asked for.
[[nodiscard]] std::string money(std::int64_t e4);
[[nodiscard]] std::string money_or_dash(std::optional<std::int64_t> e4);
/// Prices have four decimals: "¥1.0500", "¥0.6213".
[[nodiscard]] std::string price(std::int64_t e4);
/// Without sign and separators, as it is typed: "1234.50".
[[nodiscard]] std::string plain_money(std::int64_t e4);
/// "+¥12.00", "−¥0.26", "¥0.00"
[[nodiscard]] std::string money_change(std::int64_t e4);

/// "190.48 kWh"
[[nodiscard]] std::string energy(std::int64_t wh);
[[nodiscard]] std::string energy_or_dash(std::optional<std::int64_t> wh);
/// What a meter of it counts: "190.48 kWh", and of litres "12.345 m³".
using core::Commodity;
[[nodiscard]] std::string quantity(std::int64_t thousandths, Commodity commodity);
[[nodiscard]] std::string quantity_or_dash(std::optional<std::int64_t> thousandths, Commodity commodity);
/// "¥1.0500 per kWh", "¥5.0000 per m³"
[[nodiscard]] std::string price_per_unit(std::int64_t e4, Commodity commodity);
/// As the server names it; what is not known is electricity.
[[nodiscard]] Commodity commodity_of(std::string_view name);
/// "1.42 kW"; below 10 kW two decimals, then one.
[[nodiscard]] std::string power(std::int64_t w);
[[nodiscard]] std::string power_or_dash(std::optional<std::int64_t> w);
/// "231.4 V", "3.20 A"
[[nodiscard]] std::string voltage(std::int64_t mv);
[[nodiscard]] std::string current(std::int64_t ma);

/// "<1d", "17d"; "<1天", "17天"; a dash for none; "999d+" above 999
[[nodiscard]] std::string days(std::optional<int> days_left);
/// "17 days", "less than a day", a dash
[[nodiscard]] std::string days_long(std::optional<int> days_left);
/// "12 s", "1 min 12 s", "5 min", "3 h 20 min", "2 d 4 h"; 0 or less is "now"
[[nodiscard]] std::string age(std::chrono::milliseconds since);
/// "3.4 s", "1 min 12 s"
[[nodiscard]] std::string duration(std::chrono::milliseconds length);
/// "1,248"
[[nodiscard]] std::string count(std::int64_t number);
/// "12.4 %"; @param part of 1000
[[nodiscard]] std::string permille_as_percent(std::int64_t part);

/// "26 Mar 10:42" / "3月26日 10:42", with the year when it is another one than `now`'s.
[[nodiscard]] std::string moment(TimePoint at, TimePoint now = std::chrono::system_clock::now());
/// Seconds east of UTC that the property's clocks show at that moment.
[[nodiscard]] int utc_offset_s(TimePoint at);
/// "26 Mar" / "3月26日"
[[nodiscard]] std::string day(TimePoint at);
/// "10:42", "10:42:07"
[[nodiscard]] std::string clock_time(TimePoint at);
[[nodiscard]] std::string clock_time_s(TimePoint at);
/// "2026-03-26"
[[nodiscard]] std::string table_date(TimePoint at);
/// "2026-03-26 10:42:07"
[[nodiscard]] std::string table_time(TimePoint at);
/// The other way round, for date fields: the first moment of that day in the property's time zone.
[[nodiscard]] std::optional<TimePoint> parse_date(std::string_view text);
/// First moment of the day that is `days` after the day of `at`, in the property's time zone.
[[nodiscard]] TimePoint start_of_day(TimePoint at, int days_later = 0);

/// What a cashier types: "200", "200.5", "1,5", "２００．５０", "1 200". Point and comma both stand for
/// decimals; a comma before three digits marks thousands, as in our own figures ("1,234", "1,234.50"). At
/// most two decimals, not negative, at most 100 000 000.
/// @return ten-thousandths
[[nodiscard]] std::optional<std::int64_t> parse_money(std::string_view utf8);
/// As parse_money with up to four decimals, for prices; "1,234" is not accepted there.
[[nodiscard]] std::optional<std::int64_t> parse_price(std::string_view utf8);
/// Full-width digits become plain ones; blanks around go. @return nothing unless a whole number ≥ 0
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view utf8);

/// At most `max` characters, the last an ellipsis when it was cut; control characters become blanks and what
/// is no UTF-8 becomes U+FFFD: for names that others have typed.
[[nodiscard]] std::string clipped(std::string_view utf8, std::size_t max);

}  // namespace wutong::client
