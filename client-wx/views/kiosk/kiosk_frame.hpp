#pragma once

#include <wx/frame.h>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kiosk/kiosk_presenter.hpp"

namespace wutong::client {

class KioskCanvas;

/// `wutong-client --kiosk`: the whole screen, for tenants. The context's session and live meters are not
/// used.
class KioskFrame final : public wxFrame, private KioskHost {
public:
    explicit KioskFrame(Context& context);
    ~KioskFrame() override;

    /// Shows itself, full screen, and begins.
    void begin();

private:
    void show(const KioskScreen& screen) override;
    void use_language(bool chinese) override;
    void use_larger(bool larger) override;
    void use_full_screen(bool on) override;
    void quit() override;

    void on_key(wxKeyEvent& event);
    void on_character(wxKeyEvent& event);
    /// The type follows the size of the screen: the layout is drawn for 1920 × 1080.
    void scale();

    KioskPresenter presenter_;
    KioskCanvas* canvas_;
    bool larger_{false};
    bool full_screen_{true};
    bool ending_{false};
};

/// Makes the frame, shows it and begins. wx owns it.
KioskFrame* open_kiosk(Context& context);

}  // namespace wutong::client
