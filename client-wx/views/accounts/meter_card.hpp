#pragma once

#include <functional>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/presenters/accounts/account_presenter.hpp"

namespace wutong::client {

/// One meter of an account: what it holds beside what the books say, and why they differ.
class MeterCard : public Card {
public:
    explicit MeterCard(wxWindow* parent);
    /// @param more "and 4 more", for the last card
    /// @param may_exchange it can be exchanged for another one
    void set(const AccountMeterRow& meter, const std::string& more, bool may_exchange);
    std::function<void(std::int64_t meter_id)> on_sell;
    std::function<void(std::int64_t meter_id)> on_open;
    std::function<void(std::int64_t meter_id)> on_exchange;

private:
    std::int64_t meter_id_{0};
    Label* unit_;
    StateBadge* badge_;
    Label* code_;
    FigureCard* meter_;
    FigureCard* ledger_;
    Label* note_;
    Button *exchange_, *open_;
};

}  // namespace wutong::client
