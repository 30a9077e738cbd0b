#include <wx/scrolwin.h>
#include <wx/sizer.h>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/parameters/parameters_presenter.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"

namespace wutong::client {

namespace {

constexpr int kInputWidth = 170;
constexpr int kUnitWidth = 90;
constexpr int kNoteWidth = 190;
constexpr int kScrollStep = 16;

/// Name and meaning left, the value, its unit, and whether it is the default.
struct ParameterRow {
    TextField* text{nullptr};
    CheckBox* box{nullptr};
    Label* note{nullptr};
};

class ParametersPage final : public PageView {
public:
    ParametersPage(wxWindow* parent, Context& context)
        : PageView{parent}, context_{context}, presenter_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};
        scroll_ =
            new wxScrolledWindow{this, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxBORDER_NONE};
        scroll_->SetScrollRate(0, theme::space(this, kScrollStep));
        scroll_->SetBackgroundColour(theme::colour(Token::bg));
        Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
            event.Skip();
            scroll_->SetBackgroundColour(theme::colour(Token::bg));
        });
        scroll_->SetSizer(new wxBoxSizer{wxVERTICAL});
        all->Add(scroll_, 1, wxEXPAND | wxLEFT | wxTOP | wxRIGHT, margin);
        instead_ = new EmptyState{this, "hourglass", wxs(tr("Being fetched"))};
        instead_->on_action([this] { presenter_.open(); });
        all->Add(instead_, 1, wxEXPAND | wxALL, margin);
        words_ = new Paragraph{this, Text::body, Token::danger};
        words_->Hide();
        all->Add(words_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, margin);
        bar_ = new ToolRow{this};
        auto* note =
            new Label{bar_,
                      wxs(tr("Holds for meters without a setting of their own, from the next command or "
                             "round on. Prices already at a meter stay until a new price is sent.")),
                      Text::small, Token::ink_3};
        note->flow();
        bar_->grow(note);
        discard_ = new Button{bar_, wxs(tr("Discard changes")), Button::Kind::secondary, {}, "Esc"};
        discard_->on_click([this] { presenter_.discard(); });
        bar_->right(discard_);
        save_ = new Button{bar_, wxs(tr("Save")), Button::Kind::primary, "device-floppy", "Ctrl+Enter"};
        save_->on_click([this] { presenter_.save(); });
        bar_->right(save_);
        all->Add(bar_, 0, wxEXPAND | wxALL, margin);
        SetSizer(all);
        presenter_.on_changed = [this] { update(); };
    }
    ~ParametersPage() override { presenter_.on_changed = nullptr; }

    void open(const Place&) override {
        presenter_.open();
        update();
        if (!rows_.empty()) {
            focus_row(first_);
        }
    }
    [[nodiscard]] wxString title() const override { return wxs(tr("Parameters")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override { return wxs(presenter_.screen().note); }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("Tab goes on · Ctrl+Enter saves · Esc discards"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, WXK_RETURN) || is_ctrl(event, WXK_NUMPAD_ENTER)) {
            presenter_.save();
        } else if (is_plain(event, WXK_ESCAPE) && presenter_.screen().changes > 0) {
            presenter_.discard();
        } else {
            return false;
        }
        return true;
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"Ctrl+Enter", wxs(tr("Save"))}, {"Esc", wxs(tr("Discard changes"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {scroll_, bar_}; }

private:
    void focus_row(std::size_t row) {
        if (row < rows_.size()) {
            if (rows_[row].text != nullptr) {
                rows_[row].text->SetFocus();
            } else if (rows_[row].box != nullptr) {
                rows_[row].box->SetFocus();
            }
        }
    }

    void build() {
        const auto& screen = presenter_.screen();
        shape_ = screen.shape;
        auto* cards = scroll_->GetSizer();
        cards->Clear(true);
        rows_.assign(screen.rows.size(), {});
        bool first = true;
        for (const auto& group : screen.groups) {
            if (group.rows.empty()) {
                continue;
            }
            auto* card = new Card{scroll_, wxs(group.title)};
            auto* grid = new wxFlexGridSizer{4, theme::space(this, space::s), theme::space(this, space::l)};
            grid->AddGrowableCol(0, 1);
            for (const auto index : group.rows) {
                add_row(card, grid, index);
                if (first) {
                    first_ = index;
                    first = false;
                }
            }
            card->body()->Add(grid, 1, wxEXPAND);
            cards->Add(card, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
        }
        scroll_->FitInside();
    }

    void add_row(Card* card, wxFlexGridSizer* grid, std::size_t index) {
        const auto& row = presenter_.screen().rows[index];
        auto* words = new wxBoxSizer{wxVERTICAL};
        words->Add(new Label{card, wxs(row.label), Text::body_bold, Token::ink}, 0, wxEXPAND);
        words->Add(new Label{card, wxs(row.meaning), Text::small, Token::ink_3}, 0, wxEXPAND);
        grid->Add(words, 1, wxEXPAND | wxALIGN_CENTRE_VERTICAL);
        auto& shown = rows_[index];
        if (row.toggle) {
            shown.box = new CheckBox{card, wxs(tr("Yes")), row.value == "1"};
            shown.box->on_change([this, index](bool on) { presenter_.set(index, on ? "1" : "0"); });
            shown.box->SetMinSize({theme::space(this, kInputWidth), -1});
            grid->Add(shown.box, 0, wxALIGN_CENTRE_VERTICAL);
        } else {
            TextField::Style style;
            style.right_aligned = !row.text;
            shown.text = new TextField{card, {}, style};
            shown.text->set_text(row.value);
            shown.text->on_change([this, index](const std::string& text) { presenter_.set(index, text); });
            shown.text->SetMinSize({theme::space(this, kInputWidth), -1});
            grid->Add(shown.text, 0, wxALIGN_CENTRE_VERTICAL);
        }
        auto* unit = new Label{card, wxs(row.unit), Text::body, Token::ink_2};
        unit->SetMinSize({theme::space(this, kUnitWidth), -1});
        grid->Add(unit, 0, wxALIGN_CENTRE_VERTICAL);
        shown.note = new Label{card, {}, Text::small, Token::ink_3};
        shown.note->SetMinSize({theme::space(this, kNoteWidth), -1});
        grid->Add(shown.note, 0, wxALIGN_CENTRE_VERTICAL);
    }

    void update() {
        const auto& screen = presenter_.screen();
        const bool ready = screen.phase == ListPhase::ready;
        scroll_->Show(ready);
        bar_->Show(ready);
        instead_->Show(!ready);
        if (screen.phase == ListPhase::failed) {
            instead_->set("server-off", wxs(screen.failure), {}, wxs(tr("Try again")));
        }
        if (ready) {
            const bool built = rows_.size() != screen.rows.size() || shape_ != screen.shape;
            if (built) {
                build();
            }
            update_rows();
            if (built) {
                CallAfter([this] { focus_row(first_); });
            }
        }
        const auto& trouble = !screen.refusal.empty() ? screen.refusal
                              : !screen.note.empty()  ? screen.note
                                                      : screen.failure;
        words_->set_ink(screen.refusal.empty() ? Token::warn : Token::danger);
        words_->set_text(wxs(trouble));
        words_->Show(ready && !trouble.empty());
        save_->set_text(wxs(screen.save));
        save_->set_busy(screen.busy);
        if (screen.off.empty()) {
            save_->enable();
        } else {
            save_->disable(wxs(screen.off));
        }
        discard_->Show(screen.changes > 0 && !screen.busy);
        bar_->Layout();
        Layout();
        changed();
    }

    void update_rows() {
        const auto& screen = presenter_.screen();
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const auto& row = screen.rows[i];
            auto& shown = rows_[i];
            if (shown.text != nullptr) {
                if (shown.text->text() != row.value) {
                    shown.text->set_text(row.value);
                }
                if (shown.text->has_error() != !row.error.empty()) {
                    shown.text->set_error(wxs(row.error));
                    scroll_->FitInside();
                }
                shown.text->set_enabled(!screen.busy);
            } else if (shown.box != nullptr) {
                shown.box->tick(row.value == "1");
                shown.box->Enable(!screen.busy);
            }
            shown.note->set_text(wxs(row.note));
            shown.note->set_ink(row.changed ? Token::accent : Token::ink_3);
            shown.note->set_style(row.changed ? Text::small_bold : Text::small);
        }
        if (screen.first_fault >= 0) {
            focus_row(static_cast<std::size_t>(screen.first_fault));
        }
    }

    Context& context_;
    ParametersPresenter presenter_;
    unsigned shape_{0};
    std::size_t first_{0};
    std::vector<ParameterRow> rows_;
    wxScrolledWindow* scroll_;
    EmptyState* instead_;
    Paragraph* words_;
    ToolRow* bar_;
    Button* discard_;
    Button* save_;
};

}  // namespace

PageView* make_parameters_page(wxWindow* parent, Context& context) {
    return new ParametersPage{parent, context};
}

}  // namespace wutong::client
