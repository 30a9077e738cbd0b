#include "client-wx/views/shell/settings_page.hpp"

#include <wx/sizer.h>

#include <array>
#include <cmath>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/languages.hpp"

namespace wutong::client {
namespace {

constexpr int card_width = 640;
constexpr std::array<double, 4> sizes{1.0, 1.15, 1.25, 1.5};

int index_of_size(double scale) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < sizes.size(); ++i) {
        if (std::abs(sizes[i] - scale) < std::abs(sizes[best] - scale)) {
            best = i;
        }
    }
    return static_cast<int>(best);
}

void add_row(Card* card, const std::string& label, wxWindow* choice) {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(new Label{card, wxs(label), Text::body, Token::ink_2}, 1, wxALIGN_CENTRE_VERTICAL);
    row->Add(choice, 0, wxALIGN_CENTRE_VERTICAL);
    card->body()->Add(row, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(card, space::xs));
}

}  // namespace

theme::Mode mode_of(ThemeChoice choice) {
    switch (choice) {
        case ThemeChoice::light:
            return theme::Mode::light;
        case ThemeChoice::dark:
            return theme::Mode::dark;
        case ThemeChoice::system:
            break;
    }
    return theme::system_mode();
}

SettingsPage::SettingsPage(wxWindow* parent, Context& context) : PageView{parent}, context_{context} {
    auto* column = new wxBoxSizer{wxVERTICAL};
    const int margin = theme::space(this, space::page_margin);
    const int gap = theme::space(this, space::card_gap);
    column->Add(looks_card(), 0, wxLEFT | wxRIGHT | wxTOP, margin);
    column->AddSpacer(gap);
    column->Add(server_card(), 0, wxLEFT | wxRIGHT | wxBOTTOM, margin);
    column->AddStretchSpacer();
    SetSizer(column);
    connection_changes_ = context_.connection.on_change([this] { show_server(); });
}

Card* SettingsPage::looks_card() {
    auto* card = new Card{this, wxs(tr("Looks"))};
    card->SetMinSize({theme::space(this, card_width), -1});
    const auto language = context_.preferences.language();
    language_ = new Segmented{card,
                              {wxs(tr("As the desktop")), wxs("中文"), "English"},
                              language == Language::chinese   ? 1
                              : language == Language::english ? 2
                                                              : 0};
    language_->on_change([this](int index) {
        const auto chosen = index == 1   ? Language::chinese
                            : index == 2 ? Language::english
                                         : Language::system;
        context_.preferences.set_language(chosen);
        // The frame makes its pages anew, this one too: not from inside of its own event.
        wxTheApp->CallAfter([chosen] { use_language(chosen); });
    });
    add_row(card, tr("Language"), language_);

    const auto theme_choice = context_.preferences.theme();
    theme_ = new Segmented{card,
                           {wxs(tr("As the desktop")), wxs(tr("Light")), wxs(tr("Dark"))},
                           theme_choice == ThemeChoice::light  ? 1
                           : theme_choice == ThemeChoice::dark ? 2
                                                               : 0};
    theme_->on_change([this](int index) {
        const auto chosen = index == 1   ? ThemeChoice::light
                            : index == 2 ? ThemeChoice::dark
                                         : ThemeChoice::system;
        context_.preferences.set_theme(chosen);
        theme::set_mode(mode_of(chosen));
    });
    add_row(card, tr("Theme"), theme_);

    size_ = new Segmented{
        card, {"100 %", "115 %", "125 %", "150 %"}, index_of_size(context_.preferences.text_scale())};
    size_->on_change([this](int index) {
        const auto scale = sizes[static_cast<std::size_t>(index)];
        context_.preferences.set_text_scale(scale);
        theme::set_text_scale(scale);
    });
    add_row(card, tr("Size of text"), size_);
    return card;
}

Card* SettingsPage::server_card() {
    auto* card = new Card{this, wxs(tr("Server"))};
    card->SetMinSize({theme::space(this, card_width), -1});
    address_ = new FactRow{card, wxs(tr("Address"))};
    fingerprint_ = new FactRow{card, wxs(tr("Trusted certificate"))};
    version_ = new FactRow{card, wxs(tr("Version of the server"))};
    client_ = new FactRow{card, wxs(tr("Version of this program"))};
    for (auto* row : {address_, fingerprint_, version_, client_}) {
        card->body()->Add(row, 0, wxEXPAND);
    }
    auto* note =
        new Label{card, wxs(tr("Another server is chosen on the sign-in page.")), Text::small, Token::ink_3};
    card->body()->Add(note, 0, wxTOP, theme::space(card, space::s));
    return card;
}

void SettingsPage::open(const Place&) {
    show_server();
    theme_->choose(context_.preferences.theme() == ThemeChoice::light  ? 1
                   : context_.preferences.theme() == ThemeChoice::dark ? 2
                                                                       : 0);
    language_->SetFocus();
}

void SettingsPage::show_server() {
    const auto& server = context_.connection.server();
    address_->set_value(wxs(server.address));
    fingerprint_->set_value(wxs(server.fingerprint.substr(0, 16) + "…"));
    fingerprint_->SetToolTip(wxs(server.fingerprint));
    version_->set_value(wxs(context_.session.who().server_version));
    client_->set_value(WUTONG_VERSION);
}

wxString SettingsPage::title() const {
    return wxs(tr("Settings"));
}

wxString SettingsPage::status_left() const {
    return wxs(tr("Takes effect at once and is kept for this seat"));
}

}  // namespace wutong::client
