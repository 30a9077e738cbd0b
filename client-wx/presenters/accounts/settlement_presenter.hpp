#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"

namespace wutong::v1 {
class Delivery;
}

namespace wutong::client {

/// What the settlement of a delivery in question shows.
struct SettlementScreen {
    bool loading{true};
    std::string fault;
    std::string title;  ///< "Recharge ¥200.00 to C-312"
    std::vector<std::pair<std::string, std::string>> facts;
    std::string raw;         ///< what was recorded, readable
    std::string first_word;  ///< "admin says: it arrived, because …"; empty: nobody has said anything yet
    int decision{-1};        ///< 0 it arrived, 1 it did not
    std::string decision_error;
    std::string consequence;  ///< what the books do then
    std::string reason, reason_error;
    bool second_needed{true};  ///< somebody else has to say the same
    std::string second_name, second_password, second_error;
    std::string second_hint;
    std::string commit;
    bool can_commit{false};
    std::string why_not;
    bool busy{false};
    std::string notice;
    bool notice_is_error{false};
    bool finished{false};  ///< settled, or one's own word is kept for a second one
};

/// An operator's word on a delivery whose outcome nobody could prove, with the reason, and a second person's
/// beside it: signed in for this one word, and out again.
class SettlementPresenter {
public:
    SettlementPresenter(Context& context, std::int64_t delivery_id, std::function<void()> changed);
    SettlementPresenter(const SettlementPresenter&) = delete;
    SettlementPresenter& operator=(const SettlementPresenter&) = delete;
    ~SettlementPresenter();

    [[nodiscard]] const SettlementScreen& screen() const { return screen_; }
    void decide(int decision);
    void type_reason(const std::string& text);
    void type_second(const std::string& name, const std::string& password);
    void commit();
    void set_changed(std::function<void()> changed) { changed_ = std::move(changed); }

private:
    void load();
    void load_persons();
    [[nodiscard]] bool check();
    void sign_second_in();
    void say_own();
    void say_second();
    void farewell();
    void settled(const v1::Delivery& delivery);
    void fail(const Fault& fault);
    void refresh();

    Context& context_;
    std::int64_t delivery_id_;
    std::function<void()> changed_;
    SettlementScreen screen_;
    std::unique_ptr<v1::Delivery> delivery_;
    int persons_{2};
    bool working_{false};
    std::string second_token_;
    KeptChange own_;
    Call load_call_, persons_call_, second_call_;
    Timer retry_;
    Subscription connection_;
};

}  // namespace wutong::client
