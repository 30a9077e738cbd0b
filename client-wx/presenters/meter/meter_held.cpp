#include "client-wx/presenters/meter/meter_held.hpp"

#include <wutong/v1/held_service.pb.h>

#include <algorithm>

#include "client-wx/api/held_methods.hpp"
#include "client-wx/presenters/held/held_forms.hpp"
#include "client-wx/presenters/held/held_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kPage = 500;

}  // namespace

MeterHeld::MeterHeld(Context& context) : context_{context} {
    guards_ = context_.guards.on_change([this] { write(); });
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && meter_id_ != 0 && !known_) {
            refresh();
        }
        write();
    });
    live_ = context_.live.subscribe([this](const LiveChange& change) {
        const auto index = context_.live.index_of(meter_id_);
        if (change.all ||
            (index && std::binary_search(change.indices.begin(), change.indices.end(), *index))) {
            write();
        }
    });
}

MeterHeld::~MeterHeld() = default;

void MeterHeld::show(std::int64_t meter_id) {
    if (meter_id != meter_id_) {
        meter_id_ = meter_id;
        known_ = false;
        held_.reset();
        fault_.clear();
    }
    refresh();
    write();
}

void MeterHeld::refresh() {
    if (meter_id_ != 0 && context_.session.may("held.read")) {
        fetch({});
    }
}

void MeterHeld::fetch(const std::string& page_token) {
    v1::ListHeldMetersRequest request;
    request.set_property_id(context_.session.property_id());
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(page_token);
    call_ = context_.server.call(method::list_held_meters, request,
                                 std::function<void(Result<v1::ListHeldMetersResponse>)>{
                                     [this](Result<v1::ListHeldMetersResponse> result) {
                                         if (!result) {
                                             fault_ =
                                                 known_ ? std::string{} : describe_with_code(result.fault());
                                             return write();
                                         }
                                         fault_.clear();
                                         for (const auto& one : result->meters()) {
                                             if (one.meter_id() == meter_id_) {
                                                 held_ = std::make_unique<v1::HeldMeter>(one);
                                                 known_ = true;
                                                 return write();
                                             }
                                         }
                                         if (!result->next_page_token().empty()) {
                                             return fetch(result->next_page_token());
                                         }
                                         held_.reset();
                                         known_ = true;
                                         write();
                                     }});
}

void MeterHeld::write() {
    MeterHeldScreen s;
    const auto* meter = context_.live.find(meter_id_);
    if (meter != nullptr && meter->prepaid() && context_.session.may("held.read")) {
        s.shown = true;
        s.fault = fault_;
        if (known_ && held_) {
            s.stopped = !held_->stopped().empty();
            s.credit = {{tr("Kept by"), tr("the server"), Ink::info},
                        {tr("Decided"), table_date(to_time_point(held_->since())) + " · " +
                                            clipped(held_->decided_by(), 40)},
                        {tr("Reason"), clipped(held_->reason(), 200)},
                        {tr("Charged up to"), charged_words(*held_)}};
            if (s.stopped) {
                s.credit.push_back(
                    {tr("Not charged"), describe_server_text(clipped(held_->stopped(), 300)), Ink::danger});
            }
            s.change = tr("Let the meter keep it…");
        } else {
            s.credit = {{tr("Kept by"), known_ ? tr("the meter itself") : std::string{kDash}}};
            s.change = tr("Let the server keep it…");
        }
        const bool may = context_.session.may("held.write");
        const auto no_right = tr("Your role does not allow it.");
        const auto offline = tr("No connection to the server.");
        s.why_not_change =
            !may                            ? no_right
            : !context_.connection.online() ? offline
            : !known_                       ? tr("Loading…")
            : meter->account_id != 0
                ? fill(tr("{unit} belongs to account {account}. Close that one first."),
                       fmt::arg("unit", unit_or_code(*meter)), fmt::arg("account", meter->account_number))
                : std::string{};
        s.can_change = s.why_not_change.empty();
        s.why_not_go_on = !may ? no_right : !context_.connection.online() ? offline : std::string{};
        s.can_go_on = s.stopped && s.why_not_go_on.empty();
        s.why_not_guard = !may                            ? no_right
                          : !context_.connection.online() ? offline
                          : meter->unit_code.empty()      ? tr("The meter belongs to no unit.")
                                                          : std::string{};
        s.can_guard = s.why_not_guard.empty();
        screen_ = std::move(s);
        write_guard(*meter);
    } else {
        screen_ = std::move(s);
    }
    if (on_changed) {
        on_changed();
    }
}

void MeterHeld::write_guard(const LiveMeter& meter) {
    auto& s = screen_;
    if (const auto* guard = context_.guards.of(meter.unit_code)) {
        s.guard = {{tr("Never switched off by the server"), guard_kind_words(guard->kind), Ink::warn},
                   {tr("Note"), guard->note},
                   {tr("Decided"), table_date(guard->since) + " · " + guard->decided_by}};
        s.guard_button = tr("Change the guard…");
    } else {
        s.guard = {{tr("Never switched off by the server"),
                    context_.guards.known() ? tr("No") : std::string{kDash}}};
        s.guard_button = tr("Guard the unit…");
    }
}

std::unique_ptr<Form> MeterHeld::change_form() {
    const auto* meter = context_.live.find(meter_id_);
    if (meter == nullptr || !screen_.can_change) {
        return nullptr;
    }
    return held_ ? run_meter_held_form(context_, meter_id_, unit_or_code(*meter))
                 : run_server_held_form(context_, meter_id_, unit_or_code(*meter));
}

std::unique_ptr<Form> MeterHeld::go_on_form() {
    const auto* meter = context_.live.find(meter_id_);
    if (meter == nullptr || !held_ || !screen_.can_go_on) {
        return nullptr;
    }
    return go_on_charging_form(context_, meter_id_, unit_or_code(*meter),
                               describe_server_text(clipped(held_->stopped(), 300)));
}

std::unique_ptr<Form> MeterHeld::guard_form() {
    const auto* meter = context_.live.find(meter_id_);
    return meter == nullptr || !screen_.can_guard
               ? nullptr
               : client::guard_form(context_, meter->unit_code, context_.guards.of(meter->unit_code));
}

}  // namespace wutong::client
