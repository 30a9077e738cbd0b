#include "client-wx/presenters/meter/meter_settings.hpp"

#include <fmt/format.h>
#include <wutong/v1/device_service.pb.h>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

MeterSettings::MeterSettings(Context& context) : context_{context}, batch_{context} {
    batch_.on_changed = [this] { update(); };
    batch_.on_finished = [this] {
        if (batch_.badge_of(meter_id_) == WallBadge::done) {
            context_.navigator.toast(verb_done(wish_, name_));
            screen_.sentence.clear();
        } else {
            const auto& lines = batch_.screen().needs_you;
            screen_.sentence = client::fill(tr("{} did not work: {}"), verb_words(wish_),
                                            lines.empty() ? tr("Failed") : lines.front().text);
            screen_.sentence_is_fault = true;
        }
        if (on_changed) {
            on_changed();
        }
    };
}

void MeterSettings::show(std::int64_t meter_id, const std::string& name) {
    if (meter_id != meter_id_) {
        meter_id_ = meter_id;
        screen_ = {};
    }
    name_ = name;
    update();
}

void MeterSettings::take(const v1::Meter& meter) {
    auto& s = screen_;
    const auto words = [](const std::string& text) {
        return text.empty() ? std::string{kDash} : clipped(text, 80);
    };
    s.device = {
        {tr("Meter"), words(meter.code())},
        {tr("Model"), words(meter.profile())},
        {tr("Serial number"), words(grouped_serial(meter.serial_number()))},
        {tr("Channel"), words(meter.channel_code())},
        meter.station_address().empty() ? Fact{tr("Bus address"), count(meter.bus_address())}
                                        : Fact{tr("Station address"), words(meter.station_address())},
        {tr("Polled"), meter.enabled() ? tr("Yes") : tr("No"), meter.enabled() ? Ink::normal : Ink::warn}};
    const auto unset = tr("as the property has it");
    const auto amount = [&](const std::string& label, bool there, std::int64_t e4) {
        s.money.push_back({label, there ? money(e4) : unset, there ? Ink::normal : Ink::faint});
    };
    s.money.clear();
    s.money.push_back(
        {commodity_of(meter.commodity()) == Commodity::water ? tr("Price of one m³") : tr("Price of one kWh"),
         meter.has_price_e4() ? price(meter.price_e4()) : unset,
         meter.has_price_e4() ? Ink::normal : Ink::faint});
    amount(tr("Alarm 1 at"), meter.has_alarm_1_e4(), meter.alarm_1_e4());
    amount(tr("Alarm 2 at"), meter.has_alarm_2_e4(), meter.alarm_2_e4());
    amount(tr("Overdraft allowed"), meter.has_overdraft_e4(), meter.overdraft_e4());
    s.money.push_back({tr("Power limit"), meter.has_overload_w() ? power(meter.overload_w()) : unset,
                       meter.has_overload_w() ? Ink::normal : Ink::faint});
    amount(tr("Largest balance"), meter.has_balance_max_e4(), meter.balance_max_e4());
    s.form = {};
    if (meter.has_price_e4()) {
        s.form.price = fmt::format("{:.4f}", static_cast<double>(meter.price_e4()) / 1e4);
    }
    if (meter.has_alarm_1_e4()) {
        s.form.alarm_1 = plain_money(meter.alarm_1_e4());
    }
    if (meter.has_alarm_2_e4()) {
        s.form.alarm_2 = plain_money(meter.alarm_2_e4());
    }
    if (meter.has_overdraft_e4()) {
        s.form.overdraft = plain_money(meter.overdraft_e4());
    }
    if (meter.has_overload_w()) {
        s.form.overload_kw = fmt::format("{:.2f}", static_cast<double>(meter.overload_w()) / 1e3);
    }
    update();
}

void MeterSettings::send(CommandWish wish) {
    if (!screen_.can_send || meter_id_ == 0) {
        return;
    }
    wish.meters = {meter_id_};
    wish_ = wish;
    screen_.sentence_is_fault = false;
    batch_.prepare(std::move(wish));
}

void MeterSettings::update() {
    auto& s = screen_;
    const auto& batch = batch_.screen();
    const bool busy = batch.stage == BulkScreen::Stage::checking ||
                      batch.stage == BulkScreen::Stage::sending || batch.stage == BulkScreen::Stage::running;
    s.can_send = context_.session.may("control.write") && context_.connection.online() && !busy;
    s.why_not = !context_.session.may("control.write") ? tr("You have no right to send commands.")
                : !context_.connection.online()        ? tr("No connection to the server.")
                : busy                                 ? tr("The command before is still under way.")
                                                       : std::string{};
    if (busy) {
        s.sentence = batch.waiting.empty() ? verb_going_on(wish_) + "…" : batch.waiting;
        s.sentence_is_fault = false;
    } else if (batch.stage == BulkScreen::Stage::preview &&
               (!batch.fault.empty() || !batch.needs_you.empty())) {
        s.sentence = batch.fault.empty()
                         ? client::fill(tr("Nothing was sent. {}: {}"), batch.needs_you.front().text,
                                        batch.needs_you.front().detail)
                         : batch.fault;
        s.sentence_is_fault = true;
    }
    if (on_changed) {
        on_changed();
    }
}

}  // namespace wutong::client
