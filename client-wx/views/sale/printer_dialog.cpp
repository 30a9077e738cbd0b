#include "client-wx/views/sale/printer_dialog.hpp"

#include <array>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/printing/seat_printer.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int dialog_width = 460;
constexpr std::array kPrefixes{"", "cups:", "tcp:", "file:"};

}  // namespace

bool choose_printer(wxWindow* parent, Preferences& preferences) {
    const auto now = PrintTarget::parse(preferences.get(SeatPrinter::kTargetKey).value_or(""));
    Dialog dialog{parent, wxs(tr("Printer of this seat")), dialog_width};
    auto* kind = new ChoiceField{dialog.area(),
                                 wxs(tr("Printer")),
                                 {wxs(tr("None")), wxs(tr("Queue of the print system")),
                                  wxs(tr("Roll printer on the net")), wxs(tr("Roll printer at a port"))},
                                 static_cast<int>(now.kind)};
    auto* name = new TextField{dialog.area(), wxs(tr("Name or address"))};
    name->set_text(now.name);
    auto* paper = new ChoiceField{dialog.area(),
                                  wxs(tr("Paper")),
                                  {wxs(tr("Roll, 80 mm")), wxs("A5")},
                                  preferences.get(SeatPrinter::kPaperKey).value_or("roll") == "a5" ? 1 : 0};
    const auto explain = [&] {
        const std::array hints{std::string{}, tr("as the print system calls it, e.g. counter-east"),
                               tr("host and port, e.g. 192.168.1.40:9100"),
                               tr("a device, e.g. /dev/usb/lp0")};
        const auto chosen = static_cast<std::size_t>(std::max(kind->chosen(), 0));
        name->set_hint(wxs(hints.at(chosen)));
        name->set_enabled(chosen != 0);
    };
    kind->on_change([&](int) { explain(); });
    explain();
    const int gap = theme::space(&dialog, space::m);
    dialog.content()->Add(kind, 0, wxEXPAND | wxBOTTOM, gap);
    dialog.content()->Add(name, 0, wxEXPAND | wxBOTTOM, gap);
    dialog.content()->Add(paper, 0, wxEXPAND);
    dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    auto* keep = dialog.add_button(wxID_OK, wxs(tr("Use this printer")), Button::Kind::primary, {}, "Enter");
    dialog.set_default(keep);
    dialog.focus_first(kind);
    dialog.can_end([&](int) {
        if (kind->chosen() > 0 && name->text().empty()) {
            name->set_error(wxs(tr("Say which one.")));
            name->SetFocus();
            return false;
        }
        return true;
    });
    if (dialog.run() != wxID_OK) {
        return false;
    }
    const auto chosen = static_cast<std::size_t>(std::max(kind->chosen(), 0));
    preferences.set(SeatPrinter::kTargetKey,
                    chosen == 0 ? std::string{} : kPrefixes.at(chosen) + name->text());
    preferences.set(SeatPrinter::kPaperKey, paper->chosen() == 1 ? "a5" : "roll");
    return true;
}

}  // namespace wutong::client
