#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/sale/delivery_follower.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"

namespace wutong::client {

/// A value before the sale and after it: "¥18.20 → ¥218.20".
struct BeforeAfter {
    std::string label;
    std::string before;
    std::string after;
};

/// A line with a tick, a warning or a cross.
struct SaleCheck {
    enum class State { good, warning, bad, unknown };
    State state{State::unknown};
    std::string words;
};

/// All that the sale page shows, ready to be drawn.
struct SaleScreen {
    struct Match {
        std::int64_t meter_id{0};
        std::string unit;
        std::string shop;
        std::string balance;
        bool negative{false};
        core::MeterStatus status{core::MeterStatus::normal};
    };
    struct Recent {
        std::int64_t meter_id{0};
        std::string unit;
        std::string shop;
        std::string balance;
    };
    /// Step 1 is done: who it is for.
    struct Chosen {
        std::int64_t meter_id{0};
        std::int64_t account_id{0};
        std::string unit;
        std::string shop;
        std::string facts;  ///< "Account 100731 · meter 0002 4187 5520 · read 40 s ago"
        core::MeterStatus status{core::MeterStatus::normal};
        std::string status_words;
        std::string on_meter;
        std::string ledger;
        std::string days_left;
        std::string last_purchase;
        std::string price;  ///< "¥1.0500 per kWh"
    };
    enum class Field { who, amount, received, sell };

    // 1
    std::string who;  ///< as it stands in the field
    std::string who_error;
    std::vector<Match> matches;
    int highlighted{-1};
    std::string matches_note;
    std::vector<Recent> recent;
    std::optional<Chosen> chosen;
    // 2
    std::string amount;
    std::string amount_error;
    std::string energy;
    std::string more_days;
    // 3
    Tender tender{Tender::cash};
    std::string received;
    std::string received_error;
    std::string change;
    // the consequence
    std::vector<BeforeAfter> after;
    std::vector<SaleCheck> checks;
    // the button
    std::string sell_words;
    bool can_sell{false};
    std::string why_not;
    bool busy{false};  ///< sent and not answered: nothing can be changed
    /// Refused, offline, or an answer that is missing; under the button's row.
    std::string notice;
    bool notice_is_error{false};
    bool can_take_back{false};
    // the sale before
    std::string last_title;
    std::vector<FlowStep> last_steps;
    std::string last_note;
    bool last_failed{false};
    std::int64_t last_sale_id{0};
    // today, or the shift that is open
    std::string today_title;
    std::vector<std::pair<std::string, std::string>> today;
    std::string today_total;
    std::string today_note;

    Field focus{Field::who};
    unsigned focus_asked{0};  ///< grows when the focus is to go to `focus`
    std::string status_left;
};

/// The six of Alt+1…6, in whole units of the currency.
inline constexpr std::array<std::int64_t, 6> kSaleAmounts{50, 100, 200, 300, 500, 1000};

}  // namespace wutong::client
