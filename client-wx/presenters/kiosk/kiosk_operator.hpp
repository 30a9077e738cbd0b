#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kiosk/kiosk_step.hpp"

namespace wutong::client {

/// An operator at a kiosk: the only way out of full screen. Signs in, asks what to do, and signs out again at
/// once: no operator's session stays behind at a kiosk.
class KioskOperator final : public KioskStep {
public:
    enum class Wish { back, full_screen, register_anew, quit };

    /// @param done what the operator wants; `back` also when nobody went on
    KioskOperator(Context& context, std::function<void()> changed, std::function<void(Wish)> done);

    void begin(bool full_screen);
    /// Forgets name and password.
    void end();

    void type(std::string_view utf8) override;
    void erase() override;
    void clear() override;
    void go_on() override;
    void go_back() override;
    void choose(std::size_t choice) override;
    void fill(KioskScreen& screen) const override;

private:
    void sign_in();
    KioskEntry& entry() { return stage_ == KioskStage::operator_name ? name_ : password_; }

    Context& context_;
    std::function<void()> changed_;
    std::function<void(Wish)> done_;
    KioskStage stage_{KioskStage::operator_name};
    KioskEntry name_{64};
    KioskEntry password_{256};
    std::string message_;
    bool busy_{false};
    bool full_screen_{true};
    Call call_;
    Call farewell_;
};

}  // namespace wutong::client
