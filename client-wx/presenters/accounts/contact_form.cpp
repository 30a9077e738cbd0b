#include "client-wx/presenters/accounts/contact_form.hpp"

#include <wutong/v1/message_service.pb.h>

#include <array>
#include <utility>

#include "client-wx/api/message_methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/text/translate.hpp"
#include "core/message.hpp"

namespace wutong::client {

namespace {

constexpr std::array kMessageKinds{"alarm_1", "alarm_2", "arrears", "recharge"};

class ContactForm final : public Form {
public:
    ContactForm(Context& context, const v1::MessageContact& now) : Form{context}, before_{now} {
        screen_.title = tr("Where the tenant is told");
        screen_.intro = tr("For all accounts of this customer.");
        add({"contact.phone", FormField::Kind::text, tr("Telephone for SMS"), before_.phone(), "",
             tr("With the country's number: +8613800138000")});
        add({"contact.email", FormField::Kind::text, tr("E-mail"), before_.email()});
        auto& language =
            add({"contact.language", FormField::Kind::choice, tr("Language"), before_.language()});
        language.options = {{"zh", "中文"}, {"en", "English"}};
        const std::array labels{tr("Alarm 1: credit is low"), tr("Alarm 2: credit is very low"),
                                tr("Arrears: credit is used up"), tr("Recharge has arrived")};
        // Who is told nothing yet most likely wants everything.
        const bool first = before_.phone().empty() && before_.email().empty() && before_.wants().empty();
        for (std::size_t i = 0; i < kMessageKinds.size(); ++i) {
            bool wants = first;
            for (const auto& kind : before_.wants()) {
                wants = wants || kind == kMessageKinds.at(i);
            }
            add({kMessageKinds.at(i), FormField::Kind::toggle, labels.at(i), wants ? "1" : ""});
        }
    }

protected:
    void check() override {
        if (const auto phone = value("contact.phone"); !phone.empty() && !core::is_telephone(phone)) {
            fail("contact.phone", tr("Write it with the country's number: +8613800138000"));
        }
        if (const auto email = value("contact.email"); !email.empty() && !core::is_mail_address(email)) {
            fail("contact.email", tr("This is no e-mail address."));
        }
    }
    [[nodiscard]] std::string submit_label() const override { return tr("Save"); }
    void send() override {
        v1::SetMessageContactRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        auto& contact = *request.mutable_contact();
        contact.set_customer_id(before_.customer_id());
        contact.set_phone(value("contact.phone"));
        contact.set_email(value("contact.email"));
        contact.set_language(value("contact.language"));
        for (const auto* kind : kMessageKinds) {
            if (!value(kind).empty()) {
                contact.add_wants(kind);
            }
        }
        change<v1::SetMessageContactRequest, v1::MessageContact>(
            method::set_message_contact, std::move(request),
            [](const v1::MessageContact&) { return tr("Saved where the tenant is told."); });
    }

private:
    const v1::MessageContact before_;
};

}  // namespace

std::unique_ptr<Form> contact_form(Context& context, const v1::MessageContact& now) {
    return std::make_unique<ContactForm>(context, now);
}

}  // namespace wutong::client
