#pragma once

// Tables of delivery scenarios: one step a row.

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/credit_delivery.hpp"
#include "unit/core/scenario.hpp"

namespace delivery_scenario {

using namespace wutong::core;

inline CreditRules rules_of(CreditKind kind) {
    CreditRules rules;
    rules.kind = kind;
    rules.price = Price{10'000};  // 1.00 per kWh: 10 Wh cost 0.01
    rules.balance_max = parse_money("1000");
    rules.attempts_max = 3;
    return rules;
}

/// "number,balance,energy[,off]": what the meter says. Energy in watt-hours.
inline CreditLook look_of(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, ',');) {
        parts.push_back(part);
    }
    REQUIRE(parts.size() >= 3);
    CreditLook look;
    look.purchase_number = static_cast<std::uint32_t>(std::stoul(parts[0]));
    look.balance = parse_money(parts[1]);
    look.energy = Energy{std::stoll(parts[2])};
    look.prepaid_enabled = parts.size() == 3;
    return look;
}

inline DeliveryEvent event_of(const std::string& text) {
    if (text == "restarted") {
        return Restarted{};
    }
    if (text == "no_look") {
        return LookFailed{};
    }
    if (text == "ok") {
        return WriteAnswered{};
    }
    if (text == "refused") {
        return WriteRefused{"exception 03"};
    }
    if (text == "silence") {
        return WriteUnanswered{};
    }
    if (text == "settle_yes") {
        return OperatorSettled{true, "seen on the display"};
    }
    if (text == "settle_no") {
        return OperatorSettled{false, "not on the display"};
    }
    return Looked{look_of(text)};
}

/// State and action in one word; a write with what it carries.
inline std::string outcome_of(const DeliveryStep& step) {
    std::string text = std::string(to_string(step.delivery.state)) + ">";
    if (const auto* write = std::get_if<Write>(&step.action)) {
        return text + "write(" + std::to_string(write->write.purchase_number) + "," +
               to_string(write->write.balance) + "," + to_string(write->write.amount) + ")";
    }
    return text + (std::holds_alternative<Look>(step.action)       ? "look"
                   : std::holds_alternative<TryLater>(step.action) ? "later"
                                                                   : "done");
}

/// One line per event: event, expected state and action. "new KIND DELIVERY AMOUNT NUMBER_BEFORE" starts
/// afresh; "reason WORD" and "amount X" look at the delivery as it is.
inline void check_scenario(const std::string& table) {
    CreditRules rules;
    CreditDelivery delivery;
    for (const auto& row : test::rows_of(table)) {
        INFO(test::joined(row));
        if (row[0] == "new") {
            rules = rules_of(parse_credit_kind(row[1]));
            delivery = {};
            delivery.kind = parse_delivery_kind(row[2]);
            delivery.amount = parse_money(row[3]);
            delivery.number_before = static_cast<std::uint32_t>(std::stoul(row[4]));
        } else if (row[0] == "reason") {
            CHECK_THAT(delivery.reason, Catch::Contains(row[1]));
        } else if (row[0] == "amount") {
            CHECK(to_string(delivery.amount) == row[1]);
        } else {
            const DeliveryStep next = step(delivery, rules, event_of(row[0]));
            CHECK(outcome_of(next) == row[1]);
            delivery = next.delivery;
        }
    }
}

}  // namespace delivery_scenario
