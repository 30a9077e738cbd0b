#include "client-wx/views/kiosk/kiosk_frame.hpp"

#include <wx/app.h>

#include <algorithm>
#include <string>

#include "client-wx/theme/theme.hpp"
#include "client-wx/views/kiosk/kiosk_canvas.hpp"
#include "client-wx/views/kiosk/kiosk_layout.hpp"
#include "client-wx/views/languages.hpp"

namespace wutong::client {

namespace {

/// For the window's title, which says where the kiosk is and nothing about who stands there: screen readers
/// and tests read it.
const char* name_of(KioskStage stage) {
    switch (stage) {
        case KioskStage::server:
            return "server";
        case KioskStage::certificate:
            return "certificate";
        case KioskStage::registration:
            return "registration";
        case KioskStage::start:
            return "start";
        case KioskStage::unit:
            return "unit";
        case KioskStage::pin:
            return "pin";
        case KioskStage::account:
            return "account";
        case KioskStage::away:
            return "away";
        case KioskStage::operator_name:
            return "operator_name";
        case KioskStage::operator_password:
            return "operator_password";
        case KioskStage::operator_menu:
            return "operator_menu";
    }
    return "";
}

}  // namespace

KioskFrame::KioskFrame(Context& context)
    : wxFrame{nullptr, wxID_ANY, "wutong-kiosk", wxDefaultPosition,
              wxSize{measure::window_width_min, measure::window_height_min}},
      presenter_{context, *this},
      canvas_{new KioskCanvas{this, presenter_}} {
    Bind(wxEVT_CHAR_HOOK, &KioskFrame::on_key, this);
    Bind(wxEVT_CHAR, &KioskFrame::on_character, this);
    canvas_->Bind(wxEVT_CHAR, &KioskFrame::on_character, this);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        canvas_->SetSize(GetClientSize());
        scale();
        event.Skip();
    });
    // Alt+F4 and the window manager: no way out but an operator's.
    Bind(wxEVT_CLOSE_WINDOW, [this](wxCloseEvent& event) {
        if (!ending_ && full_screen_ && event.CanVeto()) {
            event.Veto();
            return;
        }
        Destroy();
    });
}

KioskFrame::~KioskFrame() = default;

void KioskFrame::begin() {
    ShowFullScreen(true, wxFULLSCREEN_ALL);
    Show();
    scale();
    canvas_->SetFocus();
    presenter_.begin();
}

void KioskFrame::show(const KioskScreen& screen) {
    const auto title = wxs(std::string{"wutong-kiosk: "} + name_of(screen.stage) +
                           (screen.still_there ? " still-there" : ""));
    if (title != GetTitle()) {
        SetTitle(title);
    }
    canvas_->show(screen);
}

void KioskFrame::use_language(bool chinese) {
    client::use_language(chinese ? Language::chinese : Language::english);
}

void KioskFrame::use_larger(bool larger) {
    larger_ = larger;
    theme::set_high_contrast(larger);
    scale();
}

void KioskFrame::use_full_screen(bool on) {
    full_screen_ = on;
    ShowFullScreen(on, wxFULLSCREEN_ALL);
}

void KioskFrame::quit() {
    ending_ = true;
    // Not from inside of the presenter's own call.
    CallAfter([this] { Close(true); });
}

void KioskFrame::scale() {
    const auto size = GetClientSize();
    const double fits = kiosk_layout::scale_of(size.x, size.y);
    const double wanted = std::clamp(fits, kiosk_layout::type_least, kiosk_layout::type_most) *
                          (larger_ ? kiosk_layout::larger : 1.0);
    if (wanted != theme::text_scale()) {
        theme::set_text_scale(wanted);
    }
    canvas_->Refresh();
}

void KioskFrame::on_key(wxKeyEvent& event) {
    // Keyboards are for staff and scanners; tenants have none.
    switch (event.GetKeyCode()) {
        case WXK_RETURN:
        case WXK_NUMPAD_ENTER:
            presenter_.go_on();
            return;
        case WXK_BACK:
            presenter_.erase();
            return;
        case WXK_ESCAPE:
            presenter_.go_back();
            return;
        case WXK_F11:
            presenter_.ask_operator();
            return;
        case WXK_TAB:
            return;
        default:
            event.Skip();
    }
}

void KioskFrame::on_character(wxKeyEvent& event) {
    const auto sign = event.GetUnicodeKey();
    if (sign != WXK_NONE && sign >= WXK_SPACE && !event.ControlDown() && !event.AltDown()) {
        presenter_.type(utf8(wxString(wxUniChar(sign))));
    }
}

KioskFrame* open_kiosk(Context& context) {
    auto* frame = new KioskFrame{context};
    frame->begin();
    return frame;
}

}  // namespace wutong::client
