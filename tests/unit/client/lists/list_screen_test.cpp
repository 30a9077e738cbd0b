#include "client-wx/presenters/lists/list_screen.hpp"

#include <catch2/catch.hpp>

using namespace wutong::client;

namespace {

ListScreen screen_of(const std::vector<Cell>& cells) {
    ListScreen screen;
    screen.columns = {{"What", 10}};
    std::int64_t id = 0;
    for (const auto& cell : cells) {
        screen.rows.push_back({++id, {cell}});
    }
    screen.sort_column = 0;
    return screen;
}

std::string in_order(ListScreen screen, bool ascending) {
    screen.ascending = ascending;
    sort_rows(screen);
    std::string all;
    for (const auto& row : screen.rows) {
        all += row.cells[0].text + " ";
    }
    return all;
}

}  // namespace

TEST_CASE("list: digits sort as numbers, what is not known comes last both ways", "[client][list]") {
    const auto units = screen_of({{"A-10"}, {"—"}, {"A-9"}, {"A-100"}, {"B-1"}});
    CHECK(in_order(units, true) == "A-9 A-10 A-100 B-1 — ");
    CHECK(in_order(units, false) == "B-1 A-100 A-10 A-9 — ");
    const auto money = screen_of({{"¥9.00", Tone::normal, "", 90'000},
                                  {"−¥2.10", Tone::normal, "", -21'000},
                                  {"¥10.00", Tone::normal, "", 100'000}});
    CHECK(in_order(money, true) == "−¥2.10 ¥9.00 ¥10.00 ");
}

TEST_CASE("list: natural order is an order", "[client][list]") {
    CHECK(compare_naturally("A-007", "A-7") == 0);
    CHECK(compare_naturally("A-7", "A-7b") < 0);
    CHECK(compare_naturally("", "A") < 0);
    CHECK(compare_naturally("99999999999999999999999999", "100000000000000000000000000") < 0);
}

TEST_CASE("list: what is exported can't run in a spreadsheet and keeps its fields apart", "[client][list]") {
    auto screen = screen_of({{"=HYPERLINK(\"http://x\")"},
                             {"+1+1"},
                             {"@x"},
                             {"-cmd"},
                             {"-12.50"},
                             {"a,b"},
                             {"say \"hi\""},
                             {"two\nlines"}});
    const auto csv = to_csv(screen);
    CHECK(csv.starts_with("\xEF\xBB\xBFWhat\r\n"));
    CHECK(csv.find("\"'=HYPERLINK(\"\"http://x\"\")\"\r\n") != std::string::npos);
    CHECK(csv.find("\r\n'+1+1\r\n'@x\r\n'-cmd\r\n-12.50\r\n") != std::string::npos);
    CHECK(csv.find("\"a,b\"\r\n\"say \"\"hi\"\"\"\r\n\"two\nlines\"\r\n") != std::string::npos);
}

TEST_CASE("list: a row with fewer cells than columns is filled up", "[client][list]") {
    ListScreen screen;
    screen.columns = {{"A"}, {"B"}};
    screen.rows.push_back({1, {{"x"}}});
    CHECK(to_csv(screen) ==
          "\xEF\xBB\xBF"
          "A,B\r\nx,\r\n");
}
