#include <google/protobuf/empty.pb.h>

#include <utility>

#include "client-wx/api/kiosk_methods.hpp"
#include "client-wx/presenters/kiosk/kiosk_visit.hpp"
#include "client-wx/presenters/kiosk/kiosk_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::client {

namespace {

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return text;
}

}  // namespace

// ---- the server ---------------------------------------------------------------------------------

void KioskPresenter::connection_changed() {
    if (step() != nullptr) {
        show();
        return;
    }
    if (context_.connection.online()) {
        lost_at_.reset();
        if (stage_ == KioskStage::away || !home_is_fresh_) {
            ask_home();
        }
        show();
        return;
    }
    home_is_fresh_ = false;
    if (stage_ == KioskStage::account) {
        if (!lost_at_) {
            lost_at_ = context_.timers.now();
        }
        show();
    } else if (stage_ == KioskStage::away) {
        show();
    } else {
        wipe();
    }
}

void KioskPresenter::ask_home() {
    home_asked_at_ = context_.timers.now();
    home_call_ = context_.server.call(method::get_kiosk_home, google::protobuf::Empty{},
                                      [this](Result<v1::KioskHome> home) {
                                          if (!home) {
                                              home_failed(home.fault());
                                              return;
                                          }
                                          revoked_ = false;
                                          take_home(*home);
                                          if (stage_ == KioskStage::away) {
                                              wipe();
                                          } else {
                                              show();
                                          }
                                      });
}

void KioskPresenter::take_home(const v1::KioskHome& home) {
    *home_ = home;
    home_is_fresh_ = true;
    set_currency(home.currency());
    set_time_zone(home.time_zone());
    auto lasting = home;
    lasting.clear_at();
    if (const auto kept = hex(lasting.SerializeAsString());
        context_.preferences.get(kiosk_home_kept) != kept) {
        context_.preferences.set(kiosk_home_kept, kept);
    }
}

void KioskPresenter::home_failed(const Fault& fault) {
    // Asked again by tick(), or when the connection is back.
    if (fault.reason == "kiosk_revoked") {
        revoked_ = true;
        home_is_fresh_ = false;
        wipe();
    } else if (stage_ == KioskStage::start) {
        home_is_fresh_ = false;
        enter(KioskStage::away);
    }
}

void KioskPresenter::start_visit() {
    v1::StartVisitRequest request;
    request.set_unit_or_account(unit_.text());
    request.set_pin(pin_.text());
    pin_.wipe();
    busy_ = true;
    message_.clear();
    visit_call_ = context_.server.call(method::start_visit, request,
                                       [this, asked_in = generation_](Result<v1::StartVisitResponse> answer) {
                                           // A cancelled call is not answered; this is the second lock on the
                                           // same door.
                                           if (asked_in == generation_ && stage_ == KioskStage::pin) {
                                               answer ? visit_begun(*answer) : visit_refused(answer.fault());
                                           }
                                       });
    request.mutable_pin()->assign(kPinDigits, '0');
    show();
}

void KioskPresenter::visit_begun(const v1::StartVisitResponse& answer) {
    unit_.wipe();
    visit_ = std::make_unique<Visit>();
    visit_->token = answer.visit_token();
    visit_->account = answer.account();
    visit_->answered_at = visit_->asked_at = context_.timers.now();
    enter(KioskStage::account);
}

void KioskPresenter::visit_refused(const Fault& fault) {
    if (fault.reason == "kiosk_revoked") {
        home_failed(fault);
        return;
    }
    if (fault.reason == "locked_out" || fault.reason == "kiosk_paused") {
        unit_.wipe();
        enter(KioskStage::unit);
    } else {
        busy_ = false;
    }
    message_ = kiosk_refusal(fault, kiosk_pay_where(*home_, chinese_));
    show();
}

void KioskPresenter::ask_account() {
    visit_->asked_at = context_.timers.now();
    v1::VisitRequest request;
    request.set_visit_token(visit_->token);
    visit_call_ = context_.server.call(method::get_visit_account, request,
                                       [this, asked_in = generation_](Result<v1::VisitAccount> answer) {
                                           if (asked_in != generation_ || stage_ != KioskStage::account) {
                                               return;
                                           }
                                           if (!answer) {
                                               account_failed(answer.fault());
                                               return;
                                           }
                                           visit_->account = *answer;
                                           visit_->answered_at = context_.timers.now();
                                           show();
                                       });
}

void KioskPresenter::account_failed(const Fault& fault) {
    // Anything else is tried again; what is shown has its age.
    if (fault.reason == "visit_ended") {
        wipe();
    } else if (fault.reason == "kiosk_revoked") {
        home_failed(fault);
    }
}

void KioskPresenter::wipe() {
    ++generation_;
    visit_call_.cancel();
    if (visit_) {
        v1::VisitRequest request;
        request.set_visit_token(visit_->token);
        farewell_ = context_.server.call(method::end_visit, request, [](Result<google::protobuf::Empty>) {});
        visit_.reset();
    }
    unit_.wipe();
    pin_.wipe();
    operator_.end();
    lost_at_.reset();
    logo_touches_ = 0;
    touched_at_ = context_.timers.now();
    if (std::exchange(larger_, false)) {
        host_.use_larger(false);
    }
    if (const bool usual = home_->language() != "en"; chinese_ != usual) {
        chinese_ = usual;
        host_.use_language(usual);
    }
    enter(home_is_fresh_ && context_.connection.online() && !revoked_ ? KioskStage::start : KioskStage::away);
    if (stage_ == KioskStage::away && context_.connection.online() && !revoked_) {
        ask_home();
    }
}

void KioskPresenter::operator_wants(KioskOperator::Wish wish) {
    switch (wish) {
        case KioskOperator::Wish::back:
            wipe();
            break;
        case KioskOperator::Wish::full_screen:
            full_screen_ = !full_screen_;
            host_.use_full_screen(full_screen_);
            wipe();
            break;
        case KioskOperator::Wish::register_anew:
            context_.preferences.set_device_key("");
            context_.server.use_token("");
            home_is_fresh_ = false;
            set_up();
            break;
        case KioskOperator::Wish::quit:
            host_.quit();
            break;
    }
}

void KioskPresenter::set_up() {
    home_call_.cancel();
    stage_ = KioskStage::server;
    setup_.begin();
}

void KioskPresenter::tick() {
    const auto now = context_.timers.now();
    if (somebody_there()) {
        if (idle_for() >= kIdle + kAsk) {
            wipe();
            return;
        }
        if (stage_ == KioskStage::account) {
            if (lost_at_ && now - *lost_at_ >= kGrace) {
                wipe();
                return;
            }
            if (!lost_at_ && now - visit_->asked_at >= kAccountEvery) {
                ask_account();
            }
        }
        show();
        return;
    }
    const bool unusual = larger_ || chinese_ != (home_->language() != "en");
    if (stage_ == KioskStage::start && unusual && idle_for() >= kIdle) {
        wipe();
    } else if ((stage_ == KioskStage::start || stage_ == KioskStage::away) && context_.connection.online() &&
               now - home_asked_at_ >= kHomeEvery) {
        ask_home();
    }
}

}  // namespace wutong::client
