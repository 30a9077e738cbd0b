#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class Account;
class MessageContact;
}  // namespace wutong::v1

namespace wutong::client {

class Form;

/// One meter of an account: what it holds, what the books say, and why the two differ.
struct AccountMeterRow {
    std::int64_t meter_id{0};
    std::string unit;
    std::string code;
    core::MeterStatus status{core::MeterStatus::normal};
    std::string status_words;
    std::string on_meter;
    std::string ledger;
    std::string difference;  ///< "−¥0.26 explained"; empty while one of the two is unknown
    bool unexplained{false};
    std::vector<std::pair<std::string, std::string>> causes;  ///< what the difference is made of
    std::string in_flight;
    std::string days_left;
    std::string purchase_number;
    std::string read;  ///< "read 40 s ago"
};

struct AccountTable {
    std::vector<std::vector<TableCell>> rows;
    std::vector<std::int64_t> keys;
    std::string empty;
    bool more{false};  ///< the server has older ones
};

struct AccountScreen {
    std::int64_t account_id{0};
    std::string title;  ///< the customer
    std::string facts;  ///< "Account 100731 · 138 0013 8000 · since 26 Mar"
    std::string state;  ///< open | closing | closed
    std::string state_words;
    std::string note;
    std::string on_meters, in_flight, payable, used;
    bool something_payable{false};
    std::vector<AccountMeterRow> meters;
    AccountTable sales, deliveries, entries, exchanges, messages;
    std::string told;  ///< where the tenant is told; empty until show_messages
    bool loading{true};
    std::string fault;  ///< could not be loaded
    bool may_sell{false}, may_refund{false}, may_pay_out{false}, may_write{false}, may_settle{false};
    std::vector<std::int64_t> in_question;  ///< of the deliveries: those that wait for an operator's word
    std::string why_not_write;
};

/// The page of one account.
class AccountPresenter {
public:
    AccountPresenter(Context& context, std::function<void()> changed);
    ~AccountPresenter();

    [[nodiscard]] const AccountScreen& screen() const { return screen_; }
    void open(std::int64_t account_id);
    void leave();
    void refresh();
    void more_sales();
    void more_entries();
    /// All that is kept of the exchange at this row of the table, label by label.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> exchange(std::size_t row) const;
    /// From now on messages and contact are fetched, too.
    void show_messages();
    /// For changing where the tenant is told; null until it is known.
    [[nodiscard]] std::unique_ptr<Form> contact_form();
    /// What stands with the customer now, for changing it.
    [[nodiscard]] const v1::Account* account() const { return account_.get(); }

private:
    struct Loaded;
    void load_lists();
    void load_sales(const std::string& token);
    void load_entries(const std::string& token);
    void load_deliveries();
    void load_exchanges();
    void load_messages();
    void write();
    void write_meters();
    void tell();

    Context& context_;
    std::function<void()> changed_;
    AccountScreen screen_;
    std::int64_t account_id_{0};
    std::unique_ptr<v1::Account> account_;
    std::vector<std::vector<std::pair<std::string, std::string>>> exchanges_;
    std::shared_ptr<v1::MessageContact> contact_;
    bool messages_wanted_{false};
    std::string sales_token_, entries_token_;
    Call account_call_, sales_call_, entries_call_, deliveries_call_, exchanges_call_, contact_call_,
        messages_call_;
    Timer refresh_timer_;
    Timer redraw_soon_;
    Subscription live_;
    Subscription connection_;
};

}  // namespace wutong::client
