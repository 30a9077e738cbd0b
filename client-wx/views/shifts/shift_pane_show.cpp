// How the widgets of a shift follow its screen.
#include <wx/scrolwin.h>
#include <wx/sizer.h>

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/shifts/shift_pane.hpp"

namespace wutong::client {

namespace {

void put(TextField& field, const std::string& text) {
    if (field.text() != text) {
        field.set_text(text);
    }
}

bool same(const std::vector<std::vector<TableCell>>& a, const std::vector<std::vector<TableCell>>& b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t k = 0; k < a[i].size() && k < b[i].size(); ++k) {
            if (a[i][k].text != b[i][k].text) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

void ShiftPane::show() {
    using Stage = ShiftScreen::Stage;
    const auto& screen = presenter_.screen();
    showing_ = true;
    const bool waits = screen.stage == Stage::loading || screen.stage == Stage::failed;
    if (screen.stage == Stage::failed) {
        instead_->set("server-off", wxs(screen.fault), {}, wxs(tr("Try again")));
    } else if (screen.stage == Stage::loading) {
        instead_->set("hourglass", wxs(tr("Being fetched")));
    }
    const bool opening = screen.stage == Stage::none;
    if (instead_->Show(waits) | opening_->Show(opening) | shift_->Show(!waits && !opening)) {
        Layout();
    }
    if (opening) {
        show_opening();
    } else if (!waits) {
        show_shift();
    }
    showing_ = false;
    if (screen.stage != focused_for_) {
        focused_for_ = screen.stage;
        if (IsShownOnScreen()) {
            focus_first();
        }
    }
    if (on_shown) {
        on_shown();
    }
}

void ShiftPane::show_opening() {
    const auto& screen = presenter_.screen();
    if (points_shown_ != screen.points || point_->chosen() != screen.point) {
        points_shown_ = screen.points;
        std::vector<wxString> words;
        for (const auto& one : screen.points) {
            words.push_back(wxs(one));
        }
        point_->set_choices(words, screen.point);
    }
    point_->set_error(wxs(screen.point_error));
    put(*float_, screen.float_typed);
    float_->set_error(wxs(screen.float_error));
    open_->set_text(wxs(screen.open_words));
    open_->set_busy(screen.busy);
    if (screen.can_open) {
        open_->enable();
    } else if (!screen.busy) {
        open_->disable(wxs(screen.why_not_open));
    }
    const auto& said = !screen.notice.empty() ? screen.notice
                       : screen.busy          ? screen.notice
                                              : screen.why_not_open;
    opening_notice_->set_ink(screen.notice.empty()    ? Token::ink_2
                             : screen.notice_is_error ? Token::danger
                                                      : Token::warn);
    opening_notice_->set_text(wxs(said));
    opening_notice_->Show(!said.empty());
    opening_->Layout();
}

void ShiftPane::show_shift() {
    const auto& screen = presenter_.screen();
    title_->set_text(wxs(screen.title));
    facts_->set_text(wxs(screen.facts));
    const std::array<const std::string*, 4> values{&screen.sold, &screen.receipts, &screen.paid_out,
                                                   &screen.moved};
    for (std::size_t i = 0; i < figures_.size(); ++i) {
        figures_.at(i)->set_figure(wxs(*values.at(i)));
    }
    if (!same(moves_->shown_rows(), screen.moves)) {
        moves_->show(screen.moves);
    }
    for (auto* button : {pay_in_, pay_out_}) {
        const auto why =
            screen.own ? tr("The shift is closed.") : tr("This is the drawer of another cashier.");
        screen.may_move_cash ? button->enable() : button->disable(wxs(why));
    }
    show_count();
    show_result();
    notice_->set_ink(screen.notice_is_error ? Token::danger : Token::warn);
    notice_->set_text(wxs(screen.notice));
    notice_->Show(!screen.notice.empty());
    fit_count();
}

void ShiftPane::show_count() {
    const auto& screen = presenter_.screen();
    const bool open = screen.stage == ShiftScreen::Stage::open;
    count_card_->set_title(wxs(open ? tr("Count and close") : tr("Counted")));
    how_->Show(open);
    how_->choose(screen.by_total ? 1 : 0);
    for (std::size_t i = 0; i < notes_.size(); ++i) {
        put(*notes_[i], screen.notes[i].typed);
        notes_[i]->set_error(wxs(screen.notes[i].error));
        note_sums_[i]->set_text(wxs(screen.notes[i].sum));
    }
    scroll_->GetSizer()->Show(notes_sizer_, open && !screen.by_total, true);
    total_->Show(open && screen.by_total);
    put(*total_, screen.total_typed);
    total_->set_error(wxs(screen.total_error));
    counted_->Show(open && !screen.counted_cash.empty());
    counted_->set_value(wxs(screen.counted_cash));
    while (others_.size() < screen.others.size()) {
        const auto index = others_.size();
        auto* field = new MoneyField{scroll_, {}, wxs(currency_sign())};
        field->on_change([this, index](const std::string& text) {
            if (!showing_) {
                presenter_.type_other(index, text);
            }
        });
        field->on_enter([this, index] {
            if (index + 1 < others_.size() && others_[index + 1]->IsShown()) {
                others_[index + 1]->SetFocus();
            } else {
                close_->SetFocus();
            }
        });
        others_sizer_->Add(field, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
        others_.push_back(field);
    }
    for (std::size_t i = 0; i < others_.size(); ++i) {
        const bool there = open && i < screen.others.size();
        others_[i]->Show(there);
        if (there) {
            others_[i]->set_label(wxs(screen.others[i].label));
            put(*others_[i], screen.others[i].typed);
            others_[i]->set_error(wxs(screen.others[i].error));
        }
    }
}

void ShiftPane::show_result() {
    const auto& screen = presenter_.screen();
    const bool open = screen.stage == ShiftScreen::Stage::open;
    const bool result = !screen.result.empty();
    result_line_->Show(open && result);
    result_->Show(result);
    difference_->Show(result);
    std::vector<std::vector<TableCell>> rows;
    for (const auto& one : screen.result) {
        rows.push_back({{.text = one.name},
                        {.text = one.counted, .bold = true},
                        {.text = one.expected},
                        {.text = one.difference, .ink = one.ink, .bold = true}});
    }
    if (!same(result_->shown_rows(), rows)) {
        result_->show(std::move(rows));
    }
    difference_->set_text(wxs(screen.difference));
    difference_->set_ink(screen.difference_ink == Ink::danger ? Token::danger : Token::ok);
    reason_->Show(open && screen.reason_needed);
    put(*reason_, screen.reason);
    reason_->set_error(wxs(screen.reason_error));
    note_->Show(!open && !screen.note.empty());
    note_->set_text(wxs(screen.note));
    close_->Show(open);
    close_->set_text(wxs(screen.close_words));
    close_->set_busy(screen.busy);
    if (screen.can_close) {
        close_->enable();
    } else if (!screen.busy) {
        close_->disable(wxs(screen.why_not_close));
    }
    again_->Show(!open && screen.own);
}

void ShiftPane::fit_count() {
    count_card_->Layout();
    scroll_->FitInside();
    scroll_->Layout();
    shift_->Layout();
}

}  // namespace wutong::client
