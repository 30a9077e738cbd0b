#include "client-wx/text/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/time_zone.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kMinus = "\u2212";
constexpr int kDaySeconds = 86'400;

struct Place {
    std::string currency{"¥"};
    TimeZone zone;
};

Place& place() {
    static Place here;
    return here;
}

/// Also of the least number, whose opposite does not exist.
std::uint64_t magnitude(std::int64_t number) {
    return number < 0 ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number);
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

/// `decimals` of the ten-thousandths, the rest is cut.
std::string sum_of(std::int64_t e4, int decimals, bool signed_always) {
    const std::uint64_t value = magnitude(e4);
    const std::uint64_t cut = decimals == 2 ? 100 : 1;
    const bool nothing = value < cut;
    const char* sign = nothing ? "" : e4 < 0 ? kMinus : signed_always ? "+" : "";
    return fmt::format("{}{}{}.{:0{}}", sign, place().currency, grouped(value / 10'000), value % 10'000 / cut,
                       decimals);
}

/// value / scale with so many decimals, rounded half up; the sign in front.
std::string decimal(std::int64_t value, std::uint64_t scale, int decimals) {
    std::uint64_t step = scale;
    for (int i = 0; i < decimals; ++i) {
        step /= 10;
    }
    const std::uint64_t size = magnitude(value);
    const std::uint64_t steps = size / step + (size % step >= step - step / 2 && step > 1 ? 1 : 0);
    const std::uint64_t per_unit = scale / step;
    const char* sign = value < 0 && steps > 0 ? kMinus : "";
    if (decimals == 0) {
        return fmt::format("{}{}", sign, grouped(steps));
    }
    return fmt::format("{}{}.{:0{}}", sign, grouped(steps / per_unit), steps % per_unit, decimals);
}

struct Civil {
    int year;
    unsigned month, day;
    int hour, minute, second;
};

/// Hostile clocks stay within what a calendar can show.
std::int64_t utc_seconds(TimePoint at) {
    constexpr std::int64_t first = -62'135'596'800;  // year 1
    constexpr std::int64_t last = 253'402'300'799;   // year 9999
    const auto since = std::chrono::floor<seconds>(at).time_since_epoch().count();
    return std::clamp<std::int64_t>(since, first + 2 * kDaySeconds, last - 2 * kDaySeconds);
}

std::int64_t local_seconds(TimePoint at) {
    const auto utc = utc_seconds(at);
    return utc + place().zone.offset_at(utc);
}

Civil civil(TimePoint at) {
    const std::chrono::sys_seconds local{seconds{local_seconds(at)}};
    const auto midnight = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{midnight};
    const auto time = static_cast<int>((local - midnight).count());
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            time / 3600,
            time / 60 % 60,
            time % 60};
}

TimePoint from_utc(std::int64_t utc_s) {
    return TimePoint{seconds{utc_s}};
}

std::string month_name(unsigned month) {
    switch (month) {
        case 1:
            return tr("Jan");
        case 2:
            return tr("Feb");
        case 3:
            return tr("Mar");
        case 4:
            return tr("Apr");
        case 5:
            return tr("May");
        case 6:
            return tr("Jun");
        case 7:
            return tr("Jul");
        case 8:
            return tr("Aug");
        case 9:
            return tr("Sep");
        case 10:
            return tr("Oct");
        case 11:
            return tr("Nov");
        default:
            return tr("Dec");
    }
}

std::string two_units(std::int64_t large, const std::string& large_text, std::int64_t small,
                      const std::string& small_text) {
    auto text = fill(large_text, large);
    if (small > 0) {
        text += " " + fill(small_text, small);
    }
    return text;
}

std::string span(std::int64_t total_s) {
    if (total_s < 60) {
        return fill(tr("{} s"), total_s);
    }
    if (total_s < 600) {
        return two_units(total_s / 60, tr("{} min"), total_s % 60, tr("{} s"));
    }
    if (total_s < 3600) {
        return fill(tr("{} min"), total_s / 60);
    }
    if (total_s < kDaySeconds) {
        return two_units(total_s / 3600, tr("{} h"), total_s / 60 % 60, tr("{} min"));
    }
    return two_units(total_s / kDaySeconds, tr("{} d"), total_s / 3600 % 24, tr("{} h"));
}

}  // namespace

void set_currency(std::string_view iso_code) {
    static constexpr auto signs = std::to_array<std::pair<std::string_view, const char*>>({
        {"CNY", "¥"},
        {"JPY", "¥"},
        {"EUR", "€"},
        {"USD", "$"},
        {"GBP", "£"},
        {"INR", "₹"},
        {"KRW", "₩"},
        {"THB", "฿"},
        {"VND", "₫"},
        {"HKD", "HK$"},
        {"TWD", "NT$"},
        {"SGD", "S$"},
        {"AUD", "A$"},
    });
    for (const auto& [code, sign] : signs) {
        if (code == iso_code) {
            place().currency = sign;
            return;
        }
    }
    place().currency = iso_code.empty() ? "¥" : clipped(iso_code, 8) + "\u00A0";
}

std::string currency_sign() {
    return place().currency;
}

bool set_time_zone(const std::string& iana_name) {
    auto zone = TimeZone::load(iana_name);
    place().zone = zone.value_or(TimeZone{});
    return zone.has_value();
}

std::string money(std::int64_t e4) {
    return sum_of(e4, 2, false);
}

std::string money_or_dash(std::optional<std::int64_t> e4) {
    return e4 ? money(*e4) : kDash;
}

std::string price(std::int64_t e4) {
    return sum_of(e4, 4, false);
}

std::string plain_money(std::int64_t e4) {
    const std::uint64_t value = magnitude(e4);
    return fmt::format("{}{}.{:02}", e4 < 0 ? "-" : "", value / 10'000, value % 10'000 / 100);
}

std::string money_change(std::int64_t e4) {
    return sum_of(e4, 2, true);
}

std::string energy(std::int64_t wh) {
    return decimal(wh, 1000, 2) + " kWh";
}

std::string energy_or_dash(std::optional<std::int64_t> wh) {
    return wh ? energy(*wh) : kDash;
}

std::string quantity(std::int64_t thousandths, Commodity commodity) {
    return commodity == Commodity::water ? decimal(thousandths, 1000, 3) + " m³" : energy(thousandths);
}

std::string quantity_or_dash(std::optional<std::int64_t> thousandths, Commodity commodity) {
    return thousandths ? quantity(*thousandths, commodity) : kDash;
}

std::string price_per_unit(std::int64_t e4, Commodity commodity) {
    return fill(commodity == Commodity::water ? tr("{} per m³") : tr("{} per kWh"), price(e4));
}

Commodity commodity_of(std::string_view name) {
    return name == "water" ? Commodity::water : Commodity::electricity;
}

std::string power(std::int64_t w) {
    return decimal(w, 1000, magnitude(w) < 10'000 ? 2 : 1) + " kW";
}

std::string power_or_dash(std::optional<std::int64_t> w) {
    return w ? power(*w) : kDash;
}

std::string voltage(std::int64_t mv) {
    return decimal(mv, 1000, 1) + " V";
}

std::string current(std::int64_t ma) {
    return decimal(ma, 1000, 2) + " A";
}

std::string days(std::optional<int> days_left) {
    if (!days_left) {
        return kDash;
    }
    if (*days_left < 1) {
        return tr("<1d");
    }
    return *days_left > 999 ? fill(tr("{}d+"), 999) : fill(tr("{}d"), *days_left);
}

std::string days_long(std::optional<int> days_left) {
    if (!days_left) {
        return kDash;
    }
    if (*days_left < 1) {
        return tr("less than a day");
    }
    if (*days_left > 999) {
        return tr("more than 999 days");
    }
    return fill(tr_n("{} day", "{} days", static_cast<unsigned>(*days_left)), *days_left);
}

std::string age(milliseconds since) {
    const auto total = std::chrono::floor<seconds>(since).count();
    return total <= 0 ? tr("now") : span(total);
}

std::string duration(milliseconds length) {
    const auto total = std::max<std::int64_t>(length.count(), 0);
    if (total < 10'000) {
        return fill(tr("{} s"), decimal(total, 1000, 1));
    }
    return span(total / 1000);
}

std::string count(std::int64_t number) {
    return (number < 0 ? kMinus : "") + grouped(magnitude(number));
}

std::string permille_as_percent(std::int64_t part) {
    return decimal(part, 10, 1) + " %";
}

std::string day(TimePoint at) {
    const auto date = civil(at);
    return fill(tr("{day} {month}"), fmt::arg("day", date.day), fmt::arg("month", month_name(date.month)));
}

std::string moment(TimePoint at, TimePoint now) {
    const auto date = civil(at);
    const auto text = day(at) + " " + clock_time(at);
    return date.year == civil(now).year
               ? text
               : fill(tr("{day} {month} {year}"), fmt::arg("day", date.day),
                      fmt::arg("month", month_name(date.month)), fmt::arg("year", date.year)) +
                     " " + clock_time(at);
}

int utc_offset_s(TimePoint at) {
    return place().zone.offset_at(utc_seconds(at));
}

std::string clock_time(TimePoint at) {
    const auto time = civil(at);
    return fmt::format("{:02}:{:02}", time.hour, time.minute);
}

std::string clock_time_s(TimePoint at) {
    return fmt::format("{}:{:02}", clock_time(at), civil(at).second);
}

std::string table_date(TimePoint at) {
    const auto date = civil(at);
    return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string table_time(TimePoint at) {
    return table_date(at) + " " + clock_time_s(at);
}

std::optional<TimePoint> parse_date(std::string_view text) {
    const auto number = [&](std::size_t from, std::size_t length) {
        int value = 0;
        for (const char c : text.substr(from, length)) {
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day_of_month = number(8, 2);
    if (year < 1900 || month < 1 || day_of_month < 1) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{year} /
                                           std::chrono::month{static_cast<unsigned>(month)} /
                                           std::chrono::day{static_cast<unsigned>(day_of_month)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    const auto local = std::chrono::sys_seconds{std::chrono::sys_days{date}}.time_since_epoch().count();
    return from_utc(place().zone.utc_of(local));
}

TimePoint start_of_day(TimePoint at, int days_later) {
    const auto today =
        std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{seconds{local_seconds(at)}});
    const std::chrono::sys_seconds local{today + std::chrono::days{days_later}};
    return from_utc(place().zone.utc_of(local.time_since_epoch().count()));
}

}  // namespace wutong::client
