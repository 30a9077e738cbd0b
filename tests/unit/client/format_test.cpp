#include "client-wx/text/format.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/difference.hpp"
#include "client-wx/text/time_zone.hpp"

using namespace std::chrono_literals;
using namespace wutong::client;

namespace {

constexpr TimePoint at(std::int64_t utc_s) {
    return TimePoint{std::chrono::seconds{utc_s}};
}
constexpr std::int64_t kMarch26 = 1'774'492'927;  // 2026-03-26 10:42:07 in Shanghai

struct InShanghai {
    InShanghai() {
        set_currency("CNY");
        REQUIRE(set_time_zone("Asia/Shanghai"));
    }
    ~InShanghai() {
        set_currency("CNY");
        set_time_zone("UTC");
    }
};

}  // namespace

TEST_CASE_METHOD(InShanghai, "format: money has two decimals, a sign of its own and separators",
                 "[client][format]") {
    CHECK(money(12'345'000) == "¥1,234.50");
    CHECK(money(0) == "¥0.00");
    CHECK(money(-21'000) == "\u2212¥2.10");
    CHECK(money(99) == "¥0.00");   // cut, not rounded up
    CHECK(money(-99) == "¥0.00");  // and no minus in front of nothing
    CHECK(money(-199) == "\u2212¥0.01");
    CHECK(money(9'999'999'999) == "¥999,999.99");
    CHECK(money(std::numeric_limits<std::int64_t>::min()) == "\u2212¥922,337,203,685,477.58");
    CHECK(money(std::numeric_limits<std::int64_t>::max()) == "¥922,337,203,685,477.58");
    CHECK(money_or_dash(std::nullopt) == "—");
    CHECK(price(10'500) == "¥1.0500");
    CHECK(plain_money(12'345'600) == "1234.56");
    CHECK(plain_money(-100) == "-0.01");
    CHECK(money_change(120'000) == "+¥12.00");
    CHECK(money_change(-2'600) == "\u2212¥0.26");
    CHECK(money_change(0) == "¥0.00");
    set_currency("EUR");
    CHECK(money(10'000) == "€1.00");
    set_currency("SEK");
    CHECK(money(120'000) == "SEK\u00A012.00");
    set_currency("");
    CHECK(money(10'000) == "¥1.00");
}

TEST_CASE_METHOD(InShanghai, "format: energy, power, voltage and current", "[client][format]") {
    CHECK(energy(190'480) == "190.48 kWh");
    CHECK(energy(190'485) == "190.49 kWh");
    CHECK(energy(0) == "0.00 kWh");
    CHECK(energy(14'322'000'000) == "14,322,000.00 kWh");
    CHECK(energy(-5'000) == "\u22125.00 kWh");
    CHECK(energy_or_dash(std::nullopt) == "—");
    CHECK(power(1'420) == "1.42 kW");
    CHECK(power(12'345) == "12.3 kW");
    CHECK(power(812'000) == "812.0 kW");
    CHECK(power_or_dash(std::nullopt) == "—");
    CHECK(voltage(231'400) == "231.4 V");
    CHECK(current(3'200) == "3.20 A");
    CHECK(energy(std::numeric_limits<std::int64_t>::min()).starts_with("\u22129,223,372"));
}

TEST_CASE_METHOD(InShanghai, "format: days, ages, counts", "[client][format]") {
    CHECK(days(std::nullopt) == "—");
    CHECK(days(0) == "<1d");
    CHECK(days(-7) == "<1d");
    CHECK(days(17) == "17d");
    CHECK(days(999) == "999d");
    CHECK(days(1000) == "999d+");
    CHECK(days_long(1) == "1 day");
    CHECK(days_long(17) == "17 days");
    CHECK(days_long(0) == "less than a day");
    CHECK(days_long(std::nullopt) == "—");
    CHECK(age(0ms) == "now");
    CHECK(age(-5s) == "now");
    CHECK(age(12'300ms) == "12 s");
    CHECK(age(72s) == "1 min 12 s");
    CHECK(age(60s) == "1 min");
    CHECK(age(900s) == "15 min");
    CHECK(age(12'000s) == "3 h 20 min");
    CHECK(age(48h + 4h) == "2 d 4 h");
    CHECK(duration(3'400ms) == "3.4 s");
    CHECK(duration(72s) == "1 min 12 s");
    CHECK(count(1'248) == "1,248");
    CHECK(count(7) == "7");
    CHECK(count(-1'000) == "\u22121,000");
    CHECK(permille_as_percent(184) == "18.4 %");
    CHECK(permille_as_percent(-31) == "\u22123.1 %");
}

TEST_CASE("format: what a server tells may be anything; sums and times stay within what can be told",
          "[client][format]") {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    CHECK(difference(7, 9) == -2);
    CHECK(difference(-7, -9) == 2);
    CHECK(difference(0, lowest) == highest);
    CHECK(difference(-2, highest) == lowest);
    CHECK(difference(highest, highest) == 0);
    google::protobuf::Timestamp early, late;
    early.set_seconds(lowest);
    early.set_nanos(-1);
    late.set_seconds(highest);
    late.set_nanos(std::numeric_limits<int>::max());
    CHECK(to_time_point(late) - to_time_point(early) > std::chrono::hours{24 * 365 * 200});
    CHECK(to_time_point(early) < std::chrono::system_clock::time_point{});
}

TEST_CASE_METHOD(InShanghai, "format: times are those of the property", "[client][format]") {
    CHECK(moment(at(kMarch26), at(kMarch26)) == "26 Mar 10:42");
    CHECK(moment(at(kMarch26), at(kMarch26 + 400 * 86'400)) == "26 Mar 2026 10:42");
    CHECK(day(at(kMarch26)) == "26 Mar");
    CHECK(clock_time(at(kMarch26)) == "10:42");
    CHECK(clock_time_s(at(kMarch26)) == "10:42:07");
    CHECK(utc_offset_s(at(kMarch26)) == 8 * 3600);
    CHECK(table_date(at(kMarch26)) == "2026-03-26");
    CHECK(table_time(at(kMarch26)) == "2026-03-26 10:42:07");
    CHECK(table_time(start_of_day(at(kMarch26))) == "2026-03-26 00:00:00");
    CHECK(table_time(start_of_day(at(kMarch26), -26)) == "2026-02-28 00:00:00");
    // A moment before midnight in Shanghai is the day before in UTC.
    CHECK(table_date(at(kMarch26 + 13 * 3600)) == "2026-03-26");
    CHECK(table_date(at(kMarch26 + 14 * 3600)) == "2026-03-27");
    // Clocks that have gone mad are shown, not fallen over.
    CHECK_FALSE(table_time(TimePoint::max()).empty());
    CHECK_FALSE(table_time(TimePoint::min()).empty());

    REQUIRE(parse_date("2026-03-26"));
    CHECK(*parse_date("2026-03-26") == start_of_day(at(kMarch26)));
    for (const char* wrong :
         {"", "2026-3-26", "2026-02-30", "2026-13-01", "26.03.2026", "2026-03-26 ", "abcd-ef-gh"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_date(wrong));
    }
}

TEST_CASE("format: amounts as they are typed", "[client][format]") {
    struct Typed {
        const char* text;
        std::optional<std::int64_t> e4;
    };
    const auto nothing = std::optional<std::int64_t>{};
    for (const auto& [text, e4] : std::initializer_list<Typed>{
             {"200", 2'000'000},
             {"200.5", 2'005'000},
             {"200.50", 2'005'000},
             {"1,5", 15'000},
             {"1,50", 15'000},
             {"200.", 2'000'000},
             {".5", 5'000},
             {" 200 ", 2'000'000},
             {"1 200", 12'000'000},
             {"1\u00A0200,50", 12'005'000},
             {"1,234", 12'340'000},
             {"1,234.50", 12'345'000},
             {"12,345,678.90", 123'456'789'000},
             {"２００", 2'000'000},
             {"２００．５０", 2'005'000},
             {"２００。５", 2'005'000},
             {"１，５", 15'000},
             {"¥200", 2'000'000},
             {"￥２００", 2'000'000},
             {"0", 0},
             {"0.01", 100},
             {"100000000", 1'000'000'000'000},
             {"", nothing},
             {".", nothing},
             {",", nothing},
             {"0.001", nothing},
             {"1.234", nothing},
             {"1.2.3", nothing},
             {"1,23,4", nothing},
             {"12,34.5", nothing},
             {"1.234,50", nothing},
             {"-5", nothing},
             {"5-", nothing},
             {"1e3", nothing},
             {"two", nothing},
             {"二百", nothing},
             {"100000000.01", nothing},
             {"99999999999999999999999999", nothing},
             {"\xff\xfe", nothing},
             {"20\xe3\x80", nothing},
         }) {
        CAPTURE(text);
        CHECK(parse_money(text) == e4);
    }
    CHECK_FALSE(parse_money(std::string(10'000, '1')));
    CHECK(parse_price("1.0525") == 10'525);
    CHECK(parse_price("0,6213") == 6'213);
    CHECK_FALSE(parse_price("1.05255"));
    CHECK_FALSE(parse_price("1,000.5"));
    CHECK(parse_count("１２") == 12);
    CHECK_FALSE(parse_count("1.5"));
    CHECK_FALSE(parse_count(""));
}

TEST_CASE("format: every amount that is shown can be typed again", "[client][format]") {
    set_currency("CNY");
    for (std::int64_t e4 = 0; e4 < 1'000'000'000'000; e4 = e4 * 3 + 700) {
        const auto cents = e4 / 100 * 100;
        CAPTURE(cents);
        CHECK(parse_money(money(cents)) == cents);
        CHECK(parse_money(plain_money(cents)) == cents);
    }
}

TEST_CASE("format: names of others are made harmless", "[client][format]") {
    CHECK(clipped("Tea & Co.", 20) == "Tea & Co.");
    CHECK(clipped("茶馆有限公司", 4) == "茶馆有…");
    CHECK(clipped("茶馆", 2) == "茶馆");
    CHECK(clipped("a\nb\tc\x7f", 20) == "a b c ");
    CHECK(clipped("a\xff", 20) == "a\uFFFD");
    CHECK(clipped("\xe8\x8c", 20) == "\uFFFD\uFFFD");
    CHECK(clipped("\xc0\xaf", 20) == "\uFFFD\uFFFD");            // overlong
    CHECK(clipped("\xed\xa0\x80", 20) == "\uFFFD\uFFFD\uFFFD");  // half a surrogate pair
    CHECK(clipped("x\u202Egpj.exe", 20) == "x gpj.exe");         // turns the writing around
    CHECK(clipped(std::string(10'000, 'x'), 5) == "xxxx…");
    CHECK(clipped("abc", 0).empty());
    CHECK(clipped("", 5).empty());
}

TEST_CASE("time zone: summer time begins and ends where the database says", "[client][format]") {
    const auto berlin = TimeZone::load("Europe/Berlin");
    REQUIRE(berlin);
    CHECK(berlin->offset_at(1'774'486'800) == 3600);  // 26 March 2026: winter
    CHECK(berlin->offset_at(1'774'745'999) == 3600);  // the last second before 29 March, 01:00 UTC
    CHECK(berlin->offset_at(1'774'746'000) == 7200);
    CHECK(berlin->offset_at(2'540'000'000) == 7200);  // June 2050: by the rule alone
    CHECK(berlin->offset_at(2'525'000'000) == 3600);  // January 2050
    CHECK(berlin->utc_of(1'774'746'000 + 7200) == 1'774'746'000);
    const auto shanghai = TimeZone::load("Asia/Shanghai");
    REQUIRE(shanghai);
    CHECK(shanghai->offset_at(kMarch26) == 8 * 3600);
    CHECK(shanghai->offset_at(4'000'000'000) == 8 * 3600);
    const auto sydney = TimeZone::load("Australia/Sydney");
    REQUIRE(sydney);
    CHECK(sydney->offset_at(2'525'000'000) == 11 * 3600);  // their summer runs over new year
    CHECK(sydney->offset_at(2'540'000'000) == 10 * 3600);
    for (const char* wrong : {"", "Nowhere/Land", "../../etc/passwd", "/etc/localtime", "Asia/Shang hai"}) {
        CAPTURE(wrong);
        CHECK_FALSE(TimeZone::load(wrong));
    }
}

TEST_CASE("time zone: a damaged file is no zone", "[client][format]") {
    for (const std::string& file :
         {std::string{}, std::string{"TZif2"}, std::string(44, '\0'), "TZif2" + std::string(39, '\xff'),
          std::string("no zone file at all, but a long text")}) {
        CHECK_FALSE(TimeZone::parse(file));
    }
    for (const char* wrong : {"", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                              "CET-1CEST,M3.5.0,M10.5.0x", "<CET-1"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_daylight_rule(wrong));
    }
    const auto iran = parse_daylight_rule("<+0330>-3:30<+0430>,J79/24,J263/24");
    REQUIRE(iran);
    CHECK(iran->standard_offset_s == 12'600);
    CHECK(iran->summer_offset_s == 16'200);
}
