#include "client-wx/presenters/wall/wall_selection.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace wutong::client;

namespace {

/// Ids 100, 101, … at positions 0, 1, …
WallSelection::Order line(std::size_t count) {
    return {count, [](std::size_t position) { return static_cast<std::int64_t>(100 + position); },
            [count](std::int64_t id) -> std::optional<std::size_t> {
                const auto position = static_cast<std::size_t>(id - 100);
                return id >= 100 && position < count ? std::optional{position} : std::nullopt;
            }};
}

std::set<std::int64_t> ids(const WallSelection& selection) {
    return {selection.ids().begin(), selection.ids().end()};
}

}  // namespace

TEST_CASE("selection: a click takes one, Ctrl adds and takes out", "[wall][selection]") {
    WallSelection s;
    s.pick(line(10), 3, WallPick::only);
    CHECK(ids(s) == std::set<std::int64_t>{103});
    s.pick(line(10), 5, WallPick::toggle);
    s.pick(line(10), 7, WallPick::toggle);
    CHECK(ids(s) == std::set<std::int64_t>{103, 105, 107});
    s.pick(line(10), 5, WallPick::toggle);
    CHECK(ids(s) == std::set<std::int64_t>{103, 107});
    s.pick(line(10), 1, WallPick::only);
    CHECK(ids(s) == std::set<std::int64_t>{101});
    CHECK_FALSE(s.gathering());
}

TEST_CASE("selection: arrows take the selection along until something is gathered", "[wall][selection]") {
    WallSelection s;
    s.pick(line(10), 0, WallPick::move);
    s.pick(line(10), 1, WallPick::move);
    CHECK(ids(s) == std::set<std::int64_t>{101});
    s.pick(line(10), 1, WallPick::toggle);  // Space on the current one: the first of several
    CHECK(ids(s) == std::set<std::int64_t>{101});
    s.pick(line(10), 2, WallPick::move);
    s.pick(line(10), 3, WallPick::move);
    CHECK(ids(s) == std::set<std::int64_t>{101});
    CHECK(s.current() == 103);
    s.pick(line(10), 3, WallPick::toggle);
    CHECK(ids(s) == std::set<std::int64_t>{101, 103});
    s.pick(line(10), 3, WallPick::toggle);  // Space again lets it go
    CHECK(ids(s) == std::set<std::int64_t>{101});
}

TEST_CASE("selection: Shift takes the range from where it began, forth and back", "[wall][selection]") {
    WallSelection s;
    s.pick(line(10), 4, WallPick::only);
    s.pick(line(10), 7, WallPick::extend);
    CHECK(ids(s) == std::set<std::int64_t>{104, 105, 106, 107});
    s.pick(line(10), 2, WallPick::extend);
    CHECK(ids(s) == std::set<std::int64_t>{102, 103, 104});
    CHECK(s.current() == 102);
}

TEST_CASE("selection: a range is added to what was gathered before", "[wall][selection]") {
    WallSelection s;
    s.pick(line(10), 0, WallPick::only);
    s.pick(line(10), 5, WallPick::toggle);
    s.pick(line(10), 7, WallPick::extend);
    CHECK(ids(s) == std::set<std::int64_t>{100, 105, 106, 107});
}

TEST_CASE("selection: Shift without a start begins here", "[wall][selection]") {
    WallSelection s;
    s.pick(line(10), 6, WallPick::extend);
    CHECK(ids(s) == std::set<std::int64_t>{106});
    CHECK(s.current() == 106);
}

TEST_CASE("selection: Escape goes from several to one to none", "[wall][selection]") {
    WallSelection s;
    s.select_all(line(10));
    s.pick(line(10), 4, WallPick::move);
    CHECK(s.size() == 10);
    CHECK(s.clear());
    CHECK(ids(s) == std::set<std::int64_t>{104});
    CHECK(s.clear());
    CHECK(s.size() == 0);
    CHECK_FALSE(s.clear());
}

TEST_CASE("selection: what is gone is taken out, also the current one and the start of a range",
          "[wall][selection]") {
    WallSelection s;
    s.pick(line(10), 2, WallPick::only);
    s.pick(line(10), 5, WallPick::extend);
    s.keep_only([](std::int64_t id) { return id == 103 || id == 104; });
    CHECK(ids(s) == std::set<std::int64_t>{103, 104});
    CHECK((s.current() == 103 || s.current() == 104));
    s.keep_only([](std::int64_t) { return false; });
    CHECK(s.size() == 0);
    CHECK(s.current() == 0);
    CHECK_FALSE(s.gathering());
}

TEST_CASE("selection: a position beyond the wall is nobody", "[wall][selection]") {
    WallSelection s;
    s.pick(line(3), 3, WallPick::only);
    CHECK(s.size() == 0);
}
