#include "client-wx/presenters/operators/operator_forms.hpp"

#include <sstream>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/operators/operator_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/operator_service.pb.h"
#include "wutong/v1/session_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::size_t kPasswordMin = 8;

std::vector<std::string> words_of(const std::string& list) {
    std::istringstream in{list};
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

class OperatorForm final : public Form {
public:
    OperatorForm(Context& context, const v1::Operator* one) : Form{context} {
        if (one != nullptr) {
            before_ = *one;
        }
        screen_.title = is_new() ? tr("Add operator") : fill(tr("Operator {}"), before_.name());
        if (is_new()) {
            add({"name", FormField::Kind::text, tr("Signs in as"), "", "",
                 tr("Letters, digits and . _ @ -")});
        }
        add({"full_name", FormField::Kind::text, tr("Name"), before_.full_name(), "",
             tr("As it stands on receipts and in the log")});
        if (is_new()) {
            add({"password", FormField::Kind::password, tr("First password"), "", "",
                 tr("At least 8 characters; the operator changes it after signing in")});
        }
        std::string roles;
        for (const auto& role : before_.roles()) {
            roles += (roles.empty() ? "" : " ") + role;
        }
        add({"roles", FormField::Kind::several, tr("Roles"), roles});
        add({"all_properties", FormField::Kind::toggle, tr("All properties, also new ones"),
             is_new() || before_.all_properties() ? "1" : ""});
        std::string chosen;
        for (const auto id : before_.property_ids()) {
            chosen += (chosen.empty() ? "" : " ") + std::to_string(id);
        }
        auto& properties = add({"property_ids", FormField::Kind::several, tr("Or only these"), chosen});
        for (const auto& property : context.session.properties()) {
            properties.options.push_back({std::to_string(property.property_id), property.name});
        }
        follow("all_properties");
        screen_.off_reason = tr("The roles are still being fetched.");
        load_roles();
    }

protected:
    void follow(const std::string& key) override {
        if (key == "all_properties") {
            find("property_ids")->enabled = value("all_properties").empty();
        }
    }
    void check() override {
        if (is_new()) {
            need("name");
            if (value("password").size() < kPasswordMin) {
                fail("password", tr("At least 8 characters."));
            }
        }
        if (value("roles").empty()) {
            fail("roles", tr("Choose at least one role."));
        }
        if (value("all_properties").empty() && value("property_ids").empty()) {
            fail("property_ids", tr("Choose at least one property."));
        }
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto name = is_new() ? value("name") : before_.name();
        return fill(is_new() ? tr("Add operator {}") : tr("Save operator {}"), name);
    }
    void send() override {
        const bool all = !value("all_properties").empty();
        const auto roles = words_of(value("roles"));
        std::vector<std::int64_t> properties;
        if (!all) {
            for (const auto& id : words_of(value("property_ids"))) {
                properties.push_back(std::stoll(id));
            }
        }
        if (is_new()) {
            v1::CreateOperatorRequest request;
            request.set_request_id(new_request_id());
            request.set_name(value("name"));
            request.set_full_name(value("full_name"));
            request.set_password(value("password"));
            request.mutable_roles()->Add(roles.begin(), roles.end());
            request.set_all_properties(all);
            request.mutable_property_ids()->Add(properties.begin(), properties.end());
            change<v1::CreateOperatorRequest, v1::Operator>(
                method::create_operator, std::move(request),
                [](const v1::Operator& made) { return fill(tr("Operator {} added."), made.name()); });
        } else {
            v1::UpdateOperatorRequest request;
            request.set_request_id(new_request_id());
            request.set_operator_id(before_.operator_id());
            request.set_full_name(value("full_name"));
            request.mutable_roles()->mutable_roles()->Add(roles.begin(), roles.end());
            request.mutable_properties()->set_all(all);
            request.mutable_properties()->mutable_property_ids()->Add(properties.begin(), properties.end());
            change<v1::UpdateOperatorRequest, v1::Operator>(
                method::update_operator, std::move(request), [](const v1::Operator& saved_one) {
                    return fill(tr("Operator {} saved."), saved_one.name());
                });
        }
    }

private:
    [[nodiscard]] bool is_new() const { return before_.operator_id() == 0; }
    void load_roles() {
        roles_ = context_.server.call(
            method::list_roles, google::protobuf::Empty{},
            std::function<void(Result<v1::ListRolesResponse>)>{[this](Result<v1::ListRolesResponse> result) {
                if (!result) {
                    screen_.failure = describe_with_code(result.fault());
                } else {
                    for (const auto& role : result->roles()) {
                        find("roles")->options.push_back({role.code(), role_words(role.code())});
                    }
                    screen_.off_reason.clear();
                }
                tell();
            }});
    }

    v1::Operator before_;
    Call roles_;
};

/// Two new passwords that must be the same.
void check_new_password(const std::string& first, const std::string& again,
                        const std::function<void(const char*, const std::string&)>& fail) {
    if (first.size() < kPasswordMin) {
        fail("new_password", tr("At least 8 characters."));
    } else if (first != again) {
        fail("again", tr("It differs from the one above."));
    }
}

class ResetPasswordForm final : public Form {
public:
    ResetPasswordForm(Context& context, std::int64_t id, std::string name)
        : Form{context}, id_{id}, name_{std::move(name)} {
        screen_.title = fill(tr("New password for {}"), name_);
        screen_.intro = tr("Signs the operator out everywhere. Tell the new password in person.");
        add({"new_password", FormField::Kind::password, tr("New password"), "", "",
             tr("At least 8 characters")});
        add({"again", FormField::Kind::password, tr("Once more")});
    }

protected:
    void check() override {
        check_new_password(value("new_password"), value("again"),
                           [this](auto key, const auto& text) { fail(key, text); });
    }
    [[nodiscard]] std::string submit_label() const override { return fill(tr("Set password of {}"), name_); }
    void send() override {
        v1::UpdateOperatorRequest request;
        request.set_request_id(new_request_id());
        request.set_operator_id(id_);
        request.set_new_password(value("new_password"));
        change<v1::UpdateOperatorRequest, v1::Operator>(
            method::update_operator, std::move(request), [](const v1::Operator& saved_one) {
                return fill(tr("{} has a new password."), saved_one.name());
            });
    }

private:
    std::int64_t id_;
    std::string name_;
};

class ChangePasswordForm final : public Form {
public:
    explicit ChangePasswordForm(Context& context) : Form{context} {
        screen_.title = tr("Change password");
        screen_.intro = tr("Your sessions elsewhere end; this one goes on.");
        add({"old_password", FormField::Kind::password, tr("Present password")});
        add({"new_password", FormField::Kind::password, tr("New password"), "", "",
             tr("At least 8 characters")});
        add({"again", FormField::Kind::password, tr("New password once more")});
    }

protected:
    void check() override {
        if (value("old_password").empty()) {
            fail("old_password", tr("Fill this in."));
        }
        check_new_password(value("new_password"), value("again"),
                           [this](auto key, const auto& text) { fail(key, text); });
        if (value("new_password") == value("old_password")) {
            fail("new_password", tr("It is the present one. Choose another."));
        }
    }
    [[nodiscard]] std::string submit_label() const override { return tr("Change password"); }
    void send() override {
        // Carries no request_id: it is not asked again by itself, and an unknown outcome is said.
        v1::ChangePasswordRequest request;
        request.set_old_password(value("old_password"));
        request.set_new_password(value("new_password"));
        began();
        call_ = context_.server.call(
            method::change_password, request,
            std::function<void(Result<google::protobuf::Empty>)>{
                [this](Result<google::protobuf::Empty> result) {
                    if (result) {
                        saved(tr("Your password is changed."));
                        return;
                    }
                    const auto& fault = result.fault();
                    if (fault.kind == Fault::Kind::unauthenticated && fault.reason == "wrong_credentials") {
                        fail("old_password", tr("This is not your present password."));
                        Fault without;
                        without.fields.push_back({"old_password", ""});
                        refused(without);
                        return;
                    }
                    refused(fault);
                    if (fault.kind == Fault::Kind::outcome_unknown) {
                        screen_.failure =
                            tr("No answer came. The password may be changed: try the new one at your next "
                               "sign-in, then the old one.");
                        tell();
                    }
                }});
    }

private:
    Call call_;
};

}  // namespace

std::unique_ptr<Form> operator_form(Context& context, const v1::Operator* one) {
    return std::make_unique<OperatorForm>(context, one);
}

std::unique_ptr<Form> reset_password_form(Context& context, std::int64_t id, const std::string& name) {
    return std::make_unique<ResetPasswordForm>(context, id, name);
}

std::unique_ptr<Form> change_password_form(Context& context) {
    return std::make_unique<ChangePasswordForm>(context);
}

}  // namespace wutong::client
