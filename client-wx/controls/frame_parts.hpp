#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/label.hpp"

/// The parts around every page: rail, header, status line.
namespace wutong::client {

/// Pages at the left edge. Folds to icons below the minimal width. Up, down and Enter work; Ctrl+1…9 by the
/// frame.
class Rail : public DrawnControl {
public:
    struct Entry {
        std::string icon;
        wxString words;
        wxString key;      ///< the digit
        int count{0};      ///< 0: the key hint is shown instead
        bool loud{false};  ///< the count is red: alarms
    };
    Rail(wxWindow* parent, const wxString& product);
    void set_entries(std::vector<Entry> entries);
    void set_count(size_t index, int count, bool loud);
    void set_current(int index);  ///< −1: none
    void set_product(const wxString& name);
    /// The chip at the bottom: "02", "Cashier 02", "Counter East".
    void set_operator(const wxString& initials, const wxString& name, const wxString& place);
    /// Two lines above the chip: the cashier's shift and what is in it. Empty: no such lines.
    void set_shift(const wxString& shift, const wxString& detail);
    void on_shift(std::function<void()> run) { shift_click_ = std::move(run); }
    void set_folded(bool folded);
    void on_open(std::function<void(size_t)> run) { open_ = std::move(run); }
    /// @param where upper left corner of the chip, in screen coordinates
    void on_operator(std::function<void(wxPoint where)> run) { operator_click_ = std::move(run); }
    void open_operator_menu();

protected:
    void draw(Painter& painter) override;
    void clicked_at(const wxPoint& point) override;
    void pointer_at(const wxPoint& point) override;
    void pointer_left() override;
    bool key_pressed(wxKeyEvent& event) override;
    wxSize DoGetBestClientSize() const override;

private:
    static constexpr int nothing = -1, operator_chip = 1000, shift_lines = 1001;
    [[nodiscard]] wxRect2DDouble entry_rect(size_t index) const;
    [[nodiscard]] wxRect2DDouble chip_rect() const;
    [[nodiscard]] wxRect2DDouble shift_rect() const;
    [[nodiscard]] int part_at(const wxPoint& point) const;
    void draw_entry(Painter& painter, size_t index);
    void draw_chip(Painter& painter);
    void draw_shift(Painter& painter);

    std::vector<Entry> entries_;
    wxString product_, initials_, name_, place_, shift_, shift_detail_;
    int current_{nothing};
    int hover_{nothing};
    int focused_part_{0};
    bool folded_{false};
    std::function<void(size_t)> open_;
    std::function<void(wxPoint)> operator_click_;
    std::function<void()> shift_click_;
};

/// Title, way back, search box (opens the find popup), connection, theme, help.
class HeaderBar : public Panel {
public:
    struct Words {
        wxString search;      ///< "Find unit, shop, meter, receipt"
        wxString search_key;  ///< "Ctrl K"
        wxString theme, help;
    };
    HeaderBar(wxWindow* parent, const Words& words);
    void set_title(const wxString& title, const wxString& subtitle = {});
    /// "‹ Wall of meters  Alt+←"; empty: none
    void set_back(const wxString& words);
    enum class Live { live, waiting, offline };
    void set_live(Live live, const wxString& words);
    void on_back(std::function<void()> run);
    void on_search(std::function<void()> run);
    void on_theme(std::function<void()> run);
    void on_help(std::function<void()> run);
    /// Where the find popup hangs, in screen coordinates.
    [[nodiscard]] wxRect search_rect() const;

private:
    class SearchBox;
    class LiveDot;
    [[nodiscard]] static const char* theme_icon();
    void on_paint(wxPaintEvent&);
    Label* title_;
    Label* subtitle_;
    Button* back_;
    SearchBox* search_;
    LiveDot* live_;
    IconButton* theme_;
    IconButton* help_;
};

/// The bottom line: what is going on at the left, keys at the right.
class StatusLine : public DrawnControl {
public:
    explicit StatusLine(wxWindow* parent);
    void set(const wxString& left, const wxString& right);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString left_, right_;
};

}  // namespace wutong::client
