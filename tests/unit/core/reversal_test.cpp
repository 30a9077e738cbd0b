#include "core/reversal.hpp"

#include <catch2/catch.hpp>

#include "unit/core/scenario.hpp"

using namespace wutong::core;

namespace {

std::string outcome(const ReversalDecision& decision) {
    if (const auto* way = std::get_if<ReversalWay>(&decision)) {
        return *way == ReversalWay::withdraw ? "withdraw" : "take_back";
    }
    return to_string(std::get<ReversalRefusal>(decision));
}

/// flags: s = a sale, o = account open, l = meter linked, n = last on the meter, r = reversed already,
/// c = claimed by a collector
ReversalFacts facts_of(const std::vector<std::string>& row) {
    const auto has = [&](char flag) { return row[0].find(flag) != std::string::npos; };
    ReversalFacts facts;
    facts.is_sale = has('s');
    facts.account_open = has('o');
    facts.meter_linked = has('l');
    facts.last_on_meter = has('n');
    facts.reversed_already = has('r');
    facts.claimed = has('c');
    facts.amount = facts.on_meter = parse_money(row[1]);
    facts.delivery = parse_delivery_state(row[2]);
    if (row[3] != "-") {
        facts.number_written = static_cast<std::uint32_t>(std::stoul(row[3]));
    }
    if (row[4] != "-") {
        facts.number_seen = static_cast<std::uint32_t>(std::stoul(row[4]));
    }
    if (row[5] != "-") {
        facts.balance_seen = parse_money(row[5]);
    }
    return facts;
}

}  // namespace

TEST_CASE("reversal: only the last sale, whole, and only what the meter holds", "[reversal]") {
    for (const auto& row : test::rows_of(R"(
        # flags  amount delivery    wrote seen balance  outcome
        soln     50     delivered   7     7    80       take_back
        soln     50     delivered   7     7    50       take_back
        soln     50     delivered   7     7    49.99    above_meter_balance
        soln     50     delivered   7     7    -3       above_meter_balance
        soln     50     delivered   7     8    80       meter_written_since
        soln     50     delivered   7     -    80       take_back
        soln     50     delivered   -     7    80       take_back
        soln     50     delivered   7     7    -        meter_not_read
        soln     50     queued      -     6    80       withdraw
        soln     50     queued      -     -    -        withdraw
        solnc    50     queued      -     6    80       delivery_under_way
        soln     50     sending     7     6    80       delivery_under_way
        soln     50     unknown     7     7    80       delivery_under_way
        soln     50     quarantined 7     7    80       delivery_quarantined
        soln     50     refused     7     6    80       sale_refused
        sol      50     delivered   7     7    80       not_last_on_meter
        sol      50     queued      -     6    80       not_last_on_meter
        son      50     delivered   7     7    80       meter_not_linked
        sln      50     delivered   7     7    80       account_closed
        solnr    50     delivered   7     7    80       reversed_already
        oln      50     delivered   7     7    80       not_a_sale
        soln     0      delivered   7     7    80       not_a_sale
        -        50     refused     -     -    -        not_a_sale
    )")) {
        INFO(test::joined(row));
        REQUIRE(row.size() == 7);
        CHECK(outcome(decide_reversal(facts_of(row))) == row[6]);
    }
}

TEST_CASE("reversal: in all states and circumstances nothing is given back twice or from nowhere",
          "[reversal]") {
    int ways = 0;
    int cases = 0;
    for (unsigned bits = 0; bits < 64; ++bits) {
        for (const auto state :
             {DeliveryState::queued, DeliveryState::sending, DeliveryState::unknown, DeliveryState::delivered,
              DeliveryState::refused, DeliveryState::quarantined}) {
            for (const std::int64_t held : {-1, 0, 499'999, 500'000, 900'000}) {
                ReversalFacts facts;
                facts.is_sale = (bits & 1U) != 0;
                facts.account_open = (bits & 2U) != 0;
                facts.meter_linked = (bits & 4U) != 0;
                facts.last_on_meter = (bits & 8U) != 0;
                facts.reversed_already = (bits & 16U) != 0;
                facts.claimed = (bits & 32U) != 0;
                facts.amount = Money{600'000};
                facts.on_meter = Money{500'000};  // 10.00 of it were taken for charges
                facts.delivery = state;
                facts.balance_seen = Money{held};
                const auto decision = decide_reversal(facts);
                ++cases;
                if (const auto* way = std::get_if<ReversalWay>(&decision)) {
                    ++ways;
                    CHECK((facts.is_sale && facts.account_open && facts.meter_linked && facts.last_on_meter &&
                           !facts.reversed_already));
                    if (*way == ReversalWay::withdraw) {
                        CHECK((state == DeliveryState::queued && !facts.claimed));
                    } else {
                        CHECK((state == DeliveryState::delivered && held >= 500'000));
                    }
                }
            }
        }
    }
    CHECK(cases == 1'920);
    CHECK(ways == 5 + 2 * 2);
}
