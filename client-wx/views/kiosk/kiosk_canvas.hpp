#pragma once

#include <wx/window.h>

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/kiosk/kiosk_presenter.hpp"
#include "client-wx/theme/paint.hpp"

namespace wutong::client {

class Chart;
class Panel;

/// The kiosk's screen. It is drawn whole from what the presenter says; what can be touched is named while it
/// is drawn. A touch acts on release, when it ends where it began.
class KioskCanvas final : public wxWindow {
public:
    KioskCanvas(wxWindow* parent, KioskPresenter& presenter);

    void show(const KioskScreen& screen);

    // For the drawing functions of views/kiosk.
    void target(std::string name, const wxRect2DDouble& rect, std::function<void()> act);
    [[nodiscard]] bool is_pressed(const std::string& name) const { return pressed_ == name; }
    [[nodiscard]] KioskPresenter& presenter() { return presenter_; }
    /// Where the chart belongs on the screen that is being drawn.
    void place_chart(const wxRect2DDouble& rect);
    /// The full keyboard's layer: capitals, signs.
    [[nodiscard]] bool capitals() const { return capitals_; }
    [[nodiscard]] bool signs() const { return signs_; }
    void switch_capitals();
    void switch_signs();

private:
    struct Target {
        std::string name;
        wxRect2DDouble rect;
        std::function<void()> act;
    };
    void on_paint(wxPaintEvent&);
    void press(const wxPoint& at);
    void release(const wxPoint& at);
    [[nodiscard]] const Target* target_at(const wxPoint& at) const;
    void set_chart(const KioskAccount& account);

    KioskPresenter& presenter_;
    KioskScreen screen_;
    std::vector<Target> targets_;
    std::string pressed_;
    Panel* chart_ground_;  ///< charts take the ground of the panel they stand on
    Chart* chart_;
    wxRect chart_place_;
    bool capitals_{false};
    bool signs_{false};
};

}  // namespace wutong::client
