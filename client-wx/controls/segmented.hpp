#pragma once

#include <functional>
#include <vector>

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

/// A few exclusive choices side by side: [Dots|Compact|Detail]. Left and right keys move.
class Segmented : public DrawnControl {
public:
    Segmented(wxWindow* parent, std::vector<wxString> choices, int chosen = 0);
    void set_choices(std::vector<wxString> choices, int chosen);
    void choose(int index);  ///< without the callback
    [[nodiscard]] int chosen() const { return chosen_; }
    void on_change(std::function<void(int)> run) { change_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void clicked_at(const wxPoint& point) override;
    void pointer_at(const wxPoint& point) override;
    void pointer_left() override;
    bool key_pressed(wxKeyEvent& event) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int width_of(size_t index) const;
    [[nodiscard]] int index_at(int x) const;
    void choose_and_tell(int index);

    std::vector<wxString> choices_;
    int chosen_;
    int hover_{-1};
    std::function<void(int)> change_;
};

/// [Overview] Readings  Credit …: the tabs of a page, underlined. Ctrl+PgUp/PgDn are bound by the page
/// (step()).
class TabBar : public DrawnControl {
public:
    TabBar(wxWindow* parent, std::vector<wxString> tabs, int chosen = 0);
    void choose(int index);
    [[nodiscard]] int chosen() const { return chosen_; }
    /// +1 next, −1 previous, round; tells.
    void step(int by);
    void on_change(std::function<void(int)> run) { change_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void clicked_at(const wxPoint& point) override;
    void pointer_at(const wxPoint& point) override;
    void pointer_left() override;
    bool key_pressed(wxKeyEvent& event) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int width_of(size_t index) const;
    [[nodiscard]] int index_at(int x) const;

    std::vector<wxString> tabs_;
    int chosen_;
    int hover_{-1};
    std::function<void(int)> change_;
};

}  // namespace wutong::client
