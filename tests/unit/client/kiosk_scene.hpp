#pragma once

#include <google/protobuf/empty.pb.h>
#include <wutong/v1/kiosk_service.pb.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "client-wx/api/kiosk_methods.hpp"
#include "client-wx/presenters/kiosk/kiosk_presenter.hpp"
#include "tests/support/client_scene.hpp"

/// A lobby without a display: a registered kiosk, a server that answers as the test says, a visitor.
namespace wutong::client::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RecordedHost final : public KioskHost {
public:
    void show(const KioskScreen& screen) override { screens.push_back(screen); }
    void use_language(bool chinese) override { languages.push_back(chinese); }
    void use_larger(bool on) override { larger.push_back(on); }
    void use_full_screen(bool on) override { full_screen = on; }
    void quit() override { ended = true; }

    /// Any screen since `from` on which `text` can be read.
    [[nodiscard]] bool shown_since(std::size_t from, const std::string& text) const {
        for (auto i = from; i < screens.size(); ++i) {
            const auto& one = screens[i];
            std::string all = one.title + one.detail + one.entry + one.message;
            if (one.account) {
                all += one.account->title + one.account->subtitle + one.account->balance;
            }
            if (all.find(text) != std::string::npos) {
                return true;
            }
        }
        return false;
    }

    std::vector<KioskScreen> screens;
    std::vector<bool> languages;
    std::vector<bool> larger;
    bool full_screen{true};
    bool ended{false};
};

inline const std::string kDeviceKey = "kiosk_" + std::string(64, 'a');

inline v1::KioskHome home() {
    v1::KioskHome home;
    home.set_kiosk_name("Lobby east");
    home.set_property_name("Harbour Plaza");
    home.set_time_zone("Asia/Shanghai");
    home.set_currency("CNY");
    home.set_language("en");
    home.set_pay_where_en("counter East");
    home.set_pay_where_zh("东门柜台");
    home.set_pay_hours("08:00–20:00");
    home.set_unit_letters("-C");
    return home;
}

inline v1::VisitAccount visit_account(std::int64_t balance_e4 = 182'000) {
    v1::VisitAccount account;
    account.mutable_at()->set_seconds(HandClock::kStart.count());
    account.set_account_number("100731");
    account.set_customer("Noodle House");
    account.set_state("open");
    account.set_prepaid_credit_e4(balance_e4);
    auto& meter = *account.add_meters();
    meter.set_meter_id(11);
    meter.set_meter_code("C-312");
    meter.set_unit_code("C-312");
    meter.mutable_state()->set_status(v1::METER_STATUS_ALARM_1);
    meter.mutable_state()->set_balance_e4(balance_e4);
    meter.mutable_state()->mutable_answered_at()->set_seconds(HandClock::kStart.count() - 40);
    meter.set_price_e4(10'500);
    meter.set_alarm_1_e4(200'000);
    meter.set_alarm_2_e4(50'000);
    meter.set_daily_use_wh(8'667);
    meter.set_days_left(2);
    meter.set_today("2026-03-26");
    for (const auto& [day, wh] :
         {std::pair{"2026-03-13", 8'100}, std::pair{"2026-03-15", 12'100}, std::pair{"2026-03-26", 5'300}}) {
        auto& one = *meter.add_days();
        one.set_day(day);
        one.set_used_wh(wh);
    }
    meter.add_alarms()->set_kind("alarm_1");
    auto& recharge = *account.add_recharges();
    recharge.mutable_at()->set_seconds(HandClock::kStart.count() - 14 * 86'400);
    recharge.set_kind("sale");
    recharge.set_amount_e4(1'500'000);
    recharge.set_delivery_state("delivered");
    return account;
}

inline Fault refused_visit(const std::string& reason, const std::string& key, const std::string& value) {
    Fault fault;
    fault.kind = Fault::Kind::unauthenticated;
    fault.reason = reason;
    fault.details[key] = value;
    return fault;
}

struct Lobby {
    explicit Lobby(bool registered = true) {
        if (registered) {
            scene.preferences.set_server({"localhost:7443", std::string(64, 'a')});
            scene.preferences.set_device_key(kDeviceKey);
        }
        kiosk.begin();
        if (registered) {
            scene.link.succeed();
            scene.server.answer(method::get_kiosk_home, home());
        }
    }

    [[nodiscard]] const KioskScreen& screen() const { return kiosk.screen(); }
    void type(const std::string& signs) {
        for (const char sign : signs) {
            kiosk.type(std::string(1, sign));
        }
    }
    /// Up to the question whether the PIN is right.
    void ask(const std::string& pin = "274951") {
        kiosk.touch_to_begin();
        type("C-312");
        kiosk.go_on();
        type(pin);
        kiosk.go_on();
    }
    void visit() {
        ask();
        scene.server.answer(method::start_visit, begun());
        REQUIRE(screen().stage == KioskStage::account);
    }
    static v1::StartVisitResponse begun() {
        v1::StartVisitResponse answer;
        answer.set_visit_token(std::string(64, 'b'));
        answer.set_idle_s(300);
        *answer.mutable_account() = visit_account();
        return answer;
    }
    /// The clock goes on; what the kiosk asks meanwhile is answered.
    void wait(seconds time) {
        for (seconds passed{0}; passed < time; ++passed) {
            scene.clock.advance(seconds{1});
            if (scene.server.waiting(method::get_visit_account) > 0) {
                scene.server.answer(method::get_visit_account, visit_account());
            }
            if (scene.server.waiting(method::get_kiosk_home) > 0) {
                scene.server.answer(method::get_kiosk_home, home());
            }
        }
    }

    ClientScene scene;
    RecordedHost host;
    KioskPresenter kiosk{scene.context, host};
};

}  // namespace wutong::client::test
