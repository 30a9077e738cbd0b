#pragma once

#include <wx/timer.h>

#include <functional>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/label.hpp"

namespace wutong::client {

/// A lasting condition, under the header: icon, sentence, one action at the right. Hidden until shown.
class Banner : public Panel {
public:
    enum class Kind { warning, info, danger };
    explicit Banner(wxWindow* parent);
    /// An empty action: no button.
    void show(Kind kind, std::string_view icon, const wxString& sentence, const wxString& action = {});
    void set_action(const wxString& action);  ///< "Try now, next in 8 s"
    void hide();
    void on_action(std::function<void()> run);
    [[nodiscard]] wxColour ground_colour() const override;

private:
    [[nodiscard]] StateStyle style() const;
    void restyle();
    void paint();
    Kind kind_{Kind::info};
    std::string icon_;
    wxString sentence_;
    Button* action_;
};

/// An event, bottom centre of `parent`, one at a time: 5 s, 10 s with Undo. Never for errors.
class Toast : public DrawnControl {
public:
    explicit Toast(wxWindow* parent);
    /// @param undo_label "Undo (Ctrl+Z)"; empty: none
    void show(const wxString& sentence, const wxString& undo_label = {}, std::function<void()> undo = {});
    void hide();
    /// Ctrl+Z. @return whether there was something to undo
    bool undo();
    void place();  ///< again, after the parent's size changed

protected:
    void draw(Painter& painter) override;
    void clicked_at(const wxPoint& point) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString sentence_, undo_label_;
    std::function<void()> undo_;
    wxTimer timer_;
};

/// Nothing to show: icon, a sentence, the one next step.
class EmptyState : public Panel {
public:
    EmptyState(wxWindow* parent, std::string_view icon, const wxString& sentence, const wxString& detail = {},
               const wxString& action = {}, Token ground = Token::bg);
    void set(std::string_view icon, const wxString& sentence, const wxString& detail = {},
             const wxString& action = {});
    void on_action(std::function<void()> run);

private:
    class Picture;
    Picture* picture_;
    Label* sentence_;
    Label* detail_;
    Button* action_;
};

/// Turns while something is awaited; starts and stops with Show/Hide.
class Spinner : public DrawnControl {
public:
    explicit Spinner(wxWindow* parent, int size_dip = measure::icon_m, Token ink = Token::accent);
    bool Show(bool show = true) override;

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override { return {dip(size_), dip(size_)}; }

private:
    int size_;
    Token ink_;
    int turn_{0};
    wxTimer timer_;
};

/// Part of a whole, in up to a few colours: done, under way, failed.
class ProgressBar : public DrawnControl {
public:
    struct Part {
        double share;  ///< 0…1
        Token colour;
    };
    explicit ProgressBar(wxWindow* parent, int height_dip = 8);
    void set(std::vector<Part> parts);
    void set(double share, Token colour = Token::accent) { set({{share, colour}}); }

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    int height_;
    std::vector<Part> parts_;
};

/// Paid → Sent → Meter → Printed, one under the other with times.
class Steps : public DrawnControl {
public:
    enum class State { waiting, busy, done, failed, skipped };
    struct Step {
        State state;
        wxString words;
        wxString time;
    };
    explicit Steps(wxWindow* parent);
    void set(std::vector<Step> steps);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    std::vector<Step> steps_;
    wxTimer timer_;
    int turn_{0};
};

/// The small frame with a key's name: [F2].
class KeyHint : public DrawnControl {
public:
    KeyHint(wxWindow* parent, const wxString& key);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString key_;
};

/// ✓ Meter answers, relay on — a line with a tick, warning or cross: the checks of a sale.
class CheckLine : public DrawnControl {
public:
    enum class State { good, warning, bad, unknown };
    CheckLine(wxWindow* parent, State state, const wxString& words);
    void set(State state, const wxString& words);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] wxArrayString lines() const;
    State state_;
    wxString words_;
};

}  // namespace wutong::client
