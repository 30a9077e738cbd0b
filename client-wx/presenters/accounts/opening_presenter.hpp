#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

namespace wutong::v1 {
class OpenMeter;
class Parameters;
}  // namespace wutong::v1

namespace wutong::client {

/// A text and what is wrong with it.
struct FormText {
    std::string text;
    std::string error;
};

struct OpeningScreen {
    struct Customer {  ///< one that is known already
        std::int64_t customer_id{0};
        std::string name, phone, accounts;
    };
    struct Match {
        std::int64_t meter_id{0};
        std::string unit, detail;
    };
    struct Meter {
        FormText who;  ///< unit or meter, as typed
        std::int64_t meter_id{0};
        std::string unit;
        std::vector<Match> matches;
        SaleCheck check;  ///< answers, never read, is lost
        FormText price, alarm_1, alarm_2, overdraft, overload_kw, first_purchase;
    };
    bool adds_meter{false};  ///< to an account that is there
    std::string title;
    std::string account;  ///< of the account that gets one more meter
    FormText name, phone, note, number;
    bool asks_deposit{false};  ///< the tariff plans ask for one: 0 has to be said too
    FormText deposit;
    std::vector<Customer> known;
    std::int64_t customer_id{0};  ///< chosen of `known`; 0: a new one
    std::vector<Meter> meters;
    bool can_add{true};
    Tender tender{Tender::cash};
    std::string total;  ///< of all first purchases, and the deposit
    std::string commit;
    bool can_commit{false};
    std::string why_not;
    bool busy{false};
    std::string notice;
    bool notice_is_error{false};
    enum class Field {
        name,
        phone,
        meter,
        price,
        alarm_1,
        alarm_2,
        overdraft,
        overload,
        first_purchase,
        deposit
    };
    Field focus{Field::name};
    std::size_t focus_meter{0};
    unsigned focus_asked{0};
};

/// Opening an account in one page; or one more meter for an account.
class OpeningPresenter {
public:
    static constexpr std::size_t kMetersMax = 20;  ///< on one page; the server takes 50
    enum class Value { price, alarm_1, alarm_2, overdraft, overload, first_purchase };

    OpeningPresenter(Context& context, std::function<void()> changed);
    ~OpeningPresenter();

    [[nodiscard]] const OpeningScreen& screen() const { return screen_; }
    void set_changed(std::function<void()> changed) { changed_ = std::move(changed); }
    /// @param account_id 0: a new account; @param meter_id the first meter, 0: none yet
    void open(std::int64_t account_id, std::int64_t meter_id);

    void type_name(const std::string& text);
    void type_phone(const std::string& text);
    void type_note(const std::string& text);
    void type_number(const std::string& text);
    void type_deposit(const std::string& text);
    void choose_customer(std::size_t index);
    void new_customer();

    void add_meter();  ///< F3
    void remove_meter(std::size_t index);
    void type_meter(std::size_t index, const std::string& text);
    void choose_meter(std::size_t index, std::int64_t meter_id);
    void meter_entered(std::size_t index);  ///< Enter takes the first
    void type_value(std::size_t index, Value value, const std::string& text);
    void choose_tender(Tender tender);
    void commit();  ///< Ctrl+Enter
    /// Something was typed that would be lost.
    [[nodiscard]] bool touched() const { return touched_; }
    void clear();

private:
    void load_account();
    void load_parameters();
    void look_for_customer();
    void fill_defaults(OpeningScreen::Meter& meter);
    [[nodiscard]] FormText& value_of(OpeningScreen::Meter& meter, Value value) const;
    bool check();
    bool check_meter(std::size_t index);
    void fail(FormText& field, const std::string& why, OpeningScreen::Field where, std::size_t meter);
    void write(const OpeningScreen::Meter& from, v1::OpenMeter& to) const;
    void refused(const Fault& fault);
    void opened(std::int64_t account_id, const std::string& number);
    [[nodiscard]] std::int64_t total() const;
    [[nodiscard]] std::int64_t deposit() const;
    void refresh();
    void search(OpeningScreen::Meter& meter);

    Context& context_;
    std::function<void()> changed_;
    OpeningScreen screen_;
    std::int64_t account_id_{0};
    std::unique_ptr<v1::Parameters> parameters_;
    bool touched_{false};
    bool faulty_{false};
    KeptChange change_;
    Call account_call_, parameters_call_, customers_call_;
    Timer customers_soon_;
    Subscription live_;
    Subscription connection_;
};

}  // namespace wutong::client
