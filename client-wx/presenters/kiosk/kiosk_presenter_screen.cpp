#include <algorithm>
#include <utility>

#include "client-wx/presenters/kiosk/kiosk_visit.hpp"
#include "client-wx/presenters/kiosk/kiosk_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

using std::chrono::milliseconds;

// ---- what is shown ------------------------------------------------------------------------------

KioskStep* KioskPresenter::step() {
    return const_cast<KioskStep*>(std::as_const(*this).step());
}

const KioskStep* KioskPresenter::step() const {
    switch (stage_) {
        case KioskStage::server:
        case KioskStage::certificate:
        case KioskStage::registration:
            return &setup_;
        case KioskStage::operator_name:
        case KioskStage::operator_password:
        case KioskStage::operator_menu:
            return &operator_;
        default:
            return nullptr;
    }
}

bool KioskPresenter::somebody_there() const {
    switch (stage_) {
        case KioskStage::unit:
        case KioskStage::pin:
        case KioskStage::account:
        case KioskStage::operator_name:
        case KioskStage::operator_password:
        case KioskStage::operator_menu:
            return true;
        default:
            return false;
    }
}

void KioskPresenter::enter(KioskStage stage) {
    stage_ = stage;
    message_.clear();
    busy_ = false;
    show();
}

milliseconds KioskPresenter::idle_for() const {
    return std::chrono::duration_cast<milliseconds>(context_.timers.now() - touched_at_);
}

std::string KioskPresenter::away_detail() const {
    if (revoked_) {
        return tr("This kiosk has to be registered by an operator.");
    }
    if (context_.connection.state() == Connection::State::refused) {
        return tr("For staff: the server shows another certificate than before.");
    }
    return {};
}

void KioskPresenter::show() {
    KioskScreen screen;
    screen.stage = stage_;
    screen.chinese = chinese_;
    screen.larger = larger_;
    screen.property = home_->property_name().empty() ? tr("Wutong") : clipped(home_->property_name(), 40);
    screen.caption = tr("Electricity self-service");
    screen.pay_where = kiosk_pay_where(*home_, chinese_);
    screen.pay_hours = clipped(home_->pay_hours(), 40);
    screen.help = fill(tr("Help: {where} {hours}"), fmt::arg("where", screen.pay_where),
                       fmt::arg("hours", screen.pay_hours));
    screen.letters = home_->unit_letters();
    screen.can_finish = somebody_there();
    if (const auto* asks = step()) {
        asks->fill(screen);
        stage_ = screen.stage;
    } else {
        fill_visit(screen);
    }
    fill_idle(screen);
    screen_ = std::move(screen);
    host_.show(screen_);
}

void KioskPresenter::fill_visit(KioskScreen& screen) const {
    screen.message = message_;
    screen.busy = busy_;
    switch (stage_) {
        case KioskStage::start:
            screen.title = tr("Touch to begin");
            screen.detail = tr("Balance, use and recharges of your unit. You need your PIN.");
            break;
        case KioskStage::unit:
            screen.title = tr("Your unit or account number");
            screen.detail = tr("As it stands on your door or your receipt");
            screen.entry = unit_.text();
            screen.keys = KioskKeys::unit;
            screen.can_go_on = !unit_.empty();
            screen.go_on = tr("Go on");
            screen.can_go_back = true;
            break;
        case KioskStage::pin:
            screen.title = tr("Your PIN");
            screen.detail = fill(tr("Six digits, for {}. No PIN yet? Ask at the counter."), unit_.text());
            screen.entry = pin_.hidden();
            screen.places = kPinDigits;
            screen.keys = KioskKeys::digits;
            screen.can_go_on = pin_.signs() == kPinDigits && !busy_;
            screen.go_on = tr("Show my account");
            screen.can_go_back = true;
            break;
        case KioskStage::account:
            screen.account = kiosk_account(
                visit_->account, visit_->meter,
                std::chrono::duration_cast<milliseconds>(context_.timers.now() - visit_->answered_at));
            screen.title = tr("Recharge");
            screen.detail = kiosk_pay_sentence(*home_, chinese_);
            if (lost_at_) {
                screen.message = tr("No connection at present. What you see may be older.");
            }
            break;
        default:
            screen.title = context_.connection.state() == Connection::State::connecting &&
                                   !context_.connection.lost() && !revoked_
                               ? tr("One moment, please")
                               : tr("Out of service");
            screen.detail = kiosk_pay_sentence(*home_, chinese_);
            screen.message = away_detail();
            break;
    }
}

void KioskPresenter::fill_idle(KioskScreen& screen) const {
    if (!somebody_there()) {
        return;
    }
    const auto idle = idle_for();
    const auto seconds_of = [](milliseconds time) {
        return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(time).count());
    };
    screen.idle_words = fill(tr("Ends by itself after {} s without a touch"), kIdle.count());
    screen.idle_share =
        std::clamp(1.0 - static_cast<double>(idle.count()) / (1000.0 * kIdle.count()), 0.0, 1.0);
    if (idle >= kIdle) {
        screen.still_there = true;
        screen.still_there_title = tr("Still there?");
        screen.still_there_detail =
            fill(tr("What you see will be cleared in {} s."), seconds_of(kIdle + kAsk - idle));
        screen.still_there_yes = tr("Yes, I am here");
    }
}

}  // namespace wutong::client
