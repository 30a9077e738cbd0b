#include "client-wx/presenters/kiosk/kiosk_operator.hpp"

#include <google/protobuf/empty.pb.h>
#include <wutong/v1/session_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

KioskOperator::KioskOperator(Context& context, std::function<void()> changed, std::function<void(Wish)> done)
    : context_{context}, changed_{std::move(changed)}, done_{std::move(done)} {}

void KioskOperator::begin(bool full_screen) {
    end();
    full_screen_ = full_screen;
    stage_ = KioskStage::operator_name;
    changed_();
}

void KioskOperator::end() {
    call_.cancel();
    name_.wipe();
    password_.wipe();
    message_.clear();
    busy_ = false;
    stage_ = KioskStage::operator_name;
}

void KioskOperator::type(std::string_view utf8) {
    if (!busy_ && stage_ != KioskStage::operator_menu) {
        entry().type(utf8);
        message_.clear();
        changed_();
    }
}

void KioskOperator::erase() {
    if (!busy_ && stage_ != KioskStage::operator_menu) {
        entry().erase();
        changed_();
    }
}

void KioskOperator::clear() {
    if (!busy_ && stage_ != KioskStage::operator_menu) {
        entry().wipe();
        changed_();
    }
}

void KioskOperator::go_on() {
    if (busy_) {
        return;
    }
    if (stage_ == KioskStage::operator_name && !name_.empty()) {
        stage_ = KioskStage::operator_password;
        message_.clear();
        changed_();
    } else if (stage_ == KioskStage::operator_password && !password_.empty()) {
        sign_in();
    }
}

void KioskOperator::go_back() {
    if (stage_ == KioskStage::operator_password) {
        call_.cancel();
        busy_ = false;
        password_.wipe();
        message_.clear();
        stage_ = KioskStage::operator_name;
        changed_();
    } else {
        end();
        done_(Wish::back);
    }
}

void KioskOperator::choose(std::size_t choice) {
    constexpr Wish kWishes[] = {Wish::back, Wish::full_screen, Wish::register_anew, Wish::quit};
    if (stage_ == KioskStage::operator_menu && choice < std::size(kWishes)) {
        end();
        done_(kWishes[choice]);
    }
}

void KioskOperator::sign_in() {
    v1::SignInRequest request;
    request.set_operator_(name_.text());
    request.set_password(password_.text());
    busy_ = true;
    message_.clear();
    call_ = context_.server.call(method::sign_in, request, [this](Result<v1::SignInResponse> answer) {
        busy_ = false;
        password_.wipe();
        if (!answer) {
            message_ = describe(answer.fault());
            changed_();
            return;
        }
        // What was asked is answered; the session itself has no business here.
        context_.server.use_token(answer->token());
        farewell_ = context_.server.call(method::sign_out, google::protobuf::Empty{},
                                         [](Result<google::protobuf::Empty>) {});
        context_.server.use_token(context_.preferences.device_key());
        const auto& may = answer->who().permissions();
        const bool allowed = std::any_of(may.begin(), may.end(), [](const auto& permission) {
            return permission == "*" || permission == "kiosk.write";
        });
        if (allowed) {
            stage_ = KioskStage::operator_menu;
        } else {
            message_ = tr("You may sign in, but not work on kiosks.");
        }
        changed_();
    });
    changed_();
}

void KioskOperator::fill(KioskScreen& screen) const {
    screen.stage = stage_;
    screen.message = message_;
    screen.busy = busy_;
    if (stage_ == KioskStage::operator_menu) {
        screen.title = tr("What shall the kiosk do?");
        screen.choices = {tr("Back to the kiosk"), full_screen_ ? tr("Leave full screen") : tr("Full screen"),
                          tr("Register it anew"), tr("End the program")};
        return;
    }
    const bool name = stage_ == KioskStage::operator_name;
    screen.title = name ? tr("Operator") : tr("Operator's password");
    screen.detail = tr("For staff only.");
    screen.entry = name ? name_.text() : password_.hidden();
    screen.keys = KioskKeys::full;
    screen.can_go_on = !busy_ && !(name ? name_ : password_).empty();
    screen.go_on = name ? tr("Go on") : tr("Sign in");
    screen.can_go_back = true;
}

}  // namespace wutong::client
