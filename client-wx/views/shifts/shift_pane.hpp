#pragma once

#include <array>
#include <functional>
#include <vector>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/shifts/shift_presenter.hpp"

class wxScrolledWindow;

namespace wutong::client {

/// One shift: opened at the left, its cash and its count.
class ShiftPane : public Panel {
public:
    ShiftPane(wxWindow* parent, Context& context);
    ~ShiftPane() override;

    [[nodiscard]] ShiftPresenter& presenter() { return presenter_; }
    /// Something on the screen is other now.
    std::function<void()> on_shown;
    /// Ctrl+Enter.
    void go_on();
    void move_cash(bool out);
    void focus_first();

private:
    void make_opening();
    void make_head();
    void make_count();
    void show();
    void show_opening();
    void show_shift();
    void show_count();
    void show_result();
    void fit_count();

    Context& context_;
    bool made_{false};  // before the presenter, which tells while it is made
    bool showing_{false};
    ShiftPresenter presenter_;
    ShiftScreen::Stage focused_for_{ShiftScreen::Stage::loading};

    EmptyState* instead_;
    Panel* opening_;
    ChoiceField* point_;
    MoneyField* float_;
    Label* opening_notice_;
    Button* open_;
    std::vector<std::string> points_shown_;

    Panel* shift_;
    Label* title_;
    Label* facts_;
    std::array<FigureCard*, 4> figures_{};
    Button* pay_in_;
    Button* pay_out_;
    Table* moves_;
    Card* count_card_;
    wxScrolledWindow* scroll_;
    Segmented* how_;
    std::vector<TextField*> notes_;
    std::vector<Label*> note_sums_;
    wxSizer* notes_sizer_{nullptr};
    MoneyField* total_;
    FactRow* counted_;
    wxBoxSizer* others_sizer_{nullptr};
    std::vector<MoneyField*> others_;
    Divider* result_line_;
    Table* result_;
    Label* difference_;
    TextField* reason_;
    Label* note_;
    Label* notice_;
    Button* close_;
    Button* again_;
};

}  // namespace wutong::client
