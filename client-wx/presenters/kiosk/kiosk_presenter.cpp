#include "client-wx/presenters/kiosk/kiosk_presenter.hpp"

#include <utility>

#include "client-wx/presenters/kiosk/kiosk_visit.hpp"

namespace wutong::client {

namespace {

constexpr std::string_view kDigits = "0123456789";

std::string from_hex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const auto nibble = [&](char c) {
            return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
        };
        bytes.push_back(static_cast<char>(nibble(text[i]) * 16 + nibble(text[i + 1])));
    }
    return bytes;
}

}  // namespace

KioskPresenter::KioskPresenter(Context& context, KioskHost& host)
    : context_{context},
      host_{host},
      home_{std::make_unique<v1::KioskHome>()},
      setup_{context, [this] { show(); },
             [this](const v1::KioskHome& home) {
                 revoked_ = false;
                 take_home(home);
                 wipe();
             }},
      operator_{context, [this] { show(); }, [this](KioskOperator::Wish wish) { operator_wants(wish); }} {}

KioskPresenter::~KioskPresenter() = default;

void KioskPresenter::begin() {
    touched_at_ = context_.timers.now();
    connection_changes_ = context_.connection.on_change([this] { connection_changed(); });
    ticking_ = context_.timers.every(std::chrono::seconds{1}, [this] { tick(); });
    const auto key = context_.preferences.device_key();
    const auto server = context_.preferences.server();
    if (key.empty() || !server) {
        chinese_ = context_.preferences.language() != Language::english;
        host_.use_language(chinese_);
        set_up();
        return;
    }
    if (const auto kept = context_.preferences.get(kiosk_home_kept)) {
        home_->ParseFromString(from_hex(*kept));
    }
    chinese_ = home_->language() != "en";
    host_.use_language(chinese_);
    context_.server.use_token(key);
    context_.connection.connect(*server);
    enter(KioskStage::away);
}

// ---- somebody touches ---------------------------------------------------------------------------

void KioskPresenter::touched() {
    const bool asked = screen_.still_there;
    touched_at_ = context_.timers.now();
    if (asked) {
        show();
    }
}

void KioskPresenter::touch_to_begin() {
    touched();
    if (stage_ == KioskStage::start) {
        enter(KioskStage::unit);
    }
}

void KioskPresenter::type(std::string_view utf8) {
    touched();
    if (auto* asks = step()) {
        asks->type(utf8);
        return;
    }
    if (busy_) {
        return;
    }
    if (stage_ == KioskStage::unit) {
        unit_.type(utf8);
    } else if (stage_ == KioskStage::pin) {
        pin_.type(utf8, kDigits);
    } else {
        return;
    }
    message_.clear();
    show();
}

void KioskPresenter::erase() {
    touched();
    if (auto* asks = step()) {
        asks->erase();
    } else if (!busy_) {
        (stage_ == KioskStage::pin ? pin_ : unit_).erase();
        show();
    }
}

void KioskPresenter::clear() {
    touched();
    if (auto* asks = step()) {
        asks->clear();
    } else if (!busy_) {
        (stage_ == KioskStage::pin ? pin_ : unit_).wipe();
        show();
    }
}

void KioskPresenter::go_on() {
    touched();
    if (auto* asks = step()) {
        asks->go_on();
    } else if (stage_ == KioskStage::start) {
        touch_to_begin();
    } else if (stage_ == KioskStage::unit && !unit_.empty()) {
        enter(KioskStage::pin);
    } else if (stage_ == KioskStage::pin && !busy_ && pin_.signs() == kPinDigits) {
        start_visit();
    }
}

void KioskPresenter::go_back() {
    touched();
    if (auto* asks = step()) {
        asks->go_back();
    } else if (stage_ == KioskStage::pin) {
        visit_call_.cancel();
        ++generation_;
        pin_.wipe();
        enter(KioskStage::unit);
    } else if (stage_ == KioskStage::unit) {
        wipe();
    }
}

void KioskPresenter::choose(std::size_t choice) {
    touched();
    if (auto* asks = step()) {
        asks->choose(choice);
    }
}

void KioskPresenter::choose_meter(std::size_t meter) {
    touched();
    if (stage_ == KioskStage::account && meter < static_cast<std::size_t>(visit_->account.meters_size())) {
        visit_->meter = meter;
        show();
    }
}

void KioskPresenter::finish() {
    touched();
    if (somebody_there()) {
        wipe();
    }
}

void KioskPresenter::choose_language(bool chinese) {
    touched();
    if (chinese != chinese_) {
        chinese_ = chinese;
        host_.use_language(chinese);
        message_.clear();
        show();
    }
}

void KioskPresenter::toggle_larger() {
    touched();
    larger_ = !larger_;
    host_.use_larger(larger_);
    show();
}

void KioskPresenter::touch_logo() {
    touched();
    const auto now = context_.timers.now();
    if (logo_touches_ == 0 || now - logo_since_ > kLogoWithin) {
        logo_touches_ = 0;
        logo_since_ = now;
    }
    if (++logo_touches_ >= kLogoTouches) {
        logo_touches_ = 0;
        ask_operator();
    }
}

void KioskPresenter::ask_operator() {
    touched();
    if (step() != nullptr) {
        return;
    }
    // Whoever stood here before is not shown to the operator either.
    wipe();
    stage_ = KioskStage::operator_name;
    operator_.begin(full_screen_);
}

}  // namespace wutong::client
