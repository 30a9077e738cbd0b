#include <fmt/format.h>

#include <map>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"
#include "wutong/v1/site_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::size_t kUnitsMax = 100'000;

std::string price_text(std::int64_t e4) {
    auto text = fmt::format("{}.{:04}", e4 / 10'000, e4 % 10'000);
    while (text.ends_with('0') && text[text.size() - 3] != '.') {
        text.pop_back();
    }
    return text;
}

class MeterForm final : public Form {
public:
    MeterForm(Context& context, const v1::Meter* meter) : Form{context} {
        if (meter != nullptr) {
            meter_ = *meter;
        } else {
            meter_.set_role("prepaid");
            meter_.set_enabled(true);
        }
        screen_.title = is_new() ? tr("Add meter") : fill(tr("Meter {}"), meter_.code());
        add_identity();
        add_settings();
        screen_.off_reason = tr("The channels and models are still being fetched.");
        load_channels();
    }

protected:
    void check() override {
        for (const auto* key : {"code", "serial_number", "channel_id", "profile"}) {
            need(key);
        }
        whole("bus_address", 1, 247, value("station_address").empty());
        unit_id();
        for (const auto* key : {"price_e4", "alarm_1_e4", "alarm_2_e4", "overdraft_e4", "balance_max_e4"}) {
            amount(key, false);
        }
        whole("overload_w", 0, 100'000'000, false);
        whole("state_interval_s", 1, 86'400, false);
        whole("reading_interval_s", 1, 86'400, false);
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto code = value("code");
        return fill(is_new() ? tr("Add meter {}") : tr("Save meter {}"), code);
    }
    void send() override {
        if (is_new()) {
            v1::CreateMeterRequest request;
            request.set_request_id(new_request_id());
            *request.mutable_meter() = typed();
            change<v1::CreateMeterRequest, v1::Meter>(
                method::create_meter, std::move(request),
                [](const v1::Meter& made) { return fill(tr("Meter {} added."), made.code()); });
        } else {
            v1::UpdateMeterRequest request;
            request.set_request_id(new_request_id());
            *request.mutable_meter() = typed();
            change<v1::UpdateMeterRequest, v1::Meter>(
                method::update_meter, std::move(request),
                [](const v1::Meter& saved_one) { return fill(tr("Meter {} saved."), saved_one.code()); });
        }
    }

private:
    [[nodiscard]] bool is_new() const { return meter_.meter_id() == 0; }

    void add_identity() {
        add({"code", FormField::Kind::text, tr("Code"), meter_.code(), "", tr("As people call it: A-301")});
        add({"serial_number", FormField::Kind::text, tr("Serial number"), meter_.serial_number(), "",
             tr("As on the plate")});
        add({"unit_code", FormField::Kind::text, tr("Unit"), meter_.unit_code(), "",
             tr("Empty: it belongs to no unit, as a feeder")});
        add({"profile", FormField::Kind::choice, tr("Model"), meter_.profile()});
        auto& role = add({"role", FormField::Kind::choice, tr("Role"), meter_.role()});
        role.options = meter_role_options();
        if (meter_.account_id() != 0) {
            const auto why = fill(tr("Stays while the meter is on account {}"), meter_.account_number());
            find("profile")->enabled = false;
            find("profile")->hint = why;
            find("role")->enabled = false;
            find("role")->hint = why;
        }
        add({"channel_id", FormField::Kind::choice, tr("Channel"),
             meter_.channel_id() == 0 ? "" : std::to_string(meter_.channel_id())});
        add({"bus_address", FormField::Kind::number, tr("Bus address"),
             meter_.bus_address() == 0 ? "" : std::to_string(meter_.bus_address()), "", tr("1 to 247")});
        add({"station_address", FormField::Kind::text, tr("Station address"), meter_.station_address(), "",
             tr("DL/T 645: 12 digits, CJ/T 188: 14, DLMS: its address; Modbus: empty")});
        add({"enabled", FormField::Kind::toggle, tr("The meter is asked and takes commands"),
             meter_.enabled() ? "1" : ""});
    }

    void add_settings() {
        const auto as_property = tr("Empty: as the property's parameters say");
        const auto money_field = [&](const char* key, const std::string& label, bool there, std::int64_t e4) {
            add({key, FormField::Kind::number, label, there ? price_text(e4) : "", currency_sign(),
                 as_property});
        };
        money_field(
            "price_e4",
            meter_.commodity() == "water" ? tr("Price of a cubic metre") : tr("Price of a kilowatt-hour"),
            meter_.has_price_e4(), meter_.price_e4());
        money_field("alarm_1_e4", tr("Alarm 1 at"), meter_.has_alarm_1_e4(), meter_.alarm_1_e4());
        money_field("alarm_2_e4", tr("Alarm 2 at"), meter_.has_alarm_2_e4(), meter_.alarm_2_e4());
        money_field("overdraft_e4", tr("Overdraft"), meter_.has_overdraft_e4(), meter_.overdraft_e4());
        money_field("balance_max_e4", tr("Holds at most"), meter_.has_balance_max_e4(),
                    meter_.balance_max_e4());
        add({"overload_w", FormField::Kind::number, tr("Switches off above"),
             meter_.has_overload_w() ? std::to_string(meter_.overload_w()) : "", "W", as_property});
        add({"state_interval_s", FormField::Kind::number, tr("State and balance every"),
             meter_.has_state_interval_s() ? std::to_string(meter_.state_interval_s()) : "", "s",
             as_property});
        add({"reading_interval_s", FormField::Kind::number, tr("Whole readings every"),
             meter_.has_reading_interval_s() ? std::to_string(meter_.reading_interval_s()) : "", "s",
             as_property});
    }

    [[nodiscard]] v1::Meter typed() {
        auto meter = meter_;
        meter.set_property_id(context_.session.property_id());
        meter.set_code(value("code"));
        meter.set_serial_number(value("serial_number"));
        meter.set_unit_id(unit_id());
        meter.set_profile(value("profile"));
        meter.set_role(value("role"));
        meter.set_channel_id(parse_count(value("channel_id")).value_or(0));
        meter.set_station_address(value("station_address"));
        meter.set_bus_address(
            static_cast<int>(whole("bus_address", 1, 247, meter.station_address().empty()).value_or(0)));
        meter.set_enabled(!value("enabled").empty());
        const auto take = [](std::optional<std::int64_t> value, auto&& set, auto&& clear) {
            if (value) {
                set(*value);
            } else {
                clear();
            }
        };
        take(
            amount("price_e4", false), [&](auto v) { meter.set_price_e4(v); },
            [&] { meter.clear_price_e4(); });
        take(
            amount("alarm_1_e4", false), [&](auto v) { meter.set_alarm_1_e4(v); },
            [&] { meter.clear_alarm_1_e4(); });
        take(
            amount("alarm_2_e4", false), [&](auto v) { meter.set_alarm_2_e4(v); },
            [&] { meter.clear_alarm_2_e4(); });
        take(
            amount("overdraft_e4", false), [&](auto v) { meter.set_overdraft_e4(v); },
            [&] { meter.clear_overdraft_e4(); });
        take(
            amount("balance_max_e4", false), [&](auto v) { meter.set_balance_max_e4(v); },
            [&] { meter.clear_balance_max_e4(); });
        take(
            whole("overload_w", 0, 100'000'000, false), [&](auto v) { meter.set_overload_w(v); },
            [&] { meter.clear_overload_w(); });
        take(
            whole("state_interval_s", 1, 86'400, false),
            [&](auto v) { meter.set_state_interval_s(static_cast<int>(v)); },
            [&] { meter.clear_state_interval_s(); });
        take(
            whole("reading_interval_s", 1, 86'400, false),
            [&](auto v) { meter.set_reading_interval_s(static_cast<int>(v)); },
            [&] { meter.clear_reading_interval_s(); });
        return meter;
    }

    /// Marks the field when there is no such unit.
    std::int64_t unit_id() {
        const auto code = value("unit_code");
        if (code.empty()) {
            return 0;
        }
        if (!is_new() && code == meter_.unit_code()) {
            return meter_.unit_id();
        }
        const auto known = units_.find(code);
        if (known == units_.end()) {
            fail("unit_code", fill(tr("There is no unit {} in this property. Add it on the "
                                      "Buildings tab first."),
                                   code));
            return 0;
        }
        return known->second;
    }

    void not_loaded(const Fault& fault) {
        screen_.failure = describe_with_code(fault);
        tell();
    }
    void load_channels() {
        v1::ListChannelsRequest request;
        request.set_property_id(context_.session.property_id());
        request.mutable_page()->set_size(1000);
        call_ = context_.server.call(
            method::list_channels, request,
            std::function<void(Result<v1::ListChannelsResponse>)>{
                [this](Result<v1::ListChannelsResponse> result) {
                    if (!result) {
                        not_loaded(result.fault());
                        return;
                    }
                    auto* field = find("channel_id");
                    for (const auto& one : result->channels()) {
                        field->options.push_back({std::to_string(one.channel_id()), one.code()});
                    }
                    if (field->value.empty() && !field->options.empty()) {
                        field->value = field->options.front().value;
                    }
                    load_profiles();
                }});
    }
    void load_profiles() {
        call_ = context_.server.call(
            method::list_profiles, v1::ListProfilesRequest{},
            std::function<void(Result<v1::ListProfilesResponse>)>{
                [this](Result<v1::ListProfilesResponse> result) {
                    if (!result) {
                        not_loaded(result.fault());
                        return;
                    }
                    auto* field = find("profile");
                    for (const auto& one : result->profiles()) {
                        field->options.push_back({one.id(), one.vendor() + " " + one.model()});
                    }
                    if (field->value.empty() && !field->options.empty()) {
                        field->value = field->options.front().value;
                    }
                    load_units({});
                }});
    }
    void load_units(const std::string& page_token) {
        v1::ListUnitsRequest request;
        request.set_property_id(context_.session.property_id());
        request.mutable_page()->set_size(1000);
        request.mutable_page()->set_token(page_token);
        call_ = context_.server.call(
            method::list_units, request,
            std::function<void(Result<v1::ListUnitsResponse>)>{[this](Result<v1::ListUnitsResponse> result) {
                if (!result) {
                    not_loaded(result.fault());
                    return;
                }
                for (const auto& one : result->units()) {
                    units_.emplace(one.code(), one.unit_id());
                }
                if (const auto next = result->next_page_token(); !next.empty() && units_.size() < kUnitsMax) {
                    load_units(next);
                    return;
                }
                screen_.off_reason.clear();
                tell();
            }});
    }

    v1::Meter meter_;
    std::map<std::string, std::int64_t> units_;
    Call call_;
};

}  // namespace

std::unique_ptr<Form> meter_form(Context& context, const v1::Meter* meter) {
    return std::make_unique<MeterForm>(context, meter);
}

}  // namespace wutong::client
