#include "client-wx/views/sale/receipt_dialog.hpp"

#include <wx/dcbuffer.h>
#include <wx/filedlg.h>
#include <wx/scrolwin.h>

#include <memory>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/presenters/receipt/receipt_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/sale/printer_dialog.hpp"

namespace wutong::client {

namespace {

constexpr int dialog_width = 460, preview_width = 330, preview_height = 430;

/// The paper on the screen, drawn by the same function that prints it.
class ReceiptPreview : public wxScrolledCanvas {
public:
    ReceiptPreview(wxWindow* parent, const ReceiptPaper& paper)
        : wxScrolledCanvas{parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxBORDER_NONE},
          paper_{paper} {
        SetBackgroundStyle(wxBG_STYLE_PAINT);
        SetMinSize({theme::space(this, preview_width), theme::space(this, preview_height)});
        SetScrollRate(0, theme::space(this, space::l));
        Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
        Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
            measure_content();
            event.Skip();
        });
    }
    void set_paper(const ReceiptPaper& paper) {
        paper_ = paper;
        measure_content();
        Refresh();
    }
    void set(const ReceiptContent& content) {
        content_ = content;
        measure_content();
        Refresh();
    }

private:
    [[nodiscard]] double scale() const { return GetClientSize().x / paper_.width; }
    void measure_content() {
        SetVirtualSize({-1, content_ ? static_cast<int>(receipt_length(*content_, paper_) * scale()) : -1});
    }
    void paint() {
        wxAutoBufferedPaintDC dc{this};
        dc.SetBackground(
            wxBrush{theme::colour(Token::surface, theme::Mode::light)});  // paper is white in both themes
        dc.Clear();
        if (!content_) {
            return;
        }
        const std::unique_ptr<wxGraphicsContext> gc{wxGraphicsContext::Create(dc)};
        const auto origin = CalcUnscrolledPosition({0, 0});
        gc->Translate(0, -origin.y);
        gc->Scale(scale(), scale());
        draw_receipt(*gc, *content_, paper_);
    }

    ReceiptPaper paper_;
    std::optional<ReceiptContent> content_;
};

}  // namespace

void show_receipt_dialog(wxWindow* parent, Context& context, SeatPrinter& printer, std::int64_t sale_id,
                         bool copy) {
    Dialog dialog{parent, wxs(tr("Receipt")), dialog_width};
    auto* preview = new ReceiptPreview{dialog.area(), printer.paper()};
    auto* words = new Label{dialog.area(), wxs(tr("Loading…")), Text::small, Token::ink_2};
    words->wrap(420);
    dialog.content()->Add(preview, 1, wxALIGN_CENTRE_HORIZONTAL | wxBOTTOM, theme::space(&dialog, space::m));
    dialog.content()->Add(words, 0, wxEXPAND);

    std::unique_ptr<ReceiptPresenter> presenter;
    auto* close = dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc");
    auto* set_up = dialog.add_button(wxID_SETUP, wxs(tr("Printer…")), Button::Kind::ghost, "settings");
    auto* pdf = dialog.add_button(wxID_SAVE, wxs(tr("PDF…")), Button::Kind::secondary, "file-text");
    auto* print = dialog.add_button(wxID_PRINT, wxs(tr("Print")), Button::Kind::primary, "printer", "Enter");
    static_cast<void>(close);

    const auto show = [&] {
        const auto& screen = presenter->screen();
        dialog.SetTitle(wxs(screen.title));
        if (screen.content) {
            preview->set(*screen.content);
        }
        words->set_ink(screen.fault.empty() ? Token::ink_2 : Token::danger);
        words->set_text(wxs(screen.loading            ? tr("Loading…")
                            : !screen.fault.empty()   ? screen.fault
                            : !screen.outcome.empty() ? screen.outcome
                            : printer.ready()
                                ? fill(tr("Prints on {printer}."), fmt::arg("printer", printer.name()))
                                : tr("No printer is set up at this seat.")));
        print->set_busy(screen.printing);
        if (screen.content && printer.ready()) {
            print->enable();
        } else {
            print->disable(wxs(printer.ready() ? tr("Loading…") : tr("No printer is set up at this seat.")));
        }
        screen.content ? pdf->enable() : pdf->disable(wxs(tr("Loading…")));
    };
    presenter = std::make_unique<ReceiptPresenter>(context, printer, [&] {
        if (presenter) {
            show();
        }
    });
    dialog.can_end([&](int id) {
        if (id == wxID_PRINT) {
            presenter->print();
        } else if (id == wxID_SAVE) {
            wxFileDialog where{&dialog, wxs(tr("Keep the receipt as PDF")), {}, wxs(presenter->file_name()),
                               "*.pdf", wxFD_SAVE | wxFD_OVERWRITE_PROMPT};
            if (where.ShowModal() == wxID_OK) {
                presenter->save_pdf(utf8(where.GetPath()));
            }
        } else if (id == wxID_SETUP) {
            if (choose_printer(&dialog, context.preferences)) {
                preview->set_paper(printer.paper());
                show();
            }
        } else {
            return true;
        }
        return false;
    });
    dialog.set_default(print);
    dialog.focus_first(print);
    static_cast<void>(set_up);
    presenter->load(sale_id, copy);
    dialog.run();
}

}  // namespace wutong::client
