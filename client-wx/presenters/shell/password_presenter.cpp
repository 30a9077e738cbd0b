#include "client-wx/presenters/shell/password_presenter.hpp"

#include <google/protobuf/empty.pb.h>
#include <wutong/v1/session_service.pb.h>

#include "client-wx/api/methods.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

PasswordPresenter::PasswordPresenter(Context& context, std::function<void()> on_changed)
    : context_{context}, changed_{std::move(on_changed)} {}

void PasswordPresenter::change(const std::string& old_password, const std::string& new_password,
                               const std::string& repeated) {
    if (screen_.busy) {
        return;
    }
    screen_ = {};
    if (old_password.empty()) {
        screen_.old_error = tr("Type the password that you use now");
    }
    if (new_password.size() < length_min) {
        screen_.new_error = fill(tr("At least {n} characters"), fmt::arg("n", length_min));
    } else if (new_password == old_password) {
        screen_.new_error = tr("This is the password that you use now");
    } else if (repeated != new_password) {
        screen_.repeat_error = tr("The two are not the same");
    }
    if (!screen_.old_error.empty() || !screen_.new_error.empty() || !screen_.repeat_error.empty()) {
        changed_();
        return;
    }
    v1::ChangePasswordRequest request;
    request.set_old_password(old_password);
    request.set_new_password(new_password);
    screen_.busy = true;
    call_ = context_.server.call(method::change_password, request,
                                 [this](const Result<google::protobuf::Empty>& result) {
                                     screen_.busy = false;
                                     if (result) {
                                         screen_.done = true;
                                     } else if (result.fault().reason == "wrong_credentials") {
                                         screen_.old_error = tr("This is not the password that you use now");
                                     } else {
                                         screen_.new_error = field_fault(result.fault(), "new_password");
                                         if (screen_.new_error.empty()) {
                                             screen_.error = describe_with_code(result.fault());
                                         }
                                     }
                                     changed_();
                                 });
    changed_();
}

}  // namespace wutong::client
