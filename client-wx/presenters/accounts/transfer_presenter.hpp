#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class TransferAccountRequest;
class TransferAccountResponse;
class TransferQuote;
}  // namespace wutong::v1

namespace wutong::client {

struct TransferScreen {
    struct Customer {  ///< one that is known already
        std::int64_t customer_id{0};
        std::string name, phone, detail;
    };
    enum class Field { name, phone, note, number, reason };

    std::string title;  ///< "New tenant for 100103"
    std::string from;   ///< who moves out
    std::string name, name_error, phone, phone_error, note, number, number_error, reason, reason_error;
    std::int64_t customer_id{0};  ///< chosen of `known`; 0: a new one
    std::vector<Customer> known;
    bool carry{true};
    std::string carry_words;  ///< what the chosen way means
    bool offers_difference{false}, accept_difference{false};
    std::vector<std::string> columns;
    std::vector<std::vector<TableCell>> rows;
    std::vector<std::int64_t> keys;
    std::string carried, payable_label, payable;
    bool owes{false};
    std::vector<std::string> blockers;
    std::string consequence;  ///< "2 meters go to Tea & Co. with ¥74.20."
    std::string commit;       ///< "Hand over with ¥74.20"
    bool can_commit{false};
    std::string why_not;
    bool loading{true}, busy{false}, finished{false};
    std::string fault, notice;
    bool notice_is_error{false};
    bool known_quote{false};  ///< the settlement is there
    Field focus{Field::name};
    unsigned focus_asked{0};
};

/// An account's meters go to another tenant at their last readings: who, what becomes of the money, the
/// settlement meter by meter, then the act; afterwards the new account's page.
class TransferPresenter {
public:
    TransferPresenter(Context& context, std::function<void()> changed);
    ~TransferPresenter();

    [[nodiscard]] const TransferScreen& screen() const { return screen_; }
    void open(std::int64_t account_id);
    void leave();
    void type(TransferScreen::Field field, const std::string& text);
    void choose_customer(std::size_t index);
    void new_customer();
    void choose_carry(bool carry);
    void accept_difference(bool on);
    void commit();

private:
    void look_for_customer();
    void quote();
    void quote_again();
    void write_quote();
    [[nodiscard]] v1::TransferAccountRequest request() const;
    void transferred(const v1::TransferAccountResponse& answer);
    void refresh();
    void ask_focus(TransferScreen::Field field);

    Context& context_;
    std::function<void()> changed_;
    TransferScreen screen_;
    std::int64_t account_id_{0};
    std::unique_ptr<v1::TransferQuote> quote_;
    KeptChange change_;
    Call quote_call_, customers_call_;
    Timer again_, customers_soon_;
    Subscription connection_;
};

}  // namespace wutong::client
