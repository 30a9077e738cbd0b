#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

namespace wutong::v1 {
class ClosingQuote;
}

namespace wutong::client {

struct ClosingScreen {
    struct Meter {
        std::int64_t meter_id{0};
        std::string unit, code, on_meter, ledger, read;
        SaleCheck check;  ///< whether it answers
    };
    std::string title;  ///< "Close account 100731"
    std::string customer;
    std::vector<Meter> meters;
    /// The settlement, line by line; the last one is what is payable, or owed.
    std::vector<std::pair<std::string, std::string>> lines;
    std::string result_label, result;
    bool owes{false};
    std::vector<std::string> warnings;  ///< what will happen besides: relays open, old balances
    std::vector<std::string> blockers;  ///< why it can't be closed now
    std::string reason, reason_error;
    std::string commit;  ///< "Close account 100731 and clear 2 meters"
    bool can_commit{false};
    std::string why_not;
    bool loading{true}, busy{false}, finished{false};
    std::string fault;
    std::string notice;
    bool notice_is_error{false};
};

/// Closing an account: its settlement first, then the reason, then the act.
class ClosingPresenter {
public:
    ClosingPresenter(Context& context, std::function<void()> changed);
    ~ClosingPresenter();

    [[nodiscard]] const ClosingScreen& screen() const { return screen_; }
    void open(std::int64_t account_id);
    void leave();
    void type_reason(const std::string& text);
    void commit();
    [[nodiscard]] std::int64_t account_id() const { return account_id_; }

private:
    void load();
    void refresh();
    void write_quote();

    Context& context_;
    std::function<void()> changed_;
    ClosingScreen screen_;
    std::int64_t account_id_{0};
    std::unique_ptr<v1::ClosingQuote> quote_;
    KeptChange change_;
    Call quote_call_;
    Timer again_;
    Subscription connection_;
};

}  // namespace wutong::client
