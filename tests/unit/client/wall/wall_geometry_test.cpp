#include "client-wx/controls/wall_geometry.hpp"

#include <catch2/catch.hpp>

#include "client-wx/controls/chart_scale.hpp"

using namespace wutong::client;

namespace {

WallMetrics metrics(int width = 1000) {
    WallMetrics m;
    m.width = width;
    m.margin = 20;
    m.gap = 6;
    m.header = 36;
    m.after = 16;
    m.cell_min = 98;
    m.cell_height = 50;
    return m;
}

}  // namespace

TEST_CASE("wall geometry: cells are stretched to fill the line", "[wall][geometry]") {
    for (const int width : {300, 731, 1000, 1366, 1920, 3840}) {
        const WallGeometry wall{metrics(width), {42, 42}};
        CAPTURE(width, wall.columns(), wall.cell_width());
        CHECK(wall.cell_width() >= 98);
        const int used = wall.columns() * (wall.cell_width() + 6) - 6;
        CHECK(used <= width - 40);
        CHECK(used > width - 40 - wall.columns());  // what is left is less than a pixel a column
    }
}

TEST_CASE("wall geometry: every cell is found where it is drawn, and the gaps are nobody's",
          "[wall][geometry]") {
    const WallGeometry wall{metrics(), {42, 0, 1, 300, 7}};
    REQUIRE(wall.cells() == 350);
    for (std::size_t i = 0; i < wall.cells(); ++i) {
        const auto box = wall.box(i);
        CAPTURE(i);
        CHECK(wall.cell_at(box.x, box.y) == i);
        CHECK(wall.cell_at(box.x + box.width - 1, box.y + box.height - 1) == i);
        CHECK_FALSE(wall.cell_at(box.x - 1, box.y).has_value());
        CHECK_FALSE(wall.cell_at(box.x, box.y + box.height).has_value());
    }
    CHECK_FALSE(wall.cell_at(30, 5).has_value());  // the first header
    CHECK_FALSE(wall.cell_at(30, wall.height() + 100).has_value());
}

TEST_CASE("wall geometry: sections follow one another without overlap", "[wall][geometry]") {
    const WallGeometry wall{metrics(), {42, 0, 1, 300}};
    for (std::size_t s = 0; s + 1 < wall.sections(); ++s) {
        CHECK(wall.section_top(s) < wall.section_top(s + 1));
        if (wall.size(s) > 0) {
            const auto last = wall.box(wall.first_cell(s) + wall.size(s) - 1);
            CHECK(last.y + last.height < wall.section_top(s + 1));
        }
    }
    CHECK(wall.section_of(0) == 0);
    CHECK(wall.section_of(42) == 2);  // the empty floor owns no cell
    CHECK(wall.section_of(43) == 3);
}

TEST_CASE("wall geometry: what is between two heights is exactly what can be seen there",
          "[wall][geometry]") {
    const WallGeometry wall{metrics(), {42, 30, 55}};
    for (int top = 0; top < wall.height(); top += 37) {
        const int bottom = top + 210;
        const auto [first, last] = wall.cells_between(top, bottom);
        for (std::size_t i = 0; i < wall.cells(); ++i) {
            const auto box = wall.box(i);
            const bool seen = box.y < bottom && box.y + box.height > top;
            if (seen) {
                CAPTURE(top, i);
                CHECK(i >= first);
                CHECK(i < last);
            }
        }
        CHECK(last - first <= static_cast<std::size_t>(wall.columns()) * 6);
    }
    CHECK(WallGeometry{metrics(), {}}.cells_between(0, 100) == std::pair<std::size_t, std::size_t>{0, 0});
}

TEST_CASE("wall geometry: up and down keep the column across floors", "[wall][geometry]") {
    const WallGeometry wall{metrics(), {12, 0, 5}};
    const auto columns = static_cast<std::size_t>(wall.columns());
    REQUIRE(columns == 9);
    CHECK(wall.vertical(4, 1) == 11);  // the short last line has no column 4: its last cell
    CHECK(wall.vertical(1, 1) == 10);
    CHECK(wall.vertical(10, 1) == 13);  // over the empty floor
    CHECK(wall.vertical(13, 1) == 13);  // the end
    CHECK(wall.vertical(13, -1) == 10);
    CHECK(wall.vertical(16, -2) == 4);  // through the short line, back in its column
    CHECK(wall.vertical(0, -5) == 0);
}

TEST_CASE("chart scale: round steps that reach the highest value", "[chart]") {
    struct Row {
        double highest;
        int lines;
        double step, top;
        int decimals;
    };
    for (const auto& row : {Row{14.8, 4, 5, 15, 0}, Row{20, 4, 5, 20, 0}, Row{0.37, 4, 0.1, 0.4, 1},
                            Row{12'800, 5, 5000, 15000, 0}, Row{1, 1, 1, 1, 0}, Row{7, 4, 2, 8, 0}}) {
        const auto scale = chart_scale(row.highest, row.lines);
        CAPTURE(row.highest);
        CHECK(scale.step == Approx(row.step));
        CHECK(scale.top() == Approx(row.top));
        CHECK(scale.decimals == row.decimals);
    }
    for (const double odd : {0.0, -5.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
        CHECK(chart_scale(odd, 4).top() == Approx(1));
    }
    CHECK(chart_scale(1e300, 4).top() >= 1e300);
    CHECK(chart_scale(5, 0).lines >= 1);
}
