#include "client-wx/views/wall/batch_panel.hpp"

#include <algorithm>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/wall/batch_lines.hpp"

namespace wutong::client {

BatchPanel::BatchPanel(wxWindow* parent, BulkCommand& presenter)
    : Panel{parent, Token::surface}, presenter_{presenter} {
    auto* column = new wxBoxSizer{wxVERTICAL};
    build_head(column);
    divider_ = new Divider{this};
    column->Add(divider_, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::l));
    needs_you_ = new Label{this, {}, Text::section};
    column->Add(needs_you_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    lines_ = new BatchLines{this};
    lines_->on_line = [this](std::int64_t meter_id) {
        if (on_line) {
            on_line(meter_id);
        }
    };
    column->Add(lines_, 1, wxEXPAND);
    more_ = new Label{this, {}, Text::small, Token::ink_3};
    column->Add(more_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    build_buttons(column);

    auto* frame = new wxBoxSizer{wxVERTICAL};
    frame->Add(column, 1, wxEXPAND | wxALL, theme::space(this, space::card_padding));
    SetSizer(frame);
}

void BatchPanel::build_head(wxSizer* column) {
    const int text_width = measure::batch_panel - 2 * space::card_padding;
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    title_ = new Label{this, {}, Text::title};
    auto* close = new IconButton{this, "x", wxs(tr("Close the panel; the commands go on"))};
    close->on_click([this] { presenter_.close(); });
    row->Add(title_, 1, wxALIGN_CENTRE_VERTICAL);
    row->Add(close, 0, wxALIGN_CENTRE_VERTICAL);
    column->Add(row, 0, wxEXPAND);
    subtitle_ = new Label{this, {}, Text::small, Token::ink_2};
    column->Add(subtitle_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::m));
    bar_ = new ProgressBar{this, 12};
    column->Add(bar_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    progress_ = new Label{this, {}, Text::small_bold};
    column->Add(progress_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    counts_ = new BatchCounts{this};
    column->Add(counts_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::m));
    who_ = new Label{this, {}, Text::body_bold};
    who_->wrap(text_width);
    column->Add(who_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    caution_ = new Label{this, {}, Text::small, Token::warn};
    caution_->wrap(text_width);
    column->Add(caution_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    fault_ = new Label{this, {}, Text::small, Token::danger};
    fault_->wrap(text_width);
    column->Add(fault_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));

    auto* buttons = new wxBoxSizer{wxHORIZONTAL};
    pause_ = new Button{this, wxs(tr("Pause")), Button::Kind::secondary, "player-pause"};
    pause_->on_click([this] { shows_resume_ ? presenter_.resume() : presenter_.pause(); });
    stop_ = new Button{this, wxs(tr("Stop the rest")), Button::Kind::danger, "square-x"};
    stop_->on_click([this] { presenter_.stop_rest(); });
    buttons->Add(pause_, 1, wxRIGHT, theme::space(this, space::m));
    buttons->Add(stop_, 1);
    column->Add(buttons, 0, wxEXPAND);
}

void BatchPanel::build_buttons(wxSizer* column) {
    commit_ = new Button{this, {}, Button::Kind::primary, "send", "Ctrl+Enter"};
    commit_->set_height(measure::primary);
    commit_->on_click([this] { presenter_.commit(); });
    retry_ = new Button{this, {}, Button::Kind::secondary, "refresh", "Ctrl+R"};
    retry_->on_click([this] { presenter_.retry_failed(); });
    export_ =
        new Button{this, wxs(tr("Export result")), Button::Kind::secondary, "file-spreadsheet", "Ctrl+E"};
    export_->on_click([this] {
        if (on_export) {
            on_export();
        }
    });
    for (auto* button : {commit_, retry_, export_}) {
        column->Add(button, 0, wxEXPAND | wxTOP, theme::space(this, space::m));
    }
}

void BatchPanel::show(const BulkScreen& screen) {
    using Stage = BulkScreen::Stage;
    const bool before =
        screen.stage == Stage::checking || screen.stage == Stage::preview || screen.stage == Stage::sending;
    const bool going = screen.stage == Stage::running || screen.stage == Stage::finished;
    Freeze();
    title_->set_text(wxs(screen.title));
    subtitle_->set_text(wxs(screen.subtitle));
    bar_->Show(going);
    bar_->set({{screen.share_done, Token::ok},
               {screen.share_skipped, Token::ink_3},
               {screen.share_failed, Token::danger}});
    progress_->Show(going);
    progress_->set_text(wxs(screen.progress));
    counts_->Show(going);
    counts_->set(screen.counts);
    who_->Show(before);
    who_->set_text(wxs(screen.stage == Stage::checking ? tr("Asking the server who would get it…")
                                                       : screen.who_gets_it));
    caution_->set_text(wxs(screen.caution));
    caution_->Show(before && !screen.caution.empty());
    fault_->set_text(wxs(screen.fault.empty() ? screen.waiting : screen.fault));
    fault_->set_ink(screen.fault.empty() ? Token::warn : Token::danger);
    fault_->Show(!screen.fault.empty() || !screen.waiting.empty());

    shows_resume_ = screen.can_resume;
    pause_->Show(screen.stage == Stage::running);
    pause_->set_text(wxs(screen.can_resume ? tr("Go on") : tr("Pause")));
    pause_->set_icon(screen.can_resume ? "player-play" : "player-pause");
    const auto nothing_waits = wxs(tr("Nothing waits any more: all is sent."));
    screen.can_pause || screen.can_resume ? pause_->enable() : pause_->disable(nothing_waits);
    stop_->Show(screen.stage == Stage::running);
    screen.can_stop ? stop_->enable() : stop_->disable(nothing_waits);

    commit_->Show(before && !screen.commit.empty());
    commit_->set_text(wxs(screen.commit));
    commit_->set_icon(screen.commit_icon);
    commit_->set_kind(screen.cuts_power ? Button::Kind::danger : Button::Kind::primary);
    commit_->set_busy(screen.stage == Stage::sending);
    retry_->Show(going && !screen.retry.empty());
    retry_->set_text(wxs(screen.retry));
    export_->Show(going && screen.can_export);

    const bool lines = !screen.needs_you.empty();
    divider_->Show(lines);
    needs_you_->Show(lines);
    needs_you_->set_text(wxs(screen.needs_you_title));
    lines_->set(screen.needs_you);
    more_->Show(!screen.and_more.empty());
    more_->set_text(wxs(screen.and_more));
    Layout();
    Thaw();
}

}  // namespace wutong::client
