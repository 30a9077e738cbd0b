#include <wx/sizer.h>
#include <wx/wrapsizer.h>

#include <map>
#include <memory>

#include "client-wx/controls/chip.hpp"
#include "client-wx/presenters/alarms/alarms_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

namespace {

class AlarmsPage final : public PageView {
public:
    AlarmsPage(wxWindow* parent, Context& context) : PageView{parent}, presenter_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};

        auto* bar = new ToolRow{this};
        period_ = new Segmented{bar, {wxs(tr("Live now")), wxs(tr("History"))}};
        period_->on_change([this](int chosen) { presenter_.show_history(chosen == 1); });
        bar->left(period_);
        progress_ = new Label{bar, {}, Text::small, Token::ink_2};
        bar->grow(progress_);
        open_ = new Button{bar, wxs(tr("Open meter")), Button::Kind::secondary, "gauge", "Enter"};
        open_->on_click([this] { open_selected(); });
        bar->right(open_);
        export_ = new Button{bar, wxs(tr("Export")), Button::Kind::secondary, "file-spreadsheet", "Ctrl+E"};
        export_->on_click([this] { list_->export_csv(); });
        bar->right(export_);
        acknowledge_ = new Button{bar, wxs(tr("Acknowledge")), Button::Kind::primary, "check", "Ctrl+Enter"};
        acknowledge_->on_click([this] { presenter_.acknowledge_selected(); });
        bar->right(acknowledge_);
        all->Add(bar, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, margin);

        chips_ = new Panel{this, Token::bg};
        chips_->SetSizer(new wxWrapSizer{wxHORIZONTAL, 0});
        all->AddSpacer(theme::space(this, space::m));
        all->Add(chips_, 0, wxEXPAND | wxLEFT | wxRIGHT, margin);

        failure_ = new Paragraph{this, Text::body, Token::danger};
        failure_->Hide();
        all->Add(failure_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, margin);

        list_ = new ListPane{this, "alarms", "bell", true};
        list_->on_select = [this] { presenter_.select(list_->all_selected()); };
        list_->on_activate = [this](std::int64_t alarm) { presenter_.open_subject(alarm); };
        list_->on_sort = [this](int column, bool ascending) { presenter_.sort_by(column, ascending); };
        list_->on_retry = [this] { presenter_.refresh(); };
        list_->on_clear_filter = [this] { presenter_.clear_filter(); };
        all->AddSpacer(theme::space(this, space::s));
        all->Add(list_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, margin);
        SetSizer(all);
        presenter_.on_changed = [this] { update(); };
    }
    ~AlarmsPage() override { presenter_.on_changed = nullptr; }

    void open(const Place&) override {
        presenter_.open();
        list_->focus(period_);
    }
    void leave() override { presenter_.close(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Alarms")); }
    [[nodiscard]] wxString subtitle() const override {
        return presenter_.extra().history ? wxs(tr("what has been")) : wxString{};
    }
    [[nodiscard]] wxString status_left() const override {
        if (presenter_.screen().phase != ListPhase::ready) {
            return {};
        }
        const auto total = presenter_.screen().total;
        const auto open = presenter_.extra().unacknowledged;
        return wxs(fill(tr_n("{} alarm", "{} alarms", static_cast<unsigned>(total)),
                        count(static_cast<std::int64_t>(total))) +
                   " · " + fill(tr("{} not acknowledged"), count(static_cast<std::int64_t>(open))));
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("Ctrl+Enter acknowledges · Enter opens the meter · F5 fetches again · Ctrl+E exports"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, WXK_RETURN) || is_ctrl(event, WXK_NUMPAD_ENTER)) {
            presenter_.acknowledge_selected();
        } else if (is_ctrl(event, 'E')) {
            list_->export_csv();
        } else if (is_plain(event, WXK_F5)) {
            presenter_.refresh();
        } else if (is_plain(event, WXK_ESCAPE) && presenter_.screen().filtered) {
            presenter_.clear_filter();
        } else {
            return false;
        }
        return true;
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"Ctrl+Enter", wxs(tr("Acknowledge what is chosen"))},
                {"Enter", wxs(tr("Open the meter"))},
                {"Ctrl+A", wxs(tr("Choose all"))},
                {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {period_, list_}; }

private:
    void open_selected() {
        if (const auto alarm = list_->selected()) {
            presenter_.open_subject(*alarm);
        }
    }

    void update() {
        const auto& extra = presenter_.extra();
        update_chips(extra);
        list_->show(presenter_.screen());
        acknowledge_->set_text(wxs(extra.acknowledge));
        acknowledge_->set_busy(extra.acknowledging);
        if (extra.acknowledge_off.empty()) {
            acknowledge_->enable();
        } else {
            acknowledge_->disable(wxs(extra.acknowledge_off));
        }
        if (list_->selected()) {
            open_->enable();
        } else {
            open_->disable(wxs(tr("Choose an alarm first.")));
        }
        progress_->set_text(wxs(extra.progress));
        failure_->set_text(wxs(extra.failure));
        failure_->Show(!extra.failure.empty());
        Layout();
        changed();
    }

    void update_chips(const AlarmsPresenter::Extra& extra) {
        std::string shape;
        for (const auto& kind : extra.kinds) {
            shape += kind.kind + " ";
        }
        if (shape != shape_) {
            shape_ = shape;
            chips_->GetSizer()->Clear(true);
            by_kind_.clear();
            for (const auto& kind : extra.kinds) {
                auto* chip = new Chip{chips_, wxs(kind.words)};
                if (!kind.icon.empty()) {
                    chip->set_icon(kind.icon);
                }
                const auto name = kind.kind;
                // The callback may make the chips anew: it runs when the click is over.
                chip->on_choose([this, name](bool add) {
                    CallAfter([this, name, add] { presenter_.choose_kind(name, add); });
                });
                chips_->GetSizer()->Add(chip, 0, wxRIGHT | wxBOTTOM, theme::space(this, space::xs));
                by_kind_[kind.kind] = chip;
            }
        }
        for (const auto& kind : extra.kinds) {
            by_kind_[kind.kind]->set_count(wxs(count(static_cast<std::int64_t>(kind.count))));
            by_kind_[kind.kind]->set_chosen(kind.chosen);
        }
        period_->choose(extra.history ? 1 : 0);
    }

    AlarmsPresenter presenter_;
    Segmented* period_;
    Label* progress_;
    Button* open_;
    Button* export_;
    Button* acknowledge_;
    Panel* chips_;
    Paragraph* failure_;
    ListPane* list_;
    std::map<std::string, Chip*> by_kind_;
    std::string shape_;
};

}  // namespace

PageView* make_alarms_page(wxWindow* parent, Context& context) {
    return new AlarmsPage{parent, context};
}

}  // namespace wutong::client
