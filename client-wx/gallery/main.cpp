#include <wx/app.h>
#include <wx/cmdline.h>
#include <wx/dcclient.h>
#include <wx/dcmemory.h>
#include <wx/frame.h>
#include <wx/image.h>
#include <wx/msgout.h>
#include <wx/scrolwin.h>
#include <wx/sizer.h>
#include <wx/timer.h>

#include "client-wx/gallery/samples.hpp"
#include "client-wx/theme/theme.hpp"

// wutong-gallery: every control in every state, to look at. `--theme dark`, `--text 1.25`, `--size 1440x900`,
// `--screenshot FILE`; F4 changes the theme, F5 the text size, F6 asks about a consequence.
namespace wutong::client {
namespace {

class GalleryFrame : public wxFrame {
public:
    explicit GalleryFrame(wxSize size)
        : wxFrame{nullptr, wxID_ANY, "Wutong controls", wxDefaultPosition, size} {
        auto* ground = new Panel{this, Token::bg};
        auto* rows = new wxBoxSizer{wxHORIZONTAL};
        rows->Add(gallery::rail(ground), 0, wxEXPAND);
        auto* column = new wxBoxSizer{wxVERTICAL};
        column->Add(gallery::header(ground), 0, wxEXPAND);
        column->Add(gallery::banner(ground), 0, wxEXPAND);
        auto* scroll = new wxScrolledWindow{ground};
        scroll->SetScrollRate(0, 20);
        scroll->SetBackgroundColour(theme::colour(Token::bg));
        scroll->Bind(EVT_THEME_CHANGED, [scroll](ThemeEvent& event) {
            scroll->SetBackgroundColour(theme::colour(Token::bg));
            event.Skip();
        });
        scroll->SetSizer(gallery::samples(scroll));
        column->Add(scroll, 1, wxEXPAND);
        column->Add(gallery::status_line(ground), 0, wxEXPAND);
        rows->Add(column, 1, wxEXPAND);
        ground->SetSizer(rows);
        toast_ = new Toast{ground};
        Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
            CallAfter([this] { toast_->place(); });
            event.Skip();
        });
        Bind(wxEVT_CHAR_HOOK, &GalleryFrame::on_key, this);
        Bind(wxEVT_SHOW, [this](wxShowEvent& event) {
            CallAfter([this] { toast_->show("A-229 stays on until 18:00", "Undo  Ctrl+Z", [] {}); });
            event.Skip();
        });
    }

private:
    void on_key(wxKeyEvent& event) {
        if (event.GetKeyCode() == WXK_F4) {
            theme::set_mode(theme::mode() == theme::Mode::light ? theme::Mode::dark : theme::Mode::light);
        } else if (event.GetKeyCode() == WXK_F5) {
            theme::set_text_scale(theme::text_scale() > 1.2 ? 1 : 1.25);
        } else if (event.GetKeyCode() == WXK_F6) {
            gallery::ask(this);
        } else {
            event.Skip();
        }
    }

    Toast* toast_;
};

class GalleryApp : public wxApp {
public:
    void OnInitCmdLine(wxCmdLineParser& parser) override {
        parser.AddOption("", "theme", "light or dark");
        parser.AddOption("", "text", "size of text, 1 to 2");
        parser.AddOption("", "size", "WxH");
        parser.AddOption("", "screenshot", "writes a PNG of the window there and ends");
    }
    bool OnCmdLineParsed(wxCmdLineParser& parser) override {
        wxString value;
        if (parser.Found("theme", &value)) {
            mode_ = value == "dark" ? theme::Mode::dark : theme::Mode::light;
        }
        if (parser.Found("text", &value)) {
            value.ToCDouble(&scale_);
        }
        parser.Found("screenshot", &screenshot_);
        long width = 0;
        long height = 0;
        if (parser.Found("size", &value) && value.BeforeFirst('x').ToLong(&width) &&
            value.AfterFirst('x').ToLong(&height)) {
            size_ = {static_cast<int>(width), static_cast<int>(height)};
        }
        return true;
    }
    bool OnInit() override {
        if (!wxApp::OnInit()) {
            return false;
        }
        theme::start(mode_, scale_);
        auto* frame = new GalleryFrame{size_};
        frame->Show();
        if (!screenshot_.empty()) {
            wxImage::AddHandler(new wxPNGHandler);
            shutter_.SetOwner(this);
            Bind(wxEVT_TIMER, [this, frame](wxTimerEvent&) { take_picture(*frame); });
            shutter_.StartOnce(painted_after_ms);
        }
        return true;
    }

private:
    static constexpr int painted_after_ms = 1500;

    void take_picture(wxFrame& frame) {
        const auto size = frame.GetClientSize();
        wxBitmap picture{size};
        {
            wxClientDC window{&frame};
            wxMemoryDC memory{picture};
            memory.Blit(0, 0, size.x, size.y, &window, 0, 0);
        }
        if (!picture.SaveFile(screenshot_, wxBITMAP_TYPE_PNG)) {
            wxMessageOutputStderr{}.Printf("wutong-gallery: %s could not be written", screenshot_);
        }
        frame.Close();
    }

    wxString screenshot_;
    wxTimer shutter_;
    theme::Mode mode_{theme::Mode::light};
    double scale_{1};
    wxSize size_{1440, 900};
};

}  // namespace
}  // namespace wutong::client

wxIMPLEMENT_APP(wutong::client::GalleryApp);
