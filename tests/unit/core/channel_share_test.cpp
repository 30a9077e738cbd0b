#include "core/channel_share.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

/// Who hands how many channels to whom.
using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

std::vector<CollectorLoad> loads_of(const std::vector<int>& channels, int channels_max = 1'000) {
    std::vector<CollectorLoad> loads;
    for (const int count : channels) {
        loads.push_back({std::string(1, static_cast<char>('a' + loads.size())), count, channels_max, 60s});
    }
    return loads;
}

/// Everybody decides in turn until nobody wants anything. @return channels that moved
int settle(std::vector<CollectorLoad>& loads, const ShareRules& rules) {
    int moved = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (auto& from : loads) {
            if (const auto wanted = next_handover(from.name, loads, rules)) {
                const auto to = std::find_if(loads.begin(), loads.end(),
                                             [&](const auto& load) { return load.name == wanted->to; });
                REQUIRE(wanted->channels >= 1);
                REQUIRE(wanted->channels <= rules.at_once);
                from.channels -= wanted->channels;
                to->channels += wanted->channels;
                REQUIRE(to->channels <= to->channels_max);
                REQUIRE(from.channels >= to->channels);
                moved += wanted->channels;
                REQUIRE(moved < 100'000);
                changed = true;
            }
        }
    }
    return moved;
}

}  // namespace

TEST_CASE("channel share: a few at a time, to the one that has the fewest", "[core][shares]") {
    CHECK(next_handover("a", loads_of({12, 0})) == Handover{"b", 4});
    CHECK(next_handover("a", loads_of({12, 3, 0})) == Handover{"c", 4});
    CHECK(next_handover("a", loads_of({3, 0})) == Handover{"b", 1});
    CHECK(next_handover("b", loads_of({0, 2})) == Handover{"a", 1});
    CHECK_FALSE(next_handover("b", loads_of({12, 0})));
    CHECK_FALSE(next_handover("d", loads_of({12, 0})));
}

TEST_CASE("channel share: numbers that differ by one are even", "[core][shares]") {
    CHECK_FALSE(next_handover("a", loads_of({1, 0})));
    CHECK_FALSE(next_handover("a", loads_of({5, 4, 4})));
    CHECK_FALSE(next_handover("a", loads_of({5, 5, 4})));
    CHECK_FALSE(next_handover("a", loads_of({7})));
    CHECK_FALSE(next_handover("a", {}));
}

TEST_CASE("channel share: nobody is given more than it takes, nor when it has only just come",
          "[core][shares]") {
    auto loads = loads_of({12, 0, 5});
    loads[1].present_for = 9s;
    CHECK(next_handover("a", loads) == Handover{"c", 1});
    loads[2].channels_max = 5;
    CHECK_FALSE(next_handover("a", loads));
    loads[1].present_for = 10s;
    loads[1].channels_max = 2;
    CHECK(next_handover("a", loads) == Handover{"b", 2});
    loads[1].channels_max = 0;
    CHECK_FALSE(next_handover("a", loads));
}

TEST_CASE("channel share: whatever it begins with it ends even, and no channel moves twice",
          "[core][shares]") {
    std::mt19937 random{20'260'322};  // NOLINT: the same each time
    for (int round = 0; round < 2'000; ++round) {
        std::vector<int> channels(2 + random() % 5);
        for (auto& count : channels) {
            count = static_cast<int>(random() % 200);
        }
        auto loads = loads_of(channels);
        ShareRules rules;
        rules.at_once = 1 + static_cast<int>(random() % 12);
        const int moved = settle(loads, rules);
        const auto [least, most] = std::minmax_element(
            loads.begin(), loads.end(), [](const auto& a, const auto& b) { return a.channels < b.channels; });
        REQUIRE(most->channels - least->channels <= 1);
        // What had to go somewhere else, and not one more.
        int more = 0;
        for (std::size_t i = 0; i < loads.size(); ++i) {
            more += std::max(channels[i] - loads[i].channels, 0);
        }
        REQUIRE(moved == more);
    }
}

TEST_CASE("channel share: with limits of their own too it ends, as even as they let it", "[core][shares]") {
    auto loads = loads_of({40, 0, 0});
    loads[1].channels_max = 5;
    CHECK(settle(loads, {}) == 22);
    CHECK(loads[0].channels == 18);
    CHECK(loads[1].channels == 5);
    CHECK(loads[2].channels == 17);
}
