// What the tenant of an account was told, and where he is told.
#include <wutong/v1/message_service.pb.h>

#include "client-wx/api/message_methods.hpp"
#include "client-wx/presenters/accounts/account_presenter.hpp"
#include "client-wx/presenters/accounts/contact_form.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kMessagesPage = 100;

std::string message_kind_name(const std::string& kind) {
    return kind == "alarm_1"    ? tr("Alarm 1")
           : kind == "alarm_2"  ? tr("Alarm 2")
           : kind == "arrears"  ? tr("Arrears")
           : kind == "recharge" ? tr("Recharge arrived")
                                : kind;
}

TableCell message_state_cell(const v1::Message& message) {
    const auto& state = message.state();
    if (state == "sent") {
        return {.text = tr("Sent"), .ink = Ink::ok, .icon = "circle-check"};
    }
    if (state == "failed" || state == "given_up") {
        return {.text = state == "failed" ? tr("Failed") : tr("Given up"),
                .ink = state == "failed" ? Ink::danger : Ink::quiet,
                .icon = "circle-x"};
    }
    return {.text = state == "sending" ? tr("Being sent") : tr("Waits"), .ink = Ink::info, .icon = "clock"};
}

std::string told_text(const v1::MessageContact& contact) {
    if (contact.wants().empty() || (contact.phone().empty() && contact.email().empty())) {
        return tr("The tenant is told nothing.");
    }
    std::string text = contact.phone();
    if (!contact.email().empty()) {
        text += (text.empty() ? "" : "  ·  ") + clipped(contact.email(), 28);
    }
    return text;
}

}  // namespace

void AccountPresenter::show_messages() {
    messages_wanted_ = true;
    load_messages();
}

void AccountPresenter::load_messages() {
    if (!messages_wanted_ || account_id_ == 0) {
        return;
    }
    v1::GetMessageContactRequest of;
    of.set_property_id(context_.session.property_id());
    of.set_account_id(account_id_);
    contact_call_ = context_.server.call<v1::GetMessageContactRequest, v1::MessageContact>(
        method::get_message_contact, of, [this](Result<v1::MessageContact> result) {
            if (result) {
                contact_ = std::make_shared<v1::MessageContact>(*result);
                screen_.told = told_text(*contact_);
                tell();
            }
        });
    v1::ListMessagesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.mutable_page()->set_size(kMessagesPage);
    messages_call_ = context_.server.call<v1::ListMessagesRequest, v1::ListMessagesResponse>(
        method::list_messages, request, [this](Result<v1::ListMessagesResponse> result) {
            auto& table = screen_.messages;
            table = {};
            if (!result) {
                table.empty = describe_with_code(result.fault());
                return tell();
            }
            table.empty = tr("The tenant was told nothing yet.");
            for (const auto& one : result->messages()) {
                const auto cell = [](std::string text, Ink ink = Ink::normal) {
                    return TableCell{.text = std::move(text), .ink = ink};
                };
                table.rows.push_back(
                    {cell(table_time(to_time_point(one.created_at()))), cell(message_kind_name(one.kind())),
                     cell(one.channel() == "sms" ? tr("SMS") : tr("E-mail")),
                     cell(clipped(one.recipient(), 60)), message_state_cell(one),
                     cell(clipped(one.reason().empty() ? one.body() : one.reason(), 200), Ink::quiet)});
                table.keys.push_back(one.message_id());
            }
            tell();
        });
}

std::unique_ptr<Form> AccountPresenter::contact_form() {
    return contact_ ? client::contact_form(context_, *contact_) : nullptr;
}

}  // namespace wutong::client
