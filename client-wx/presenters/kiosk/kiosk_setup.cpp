#include "client-wx/presenters/kiosk/kiosk_setup.hpp"

#include <wutong/v1/kiosk_service.pb.h>

#include <cstdint>
#include <random>

#include "client-wx/api/kiosk_methods.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/fingerprint.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr const char* kPendingKey = "kiosk.pending_key";
constexpr std::size_t kCodeDigits = 12;
constexpr std::string_view kDigits = "0123456789";

}  // namespace

std::string new_device_key() {
    std::random_device random;
    std::string key = "kiosk_";
    for (int i = 0; i < 8; ++i) {
        key += fmt::format("{:08x}", static_cast<std::uint32_t>(random()));
    }
    return key;
}

KioskSetup::KioskSetup(Context& context, std::function<void()> changed,
                       std::function<void(const v1::KioskHome&)> done)
    : context_{context}, changed_{std::move(changed)}, done_{std::move(done)} {}

void KioskSetup::begin() {
    end();
    const auto known = context_.preferences.server();
    if (known) {
        address_.type(known->address);
        context_.connection.connect(*known);
    }
    enter(known ? KioskStage::registration : KioskStage::server);
}

void KioskSetup::end() {
    call_.cancel();
    busy_ = false;
    address_.wipe();
    code_.wipe();
    message_.clear();
    fingerprint_.clear();
}

void KioskSetup::enter(KioskStage stage) {
    stage_ = stage;
    busy_ = false;
    message_.clear();
    call_.cancel();
    changed_();
}

void KioskSetup::type(std::string_view utf8) {
    if (busy_ || stage_ == KioskStage::certificate) {
        return;
    }
    entry().type(utf8, stage_ == KioskStage::registration ? kDigits : std::string_view{});
    message_.clear();
    changed_();
}

void KioskSetup::erase() {
    if (!busy_) {
        entry().erase();
        changed_();
    }
}

void KioskSetup::clear() {
    if (!busy_) {
        entry().wipe();
        changed_();
    }
}

void KioskSetup::go_on() {
    if (busy_) {
        return;
    }
    if (stage_ == KioskStage::server && !address_.empty()) {
        ask_certificate();
    } else if (stage_ == KioskStage::registration && code_.signs() == kCodeDigits) {
        activate();
    }
}

void KioskSetup::go_back() {
    if (stage_ != KioskStage::server) {
        enter(KioskStage::server);
    }
}

void KioskSetup::choose(std::size_t choice) {
    if (stage_ == KioskStage::certificate && !busy_) {
        choice == 0 ? trust() : enter(KioskStage::server);
    }
}

void KioskSetup::ask_certificate() {
    if (address_.text().find(':') == std::string::npos) {
        address_.type(":7443");
    }
    // A server whose certificate was pinned before is not asked about again: it has to show the same one.
    if (const auto pinned = context_.preferences.fingerprint_of(address_.text())) {
        fingerprint_ = *pinned;
        trust();
        return;
    }
    busy_ = true;
    message_.clear();
    call_ = context_.connection.link().fetch_certificate(address_.text(),
                                                         [this](Result<PresentedCertificate> presented) {
                                                             busy_ = false;
                                                             if (!presented) {
                                                                 message_ = describe(presented.fault());
                                                                 changed_();
                                                                 return;
                                                             }
                                                             fingerprint_ = presented->fingerprint;
                                                             enter(KioskStage::certificate);
                                                         });
    changed_();
}

void KioskSetup::trust() {
    const ServerAddress server{address_.text(), fingerprint_};
    context_.preferences.set_server(server);
    context_.connection.connect(server);
    enter(KioskStage::registration);
}

void KioskSetup::activate() {
    // Kept before it is sent: when the answer is lost, the same key is shown again and still fits the code.
    auto key = context_.preferences.get(kPendingKey).value_or("");
    if (key.empty()) {
        key = new_device_key();
        context_.preferences.set(kPendingKey, key);
    }
    v1::ActivateDeviceRequest request;
    request.set_registration_code(code_.text());
    request.set_device_key(key);
    busy_ = true;
    message_.clear();
    call_ = context_.server.call(method::activate_device, request, [this, key](Result<v1::KioskHome> home) {
        busy_ = false;
        if (!home) {
            failed(home.fault());
            return;
        }
        context_.preferences.set_device_key(key);
        context_.preferences.remove(kPendingKey);
        context_.server.use_token(key);
        const auto start = *home;
        end();
        done_(start);
    });
    changed_();
}

void KioskSetup::failed(const Fault& fault) {
    if (fault.reason == "wrong_code") {
        message_ = tr("This code is wrong, used, or older than 15 minutes.");
        code_.wipe();
        // The next code is for another place at the server: never the same key twice.
        context_.preferences.remove(kPendingKey);
    } else {
        message_ = describe_with_code(fault);
    }
    changed_();
}

void KioskSetup::fill(KioskScreen& screen) const {
    screen.stage = stage_;
    screen.message = message_;
    screen.busy = busy_;
    switch (stage_) {
        case KioskStage::certificate:
            screen.title = tr("Is this the server's certificate?");
            screen.detail = grouped_fingerprint(fingerprint_) + "\n" +
                            tr("Compare it with what the server shows: server.crt.sha256");
            screen.choices = {tr("Yes, it is the same"), tr("No, go back")};
            break;
        case KioskStage::registration:
            screen.title = tr("Registration code");
            screen.detail =
                tr("An operator makes it: wutongctl kiosk register NAME. It is good for 15 minutes.");
            screen.entry = code_.text();
            screen.places = kCodeDigits;
            screen.keys = KioskKeys::digits;
            screen.can_go_on = code_.signs() == kCodeDigits && !busy_;
            screen.go_on = tr("Register");
            screen.can_go_back = true;
            if (!context_.connection.online() && screen.message.empty()) {
                screen.message =
                    context_.connection.state() == Connection::State::refused
                        ? tr("The server shows another certificate than before. Nothing was sent.")
                        : tr("The server does not answer yet.");
            }
            break;
        default:
            screen.title = tr("Which server?");
            screen.detail = tr("Name or address, and the port when it is not 7443");
            screen.entry = address_.text();
            screen.keys = KioskKeys::full;
            screen.can_go_on = !address_.empty() && !busy_;
            screen.go_on = tr("Go on");
            break;
    }
}

}  // namespace wutong::client
