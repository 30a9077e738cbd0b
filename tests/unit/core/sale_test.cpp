#include "core/sale.hpp"

#include <catch2/catch.hpp>

#include "unit/core/scenario.hpp"

using namespace wutong::core;

namespace {

std::string outcome(const SaleDecision& decision) {
    if (const auto* accepted = std::get_if<Accepted>(&decision)) {
        return to_string(accepted->balance_expected);
    }
    return to_string(std::get<SaleRefusal>(decision));
}

/// flags: o = account open, l = meter linked, q = an earlier delivery is quarantined
void check_scenario(const std::string& table) {
    for (const auto& row : test::rows_of(table)) {
        INFO(test::joined(row));
        REQUIRE(row.size() == 7);
        SaleFacts facts;
        facts.account_open = row[2].find('o') != std::string::npos;
        facts.meter_linked = row[2].find('l') != std::string::npos;
        facts.delivery_quarantined = row[2].find('q') != std::string::npos;
        facts.balance_known = parse_money(row[3]);
        facts.in_flight = parse_money(row[4]);
        if (row[5] != "-") {
            facts.balance_max = parse_money(row[5]);
        }
        const Money amount = parse_money(row[1]);
        CHECK(outcome(row[0] == "sell" ? decide_sale(amount, facts) : decide_refund(amount, facts)) ==
              row[6]);
    }
}

}  // namespace

TEST_CASE("sale: the first refusal that applies is the answer", "[sale]") {
    check_scenario(R"(
        # op     amount        flags  known   in_flight  limit    expect
        sell     100           ol     50      0          -        150.00
        sell     100           ol     -5      20         -        115.00
        sell     0.01          ol     0       0          -        0.01
        sell     1000000       ol     0       0          -        1000000.00
        sell     0             ol     0       0          -        amount_not_positive
        sell     -100          ol     0       0          -        amount_not_positive
        sell     -0.001        -      0       0          -        amount_not_positive
        sell     0.001         -      0       0          -        amount_not_multiple_of_quantum
        sell     99.995        ol     0       0          -        amount_not_multiple_of_quantum
        sell     1000000.01    -      0       0          -        amount_above_limit
        sell     922337203685477.58 ol 50     0          -        amount_above_limit
        sell     100           -      0       0          -        account_closed
        sell     100           lq     0       0          -        account_closed
        sell     100           o      0       0          -        meter_not_linked
        sell     100           oq     0       0          -        meter_not_linked
        sell     100           olq    0       0          50       delivery_quarantined
        sell     100           ol     50      0          150      150.00
        sell     100           ol     50      0.01       150      above_hoarding_limit
        sell     100           ol     50      -20        150      130.00
    )");
}

TEST_CASE("refund: no more than the meter surely holds", "[sale]") {
    check_scenario(R"(
        # op     amount        flags  known   in_flight  limit    expect
        refund   30            ol     50      0          -        20.00
        refund   50            ol     50      0          -        0.00
        refund   50.01         ol     50      0          -        above_meter_balance
        refund   60            ol     50      100        -        above_meter_balance
        refund   50            ol     50      100        -        100.00
        refund   50            ol     50      -10        -        above_meter_balance
        refund   1             ol     -1      0          -        above_meter_balance
        refund   0             ol     50      0          -        amount_not_positive
        refund   -5            ol     50      0          -        amount_not_positive
        refund   0.005         ol     50      0          -        amount_not_multiple_of_quantum
        refund   30            -      50      0          -        account_closed
        refund   30            o      50      0          -        meter_not_linked
        refund   30            olq    50      0          -        delivery_quarantined
        refund   50            ol     50      0          10       0.00
    )");
}

TEST_CASE("sale: the meter's quantum may be coarser than the tender's", "[sale]") {
    SaleFacts facts;
    facts.account_open = facts.meter_linked = true;
    facts.quantum = Money{10'000};
    CHECK(outcome(decide_sale(parse_money("5"), facts)) == "5.00");
    CHECK(outcome(decide_sale(parse_money("5.50"), facts)) == "amount_not_multiple_of_quantum");
    facts.quantum = Money{0};
    CHECK_THROWS_AS(decide_sale(parse_money("5"), facts), std::invalid_argument);
}
