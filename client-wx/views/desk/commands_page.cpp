#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/presenters/commands/batch_presenter.hpp"
#include "client-wx/presenters/commands/batches_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kCountsMax = 7;
constexpr int kWidestCount = 10'000;

Token token_of(Tone tone) {
    return tone == Tone::ok       ? Token::ok
           : tone == Tone::danger ? Token::danger
           : tone == Tone::info   ? Token::info
           : tone == Tone::warn   ? Token::warn
                                  : Token::ink_2;
}

/// "✓ 32 Confirmed" of the panel.
class CountLine final : public DrawnControl {
public:
    explicit CountLine(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(const BatchPresenter::Count& count_of) {
        what_ = count_of;
        Refresh();
    }

protected:
    void draw(Painter& painter) override {
        const auto height = static_cast<double>(GetClientSize().y);
        const auto width = static_cast<double>(GetClientSize().x);
        const auto ink = theme::colour(token_of(what_.tone));
        painter.clear(ground_under(*this));
        painter.icon_centred(what_.icon, measure::icon_m, ink, {0, 0, height, height});
        const auto number = wxs(count(what_.number));
        const double at = height + dip(space::xs);
        painter.text(number, Text::body_bold, Token::ink, {at, 0, width - at, height});
        const double after = at + painter.width(number, Text::body_bold) + dip(space::s);
        painter.text(wxs(what_.words), Text::small, Token::ink_2, {after, 0, width - after, height});
    }
    wxSize DoGetBestClientSize() const override {
        return {theme::text_width(Text::body, wxs(count(kWidestCount) + " " + tr("Confirmed"))) +
                    dip(space::huge),
                theme::control_height(this, Text::body, space::xxl)};
    }

private:
    BatchPresenter::Count what_;
};

/// What is known of one order, and what can be done about it.
class BatchPanel final : public Card {
public:
    BatchPanel(wxWindow* parent, BatchPresenter& presenter) : Card{parent}, presenter_{presenter} {
        const int s = theme::space(this, space::s);
        const int l = theme::space(this, space::l);
        title_ = new Label{this, {}, Text::title, Token::ink};
        detail_ = new Label{this, {}, Text::small, Token::ink_2};
        bar_ = new ProgressBar{this, 10};
        progress_ = new Label{this, {}, Text::body_bold, Token::ink};
        body()->Add(title_, 0, wxEXPAND);
        body()->Add(detail_, 0, wxEXPAND | wxBOTTOM, l);
        body()->Add(bar_, 0, wxEXPAND | wxBOTTOM, s);
        body()->Add(progress_, 0, wxEXPAND | wxBOTTOM, s);
        auto* counts = new wxFlexGridSizer{2, 0, theme::space(this, space::l)};
        counts->AddGrowableCol(0, 1);
        counts->AddGrowableCol(1, 1);
        for (std::size_t i = 0; i < kCountsMax; ++i) {
            counts_.push_back(new CountLine{this});
            counts_.back()->Hide();
            counts->Add(counts_.back(), 0, wxEXPAND);
        }
        body()->Add(counts, 0, wxEXPAND | wxBOTTOM, l);
        words_ = new Paragraph{this, Text::body, Token::danger};
        words_->Hide();
        body()->Add(words_, 0, wxEXPAND | wxBOTTOM, s);
        auto* actions = new wxBoxSizer{wxHORIZONTAL};
        pause_ = new Button{this, {}, Button::Kind::secondary, "player-pause"};
        pause_->on_click([this] { presenter_.pause_or_resume(); });
        stop_ = new Button{this, {}, Button::Kind::danger, "player-stop"};
        stop_->on_click([this] { presenter_.stop_rest(); });
        actions->Add(pause_, 1, wxRIGHT, s);
        actions->Add(stop_, 1);
        body()->Add(actions, 0, wxEXPAND | wxBOTTOM, s);
        retry_ = new Button{this, {}, Button::Kind::secondary, "refresh", "Ctrl+R"};
        retry_->on_click([this] { presenter_.retry_failed(); });
        body()->Add(retry_, 0, wxEXPAND | wxBOTTOM, s);
        cancel_ = new Button{this, {}, Button::Kind::danger, "ban"};
        cancel_->on_click([this] { presenter_.cancel_selected(); });
        body()->Add(cancel_, 0, wxEXPAND | wxBOTTOM, s);

        list_ = new ListPane{this, "command", "list-check"};
        list_->on_select = [this] { presenter_.select(list_->selected().value_or(0)); };
        list_->on_activate = [this](std::int64_t command) { presenter_.open_meter(command); };
        list_->on_sort = [this](int column, bool ascending) { presenter_.sort_by(column, ascending); };
        list_->on_retry = [this] { presenter_.refresh(); };
        body()->Add(list_, 1, wxEXPAND | wxTOP, s);
    }

    void update() {
        const auto& extra = presenter_.extra();
        for (wxWindow* window : {static_cast<wxWindow*>(title_), static_cast<wxWindow*>(detail_),
                                 static_cast<wxWindow*>(bar_), static_cast<wxWindow*>(progress_)}) {
            window->Show(extra.there);
        }
        title_->set_text(wxs(extra.title));
        detail_->set_text(wxs(extra.detail));
        progress_->set_text(wxs(extra.progress));
        bar_->set({{extra.done, Token::ok}, {extra.failed, Token::danger}, {extra.other, Token::ink_3}});
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            const bool there = i < extra.counts.size();
            counts_[i]->Show(there);
            if (there) {
                counts_[i]->set(extra.counts[i]);
            }
        }
        set(*pause_, extra.pause);
        pause_->set_icon(extra.paused ? "player-play" : "player-pause");
        set(*stop_, extra.stop);
        set(*retry_, extra.retry);
        set(*cancel_, extra.cancel_chosen);
        words_->set_ink(extra.failure.empty() ? Token::warn : Token::danger);
        words_->set_text(wxs(extra.failure.empty() ? extra.note : extra.failure));
        words_->Show(!extra.failure.empty() || !extra.note.empty());
        list_->show(presenter_.screen());
        Layout();
    }
    ListPane& list() { return *list_; }

private:
    static void set(Button& button, const BatchPresenter::Action& action) {
        button.Show(action.shown);
        button.set_text(wxs(action.words));
        if (action.off.empty()) {
            button.enable();
        } else {
            button.disable(wxs(action.off));
        }
    }

    BatchPresenter& presenter_;
    Label* title_;
    Label* detail_;
    ProgressBar* bar_;
    Label* progress_;
    std::vector<CountLine*> counts_;
    Paragraph* words_;
    Button* pause_;
    Button* stop_;
    Button* retry_;
    Button* cancel_;
    ListPane* list_;
};

class CommandsPage final : public PageView {
public:
    CommandsPage(wxWindow* parent, Context& context) : PageView{parent}, batches_{context}, batch_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxHORIZONTAL};
        auto* left = new wxBoxSizer{wxVERTICAL};
        auto* bar = new ToolRow{this};
        show_ = new Segmented{bar, {wxs(tr("Under way")), wxs(tr("All"))}, 1};
        show_->on_change([this](int chosen) {
            batches_.show(chosen == 0 ? BatchesPresenter::Show::under_way : BatchesPresenter::Show::recent);
        });
        bar->left(show_);
        auto* open = new Button{bar, wxs(tr("Open meter")), Button::Kind::secondary, "gauge"};
        open->on_click([this] { open_meter(); });
        bar->right(open);
        auto* save =
            new Button{bar, wxs(tr("Export")), Button::Kind::secondary, "file-spreadsheet", "Ctrl+E"};
        save->on_click([this] { export_list(); });
        bar->right(save);
        left->Add(bar, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
        list_ = new ListPane{this, "commands", "list-check"};
        list_->on_select = [this] {
            if (const auto row = list_->selected()) {
                batch_.show(batches_.batch_of(*row));
            }
        };
        list_->on_activate = [this](std::int64_t) { panel_->list().focus(nullptr); };
        list_->on_sort = [this](int column, bool ascending) { batches_.sort_by(column, ascending); };
        list_->on_retry = [this] { batches_.refresh(); };
        left->Add(list_, 1, wxEXPAND);
        all->Add(left, 1, wxEXPAND | wxALL, margin);
        panel_ = new BatchPanel{this, batch_};
        panel_->SetMinSize({theme::space(this, measure::batch_panel), -1});
        all->Add(panel_, 0, wxEXPAND | wxTOP | wxRIGHT | wxBOTTOM, margin);
        SetSizer(all);
        batches_.on_changed = [this] { update(); };
        batch_.on_changed = [this] { panel_->update(); };
        batch_.on_order_changed = [this] {
            wanted_ = batch_.batch_id();
            batches_.refresh();
        };
    }
    ~CommandsPage() override {
        batches_.on_changed = nullptr;
        batch_.on_changed = nullptr;
    }

    void open(const Place& place) override {
        wanted_ = place.text;
        if (!wanted_.empty()) {
            batch_.show(wanted_);
        }
        batches_.open();
        batch_.open();
        list_->focus(show_);
    }
    void leave() override {
        batches_.close();
        batch_.close();
    }
    [[nodiscard]] wxString title() const override { return wxs(tr("Commands")); }
    [[nodiscard]] wxString status_left() const override {
        const auto under_way = batches_.extra().under_way;
        return under_way ? wxs(fill(tr_n("{} command under way", "{} commands under way",
                                         static_cast<unsigned>(*under_way)),
                                    count(*under_way)) +
                               " · " + tr("commands go on when you leave this page"))
                         : wxString{};
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(
            tr("Enter opens · Ctrl+R tries the failed again · Ctrl+E exports · F6 moves between list and "
               "panel"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, 'R')) {
            batch_.retry_failed();
        } else if (is_ctrl(event, 'E')) {
            export_list();
        } else if (is_plain(event, WXK_F5)) {
            batches_.refresh();
            batch_.refresh();
        } else {
            return false;
        }
        return true;
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"Ctrl+R", wxs(tr("Try the failed again"))},
                {"Ctrl+E", wxs(tr("Export the list, or the chosen command's meters"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {list_, panel_}; }

private:
    void update() {
        list_->show(batches_.screen());
        const auto& rows = batches_.screen().rows;
        if (!wanted_.empty()) {
            if (const auto row = batches_.row_of(wanted_); row != 0) {
                list_->select(row);
                wanted_.clear();
            }
        } else if (batch_.batch_id().empty() && !rows.empty()) {
            list_->select(rows.front().id);
            batch_.show(batches_.batch_of(rows.front().id));
        }
        show_->choose(batches_.extra().show == BatchesPresenter::Show::under_way ? 0 : 1);
        changed();
    }
    void open_meter() {
        const auto& rows = batch_.screen().rows;
        if (const auto chosen = panel_->list().selected()) {
            batch_.open_meter(*chosen);
        } else if (!rows.empty()) {
            batch_.open_meter(rows.front().id);
        }
    }
    void export_list() {
        const auto* focus = wxWindow::FindFocus();
        const bool in_panel = focus != nullptr && panel_->IsDescendant(const_cast<wxWindow*>(focus));
        (in_panel ? panel_->list() : *list_).export_csv();
    }

    BatchesPresenter batches_;
    BatchPresenter batch_;
    Segmented* show_;
    ListPane* list_;
    BatchPanel* panel_;
    std::string wanted_;
};

}  // namespace

PageView* make_commands_page(wxWindow* parent, Context& context) {
    return new CommandsPage{parent, context};
}

}  // namespace wutong::client
