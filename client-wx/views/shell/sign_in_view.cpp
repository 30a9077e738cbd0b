#include "client-wx/views/shell/sign_in_view.hpp"

#include <wx/dcbuffer.h>
#include <wx/sizer.h>
#include <wx/weakref.h>

#include <utility>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/languages.hpp"

namespace wutong::client {
namespace {

constexpr int card_width = 420, words_width = card_width - 2 * space::card_padding;
constexpr int logo_side = 44, logo_gap = 14, dot_side = 8;

/// The leaf and the name above the card.
class Logo : public DrawnControl {
public:
    explicit Logo(wxWindow* parent) : DrawnControl{parent, Focus::none} {}

protected:
    void draw(Painter& painter) override {
        const double side = dip(logo_side);
        const auto size = GetClientSize();
        const auto name = wxs(tr("Wutong"));
        painter.box({0, (size.y - side) / 2, side, side},
                    {.fill = theme::colour(Token::rail_mark), .radius = measure::radius_card + 2.0});
        painter.icon_centred("leaf", measure::icon_kiosk, theme::colour(Token::rail),
                             {0, (size.y - side) / 2, side, side});
        painter.text(name, Text::hero, Token::ink, {side + dip(logo_gap), 0, size.x - side, size.y * 1.0});
    }
    wxSize DoGetBestClientSize() const override {
        return {dip(logo_side + logo_gap) + theme::text_width(Text::hero, wxs(tr("Wutong"))) + 1,
                std::max(dip(logo_side), theme::line_height(Text::hero))};
    }
};

}  // namespace

/// ● 127.0.0.1:7443 reached, 12 ms
class SignInView::ServerLine : public DrawnControl {
public:
    explicit ServerLine(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(SignInScreen::Dot dot, const wxString& words) {
        if (dot != dot_ || words != words_) {
            dot_ = dot;
            words_ = words;
            SetToolTip(words);
            Refresh();
        }
    }

protected:
    void draw(Painter& painter) override {
        const auto ink = dot_ == SignInScreen::Dot::good  ? Token::ok
                         : dot_ == SignInScreen::Dot::bad ? Token::danger
                                                          : Token::ink_3;
        const auto size = GetClientSize();
        const double radius = dip(dot_side) / 2.0;
        painter.circle(radius, size.y / 2.0, radius, theme::colour(ink));
        const double x = 2 * radius + dip(space::s);
        painter.text(words_, Text::small, dot_ == SignInScreen::Dot::bad ? Token::danger : Token::ink_2,
                     {x, 0, size.x - x, size.y * 1.0});
    }
    wxSize DoGetBestClientSize() const override {
        return {dip(120), theme::control_height(this, Text::small, 28)};
    }

private:
    SignInScreen::Dot dot_{SignInScreen::Dot::waiting};
    wxString words_;
};

SignInView::SignInView(wxWindow* parent, Context& context, SignInPresenter& presenter)
    : Panel{parent, Token::bg}, context_{context}, presenter_{presenter} {
    // When its window first comes up, GTK gives the focus to whatever stands topmost.
    wxGetTopLevelParent(this)->Bind(
        wxEVT_ACTIVATE, [view = wxWeakRef<SignInView>{this}, first = true](wxActivateEvent& event) mutable {
            event.Skip();
            if (event.GetActive() && std::exchange(first, false) && view) {
                view->CallAfter([view] {
                    if (view && view->IsShownOnScreen()) {
                        view->focus_first();
                    }
                });
            }
        });
    const auto gap = [this](int dip) { return theme::space(this, dip); };
    card_ = new Card{this};
    card_->SetMinSize({gap(card_width), -1});
    title_ = new Label{card_, {}, Text::title};
    explanation_ = new Label{card_, {}, Text::body, Token::ink_2};
    explanation_->wrap(words_width);
    card_->body()->Add(title_, 0, wxEXPAND);
    card_->body()->Add(explanation_, 0, wxEXPAND | wxTOP, gap(space::xs));
    card_->body()->AddSpacer(gap(space::l));
    address_part_ = address_part();
    contact_part_ = contact_part();
    form_part_ = form_part();
    for (auto* part : {address_part_, contact_part_, form_part_}) {
        card_->body()->Add(part, 0, wxEXPAND);
    }

    auto* below = new wxBoxSizer{wxHORIZONTAL};
    server_line_ = new ServerLine{this};
    other_server_ = new Button{this, wxs(tr("Other server")), Button::Kind::ghost};
    other_server_->on_click([this] { presenter_.change_server(); });
    below->Add(server_line_, 1, wxALIGN_CENTRE_VERTICAL);
    below->Add(other_server_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(space::s));

    language_ = new Segmented{this, {wxs("中文"), "English"}, language_in_use() == Language::chinese ? 0 : 1};
    language_->on_change([this](int index) {
        const auto chosen = index == 0 ? Language::chinese : Language::english;
        context_.preferences.set_language(chosen);
        wxTheApp->CallAfter([chosen] { use_language(chosen); });
    });

    auto* middle = new wxBoxSizer{wxVERTICAL};
    middle->Add(new Logo{this}, 0, wxALIGN_CENTRE_HORIZONTAL | wxBOTTOM, gap(space::xxl));
    middle->Add(card_, 0, wxEXPAND);
    middle->Add(below, 0, wxEXPAND | wxTOP, gap(space::m));
    auto* column = new wxBoxSizer{wxVERTICAL};
    auto* top = new wxBoxSizer{wxHORIZONTAL};
    top->AddStretchSpacer();
    top->Add(language_, 0, wxALL, gap(space::page_margin));
    column->Add(top, 0, wxEXPAND);
    column->AddStretchSpacer(2);
    column->Add(middle, 0, wxALIGN_CENTRE_HORIZONTAL);
    column->AddStretchSpacer(3);
    SetSizer(column);
    show();
}

wxSizer* SignInView::address_part() {
    const auto gap = [this](int dip) { return theme::space(this, dip); };
    auto* part = new wxBoxSizer{wxVERTICAL};
    TextField::Style style;
    style.icon = "server";
    style.placeholder = "wutong.example:7443";
    address_ = new TextField{card_, wxs(tr("Address of the server")), style};
    address_->on_enter([this] { use_address_->press(); });
    address_->set_hint(wxs(tr("Ask whoever runs it. The port is 7443 when none is given.")));
    part->Add(address_, 0, wxEXPAND | wxBOTTOM, gap(space::xl));
    use_address_ = new Button{card_, wxs(tr("Connect")), Button::Kind::primary, "plug-connected", "Enter"};
    use_address_->set_height(measure::primary);
    use_address_->on_click([this] { presenter_.use_address(address_->text()); });
    keep_server_ = new Button{card_, wxs(tr("Back"))};
    keep_server_->set_height(measure::primary);
    keep_server_->on_click([this] { presenter_.keep_server(); });
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(keep_server_, 0, wxRIGHT, gap(space::m));
    row->Add(use_address_, 1);
    part->Add(row, 0, wxEXPAND);
    return part;
}

wxSizer* SignInView::contact_part() {
    const auto gap = [this](int dip) { return theme::space(this, dip); };
    auto* part = new wxBoxSizer{wxVERTICAL};
    contact_words_ = new Label{card_, {}, Text::body, Token::ink};
    contact_words_->wrap(words_width);
    part->Add(contact_words_, 0, wxEXPAND | wxBOTTOM, gap(space::m));
    presented_ = new Label{card_, {}, Text::mono};
    presented_->wrap(words_width);
    part->Add(presented_, 0, wxEXPAND | wxBOTTOM, gap(space::m));
    pinned_title_ = new Label{card_, wxs(tr("You trusted this one:")), Text::body, Token::ink};
    pinned_ = new Label{card_, {}, Text::mono, Token::ink_2};
    pinned_->wrap(words_width);
    part->Add(pinned_title_, 0, wxEXPAND | wxBOTTOM, gap(space::s));
    part->Add(pinned_, 0, wxEXPAND | wxBOTTOM, gap(space::m));
    part->AddSpacer(gap(space::s));
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    distrust_ = new Button{card_, wxs(tr("Do not connect"))};
    trust_ = new Button{card_, wxs(tr("It is the same, trust it")), Button::Kind::primary, "certificate"};
    distrust_->set_height(measure::primary);
    trust_->set_height(measure::primary);
    distrust_->on_click([this] {
        if (presenter_.screen().step == SignInScreen::Step::certificate_changed) {
            presenter_.change_server();
        } else {
            presenter_.distrust();
        }
    });
    trust_->on_click([this] { presenter_.trust(); });
    row->Add(distrust_, 0, wxRIGHT, gap(space::m));
    row->Add(trust_, 1);
    part->Add(row, 0, wxEXPAND);
    return part;
}

wxSizer* SignInView::form_part() {
    const auto gap = [this](int dip) { return theme::space(this, dip); };
    auto* part = new wxBoxSizer{wxVERTICAL};
    operator_ = new TextField{card_, wxs(tr("Operator"))};
    operator_->on_enter([this] { password_->SetFocus(); });
    password_ = new PasswordField{card_, wxs(tr("Password"))};
    password_->on_enter([this] { sign_in(); });
    sign_in_ = new Button{card_, wxs(tr("Sign in")), Button::Kind::primary, "login", "Enter"};
    sign_in_->set_height(measure::primary);
    sign_in_->on_click([this] { sign_in(); });
    part->Add(operator_, 0, wxEXPAND | wxBOTTOM, gap(space::l));
    part->Add(password_, 0, wxEXPAND | wxBOTTOM, gap(space::m));
    part->AddSpacer(gap(space::s));
    part->Add(sign_in_, 0, wxEXPAND);
    return part;
}

void SignInView::sign_in() {
    if (presenter_.screen().can_sign_in) {
        presenter_.sign_in(operator_->text(), password_->text());
    }
}

void SignInView::open() {
    password_->clear();
    operator_->set_text(presenter_.screen().operator_name);
    shown_.reset();
    show();
}

void SignInView::another_operator() {
    operator_->clear();
    password_->clear();
    operator_->SetFocus();
}

void SignInView::focus_first() {
    using Step = SignInScreen::Step;
    switch (presenter_.screen().step) {
        case Step::form:
            operator_->text().empty() ? operator_->SetFocus() : password_->SetFocus();
            break;
        case Step::address:
            address_->SetFocus();
            break;
        default:
            distrust_->SetFocus();
    }
}

void SignInView::show() {
    using Step = SignInScreen::Step;
    const auto& screen = presenter_.screen();
    const bool asks = screen.step == Step::first_contact || screen.step == Step::certificate_changed;
    Freeze();
    card_->body()->Show(address_part_, screen.step == Step::address);
    card_->body()->Show(contact_part_, asks);
    card_->body()->Show(form_part_, screen.step == Step::form);

    switch (screen.step) {
        case Step::address:
            title_->set_text(wxs(tr("Which server?")));
            break;
        case Step::first_contact:
            title_->set_text(wxs(tr("Is this the right server?")));
            break;
        case Step::certificate_changed:
            title_->set_text(wxs(tr("Stopped: another certificate")));
            break;
        case Step::form:
            title_->set_text(wxs(screen.title));
            break;
    }
    title_->set_ink(screen.step == Step::certificate_changed ? Token::danger : Token::ink);
    explanation_->Show(screen.step == Step::form && !screen.explanation.empty());
    explanation_->set_text(wxs(screen.explanation));

    if (screen.step == Step::address) {
        address_->set_error(wxs(screen.address_error));
        use_address_->set_busy(screen.address_busy);
        keep_server_->Show(presenter_.has_server());
    }
    if (asks) {
        const bool first = screen.step == Step::first_contact;
        contact_words_->set_text(
            first ? wxs(tr("First contact. Compare this fingerprint with the one that whoever runs the "
                           "server reads "
                           "to you. Only if they are the same is it the right one."))
                  : wxs(tr("The server shows a certificate that nobody here has trusted. Somebody may be in "
                           "between, or the "
                           "server was set up anew. Nothing was sent. Call whoever runs it. Now it shows:")));
        presented_->set_text(wxs(screen.fingerprint));
        pinned_title_->Show(!first);
        pinned_->Show(!first);
        pinned_->set_text(wxs(screen.pinned_fingerprint));
        trust_->Show(first);
        distrust_->set_text(first ? wxs(tr("Do not connect")) : wxs(tr("Other server")));
    }
    if (screen.step == Step::form) {
        password_->set_error(wxs(screen.error));
        sign_in_->set_busy(screen.busy);
        sign_in_->set_text(screen.locked ? wxs(tr("Unlock")) : wxs(tr("Sign in")));
        if (screen.can_sign_in || screen.busy) {
            sign_in_->enable();
        } else {
            sign_in_->disable(wxs(screen.why_not));
        }
    }
    const bool reached = screen.step == Step::form || screen.step == Step::certificate_changed;
    server_line_->Show(reached);
    server_line_->set(screen.server_dot, wxs(screen.server_line));
    other_server_->Show(screen.step == Step::form && !screen.locked);
    const bool anew = shown_ != screen.step;
    shown_ = screen.step;
    Layout();
    card_->Layout();
    Thaw();
    if (anew && IsShownOnScreen()) {
        if (screen.step == Step::form && operator_->text().empty()) {
            operator_->set_text(screen.operator_name);
        } else if (screen.step == Step::address) {
            address_->set_text(screen.address);
        }
        focus_first();
    }
    if (screen.step == Step::form && !screen.error.empty() && !screen.busy) {
        password_->select_all();
    }
}

}  // namespace wutong::client
