#pragma once

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/shell/sign_in_presenter.hpp"

namespace wutong::client {

/// The whole window until somebody is signed in, and again while the screen is locked.
class SignInView final : public Panel {
public:
    SignInView(wxWindow* parent, Context& context, SignInPresenter& presenter);
    /// What the presenter says now.
    void show();
    /// Comes to the front: empty password, focus where it is needed.
    void open();
    /// The name is empty and waits to be typed.
    void another_operator();

private:
    class ServerLine;
    wxSizer* address_part();
    wxSizer* contact_part();
    wxSizer* form_part();
    void sign_in();
    void focus_first();

    Context& context_;
    SignInPresenter& presenter_;
    Card* card_;
    Label* title_;
    Label* explanation_;
    wxSizer* address_part_;
    wxSizer* contact_part_;
    wxSizer* form_part_;
    TextField* address_{nullptr};
    Button* use_address_{nullptr};
    Button* keep_server_{nullptr};
    Label* contact_words_{nullptr};
    Label* presented_{nullptr};
    Label* pinned_title_{nullptr};
    Label* pinned_{nullptr};
    Button* trust_{nullptr};
    Button* distrust_{nullptr};
    TextField* operator_{nullptr};
    PasswordField* password_{nullptr};
    Button* sign_in_{nullptr};
    ServerLine* server_line_;
    Button* other_server_;
    Segmented* language_;
    std::optional<SignInScreen::Step> shown_;
};

}  // namespace wutong::client
