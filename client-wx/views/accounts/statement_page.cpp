#include "client-wx/views/accounts/statement_page.hpp"

#include <wx/app.h>
#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/log.h>
#include <wx/sizer.h>

#include <array>
#include <exception>
#include <memory>
#include <thread>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/platform/print_spool.hpp"
#include "client-wx/presenters/accounts/statement_presenter.hpp"
#include "client-wx/printing/seat_printer.hpp"
#include "client-wx/printing/statement_pdf.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/save_table.hpp"

namespace wutong::client {

namespace {

constexpr int kMetersHeight = 78;
constexpr std::chrono::seconds kHandOverMax{15};

class StatementPage final : public PageView {
public:
    StatementPage(wxWindow* parent, Context& context) : PageView{parent}, context_{context} {
        const int margin = theme::space(this, space::page_margin);
        const int gap = theme::space(this, space::card_gap);
        auto* all = new wxBoxSizer{wxVERTICAL};
        all->Add(make_bar(), 0, wxEXPAND | wxBOTTOM, gap);
        auto* figures = new wxBoxSizer{wxHORIZONTAL};
        const std::array names{tr("Opening balance"), tr("Paid in"), tr("Consumed"), tr("Paid out"),
                               tr("Closing balance")};
        for (std::size_t i = 0; i < figures_.size(); ++i) {
            figures_.at(i) = new FigureCard{this, wxs(names.at(i))};
            figures->Add(figures_.at(i), 1, wxEXPAND | (i == 0 ? 0 : wxLEFT), i == 0 ? 0 : gap);
        }
        all->Add(figures, 0, wxEXPAND | wxBOTTOM, gap);
        card_ = new Card{this, wxs(tr("Entries"))};
        lines_ =
            new Table{card_,
                      {column(tr("Time"), 19), column(tr("What"), 30, false, true), column(tr("Meter"), 12),
                       column(tr("Moved"), 12, true), column(tr("Changed"), 12, true),
                       column(tr("Balance"), 13, true), column(tr("By"), 12)}};
        lines_->set_empty_text(tr("Nothing was booked in this time."));
        card_->body()->Add(lines_, 1, wxEXPAND);
        all->Add(card_, 1, wxEXPAND | wxBOTTOM, gap);
        meters_card_ = new Card{this, wxs(tr("Energy"))};
        meters_ = new Table{meters_card_,
                            {column(tr("Meter"), 14), column(tr("First reading"), 30, true),
                             column(tr("Last reading"), 30, true), column(tr("Used"), 16, true, true)}};
        meters_->set_empty_text(tr("No readings in this period."));
        meters_->SetMinSize({-1, theme::space(this, kMetersHeight)});
        meters_card_->body()->Add(meters_, 1, wxEXPAND);
        proof_ = new Paragraph{meters_card_, Text::small, Token::ink_2};
        meters_card_->body()->Add(proof_, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
        all->Add(meters_card_, 0, wxEXPAND);
        auto* outer = new wxBoxSizer{wxVERTICAL};
        outer->Add(all, 1, wxEXPAND | wxALL, margin);
        SetSizer(outer);
        presenter_ = std::make_unique<StatementPresenter>(context_, [this] {
            if (presenter_) {
                show();
            }
        });
    }

    void open(const Place& place) override {
        presenter_->open(place.id);
        span_->SetFocus();
    }
    [[nodiscard]] wxString title() const override { return wxs(tr("Statement")); }
    [[nodiscard]] wxString subtitle() const override {
        const auto& screen = presenter_->screen();
        return wxs(screen.title.empty() ? std::string{} : screen.title + "  ·  " + screen.subtitle);
    }
    [[nodiscard]] wxString status_left() const override {
        const auto& screen = presenter_->screen();
        return wxs(
            !screen.failure.empty() ? screen.failure
            : screen.loading        ? tr("Being fetched")
            : screen.cut
                ? tr("More entries than can be shown. Choose a shorter time to save or print it.")
                : tr("Made from the journal alone: closing = opening + paid in − consumed − paid out"));
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("Ctrl+E Excel  ·  Ctrl+S PDF  ·  Ctrl+P prints  ·  Alt+← back"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, 'E')) {
            excel_->press();
        } else if (is_ctrl(event, 'S')) {
            pdf_->press();
        } else if (is_ctrl(event, 'P')) {
            print_->press();
        } else if (is_plain(event, WXK_F5)) {
            presenter_->refresh();
        } else {
            return false;
        }
        return true;
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"Ctrl+E", wxs(tr("save as Excel"))},
                {"Ctrl+S", wxs(tr("save as PDF"))},
                {"Ctrl+P", wxs(tr("print"))},
                {"F5", wxs(tr("Fetch again"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {span_, lines_, meters_}; }

private:
    wxWindow* make_bar() {
        auto* bar = new ToolRow{this};
        span_ = new Segmented{
            bar,
            {wxs(tr("This month")), wxs(tr("Last month")), wxs(tr("30 days")), wxs(tr("Since the opening"))},
            0};
        span_->on_change([this](int chosen) { presenter_->choose_span(chosen); });
        bar->left(span_);
        const int width = theme::text_width(Text::body, "2026-88-88") + theme::space(this, space::huge);
        for (auto** field : {&from_, &to_}) {
            TextField::Style style;
            style.placeholder = wxs(field == &from_ ? tr("From") : tr("To"));
            *field = new TextField{bar, {}, style};
            (*field)->SetMinSize({width, -1});
            (*field)->on_enter([this] { presenter_->choose_period(from_->text(), to_->text()); });
            bar->left(*field);
        }
        const auto button = [&](const std::string& words, Button::Kind kind, const char* icon,
                                const char* key) {
            auto* made = new Button{bar, wxs(words), kind, icon, key};
            bar->right(made);
            return made;
        };
        print_ = button(tr("Print"), Button::Kind::secondary, "printer", "Ctrl+P");
        pdf_ = button(tr("PDF…"), Button::Kind::secondary, "file-text", "Ctrl+S");
        excel_ = button(tr("Excel…"), Button::Kind::primary, "file-spreadsheet", "Ctrl+E");
        print_->on_click([this] { print(); });
        pdf_->on_click([this] { save_pdf(); });
        excel_->on_click([this] { save_excel(); });
        return bar;
    }

    void show() {
        const auto& screen = presenter_->screen();
        if (span_->chosen() != screen.span) {
            span_->choose(screen.span);
        }
        if (screen.from != shown_from_ || screen.to != shown_to_) {
            shown_from_ = screen.from;
            shown_to_ = screen.to;
            from_->set_text(screen.from);
            to_->set_text(screen.to);
        }
        from_->set_error(wxs(screen.from_error));
        to_->set_error(wxs(screen.to_error));
        const bool dash = screen.loading || !screen.failure.empty();
        const std::array values{screen.opening, screen.paid_in, screen.used, screen.paid_out, screen.closing};
        for (std::size_t i = 0; i < figures_.size(); ++i) {
            figures_.at(i)->set_figure(wxs(dash ? std::string{kDash} : values.at(i)));
        }
        const bool low = GetClientSize().y < theme::space(this, measure::fold_tiles_below_height -
                                                                    measure::header - measure::status_line);
        for (auto* figure : figures_) {
            figure->set_folded(low);
        }
        figures_.back()->set_detail(wxs(!dash && screen.has_other
                                            ? fill(tr("other {amount}"), fmt::arg("amount", screen.other))
                                            : std::string{}));
        if (!screen.loading) {
            lines_->show(screen.lines, screen.keys);
            meters_card_->set_title(wxs(screen.meters_title));
            meters_->show(screen.meters);
        }
        proof_->set_text(wxs(screen.proof));
        for (auto* button : {print_, pdf_, excel_}) {
            screen.can_save && !printing_
                ? button->enable()
                : button->disable(wxs(screen.cut ? tr("Choose a shorter time.") : tr("Loading…")));
        }
        Layout();
        changed();
    }

    void save_excel() {
        const auto said = save_table(this, presenter_->table(), presenter_->file_name());
        if (!said.empty()) {
            context_.navigator.toast(said);
        }
    }

    void save_pdf() {
        wxFileDialog where{this,    wxs(tr("Keep the statement as PDF")),
                           {},      wxs(presenter_->file_name() + ".pdf"),
                           "*.pdf", wxFD_SAVE | wxFD_OVERWRITE_PROMPT};
        if (where.ShowModal() != wxID_OK) {
            return;
        }
        std::string fault;
        try {
            const auto pdf = statement_pdf(presenter_->paper());
            const wxLogNull quiet;  // the failure is told below, in our own words
            wxFFile file;
            if (!file.Open(where.GetPath(), "wb") || file.Write(pdf.data(), pdf.size()) != pdf.size() ||
                !file.Close()) {
                fault = fill(tr("{file} could not be written."), fmt::arg("file", utf8(where.GetPath())));
            }
        } catch (const std::exception& why) {
            fault = fill(tr("No PDF: {why}."), fmt::arg("why", why.what()));
        }
        context_.navigator.toast(
            fault.empty() ? fill(tr("Written to {file}"), fmt::arg("file", utf8(where.GetPath()))) : fault);
    }

    void print() {
        const auto target =
            PrintTarget::parse(context_.preferences.get(SeatPrinter::kTargetKey).value_or(""));
        if (target.kind == PrintTarget::Kind::none || target.takes_dots()) {
            context_.navigator.toast(
                target.takes_dots()
                    ? tr("A roll printer is set up at this seat; a statement needs A4. Save it as PDF.")
                    : tr("No printer is set up at this seat."));
            return;
        }
        std::string job;
        try {
            job = statement_pdf(presenter_->paper());
        } catch (const std::exception& why) {
            context_.navigator.toast(fill(tr("No PDF: {why}."), fmt::arg("why", why.what())));
            return;
        }
        printing_ = true;
        show();
        std::thread{[target, job = std::move(job), alive = std::weak_ptr<int>{alive_}, this] {
            auto fault = hand_to_printer(target, job, kHandOverMax);
            if (auto* app = wxTheApp) {
                app->CallAfter([this, alive, fault = std::move(fault)] {
                    if (!alive.expired()) {
                        printing_ = false;
                        show();
                        context_.navigator.toast(
                            fault.empty() ? tr("Handed to the printer")
                                          : fill(tr("Not printed: {why}."), fmt::arg("why", fault)));
                    }
                });
            }
        }}.detach();
    }

    Context& context_;
    std::unique_ptr<StatementPresenter> presenter_;
    Segmented* span_{nullptr};
    TextField *from_{nullptr}, *to_{nullptr};
    Button *print_{nullptr}, *pdf_{nullptr}, *excel_{nullptr};
    std::array<FigureCard*, 5> figures_{};
    Card *card_{nullptr}, *meters_card_{nullptr};
    Table *lines_{nullptr}, *meters_{nullptr};
    Paragraph* proof_{nullptr};
    std::string shown_from_, shown_to_;
    bool printing_{false};
    std::shared_ptr<int> alive_{std::make_shared<int>(0)};
};

}  // namespace

PageView* make_statement_page(wxWindow* parent, Context& context) {
    return new StatementPage{parent, context};
}

}  // namespace wutong::client
