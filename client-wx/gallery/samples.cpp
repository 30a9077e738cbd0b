#include "client-wx/gallery/samples.hpp"

#include <wx/wrapsizer.h>

#include <array>
#include <utility>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/chip.hpp"
#include "client-wx/controls/segmented.hpp"

namespace wutong::client::gallery {
namespace {

constexpr std::array<std::pair<MeterStatus, const char*>, 9> states{
    {{MeterStatus::normal, "Normal"},
     {MeterStatus::alarm_1, "Alarm 1"},
     {MeterStatus::alarm_2, "Alarm 2"},
     {MeterStatus::arrears, "Arrears, off"},
     {MeterStatus::no_account, "No account"},
     {MeterStatus::lost, "Lost contact"},
     {MeterStatus::guaranteed, "Guaranteed"},
     {MeterStatus::forced_off, "Forced off"},
     {MeterStatus::delivering, "Delivering"}}};

int gap(const wxWindow* window, int dip) {
    return theme::space(window, dip);
}

Card* buttons(wxWindow* parent) {
    auto* card = new Card{parent, "Buttons"};
    auto* flow = new wxWrapSizer{wxHORIZONTAL, wxREMOVE_LEADING_SPACES};
    const auto add = [&](Button* button) {
        flow->Add(button, 0, wxRIGHT | wxBOTTOM, gap(card, space::m));
        return button;
    };
    add(new Button{card, "Sell electricity", Button::Kind::primary, "cash-register", "F2"})
        ->set_height(measure::primary);
    add(new Button{card, "Open meter page", Button::Kind::secondary, "gauge", "Enter"});
    add(new Button{card, wxs("Switch off…"), Button::Kind::danger, "power", "Ctrl+D"});
    add(new Button{card, "Switch off 12 units", Button::Kind::danger_filled, "power"});
    add(new Button{card, "All in Credit", Button::Kind::ghost});
    add(new Button{card, "Harbour Plaza", Button::Kind::picker, "building-community"});
    add(new Button{card, "Cash", Button::Kind::picker, "cash"})->set_chosen(true);
    add(new Button{card, "Selling", Button::Kind::primary, "bolt"})->set_busy(true);
    add(new Button{card, "Sell", Button::Kind::primary, "bolt", "Enter"})->disable("No connection");
    add(new Button{card, "Query now", Button::Kind::secondary, "refresh", "F5"})->disable("No connection");
    add(new Button{card, "Switch off", Button::Kind::danger, "power"})->disable("No connection");
    flow->Add(new IconButton{card, "x", "Close"}, 0, wxRIGHT, gap(card, space::m));
    flow->Add(new KeyHint{card, "Ctrl K"}, 0, wxALIGN_CENTRE_VERTICAL);
    card->body()->Add(flow, 0, wxEXPAND);
    auto* sale = new Button{card, wxs("Sell ¥200.00 to C-312"), Button::Kind::primary, "bolt", "Enter"};
    sale->set_height(measure::sale_button);
    card->body()->Add(sale, 0, wxEXPAND);
    return card;
}

Card* chips(wxWindow* parent) {
    auto* card = new Card{parent, "Chips, segments, tabs"};
    auto* flow = new wxWrapSizer{wxHORIZONTAL, wxREMOVE_LEADING_SPACES};
    auto* all = new Chip{card, "All"};
    all->set_count("1,248");
    all->set_chosen(true);
    flow->Add(all, 0, wxRIGHT | wxBOTTOM, gap(card, 7));
    for (const auto& [state, words] : states) {
        auto* chip = new Chip{card, words, state};
        chip->set_count("19");
        flow->Add(chip, 0, wxRIGHT | wxBOTTOM, gap(card, 7));
    }
    auto* folded = new Chip{card, "Alarm 1", MeterStatus::alarm_1};
    folded->set_count("79");
    folded->set_folded(true);
    flow->Add(folded);
    card->body()->Add(flow, 0, wxEXPAND | wxBOTTOM, gap(card, space::m));
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(new Segmented{card, {"All", "A", "B", "C", "D", "E"}, 0}, 0, wxRIGHT, gap(card, space::m));
    row->Add(new Segmented{card, {"Dots", "Compact", "Detail"}, 1}, 0, wxRIGHT, gap(card, space::m));
    card->body()->Add(row, 0, wxBOTTOM, gap(card, space::s));
    card->body()->Add(new Segmented{card, {"Wall", "List"}, 0}, 0, wxBOTTOM, gap(card, space::m));
    card->body()->Add(new TabBar{card, {"Overview", "Readings", "Credit", "Events", "Settings"}}, 0,
                      wxEXPAND);
    auto* badges = new wxWrapSizer{wxHORIZONTAL, wxREMOVE_LEADING_SPACES};
    for (const auto& [state, words] : states) {
        badges->Add(new StateBadge{card, state, words}, 0, wxRIGHT | wxTOP, gap(card, space::m));
    }
    card->body()->Add(badges, 0, wxEXPAND);
    return card;
}

Card* fields(wxWindow* parent) {
    auto* card = new Card{parent, "Fields"};
    card->set_step(2);
    card->set_subtitle("label, input, hint or error");
    auto* grid = new wxFlexGridSizer{2, wxSize{gap(card, space::l), gap(card, space::m)}};
    grid->AddGrowableCol(0, 1);
    grid->AddGrowableCol(1, 1);
    TextField::Style with_icon;
    with_icon.icon = "search";
    with_icon.placeholder = "Find";
    grid->Add(new TextField{card, "Unit", with_icon}, 0, wxEXPAND);
    auto* plain = new TextField{card, wxs("Customer 客户")};
    plain->set_text("Tea & Co. 老街面馆");
    plain->set_hint("as on the contract");
    grid->Add(plain, 0, wxEXPAND);
    auto* wrong = new TextField{card, "Phone"};
    wrong->set_text("12");
    wrong->set_error("A phone number has 6 to 15 digits");
    grid->Add(wrong, 0, wxEXPAND);
    grid->Add(new PasswordField{card, "Password"}, 0, wxEXPAND);
    auto* money = new MoneyField{card, "Amount", wxs("¥"), true};
    money->set_text("200.00");
    money->set_label_note(wxs("Alt+1…6 amount"));
    grid->Add(money, 0, wxEXPAND);
    auto* received = new MoneyField{card, "Received", wxs("¥")};
    received->set_text("200.00");
    grid->Add(received, 0, wxEXPAND | wxALIGN_BOTTOM);
    grid->Add(new ChoiceField{card, "Tariff", {"Shops T3", "Offices T1", wxs("商铺 T3")}}, 0, wxEXPAND);
    auto* off = new TextField{card, "Meter"};
    off->set_text("0002 4187 5520");
    off->set_enabled(false, "An open account keeps its meter");
    grid->Add(off, 0, wxEXPAND);
    card->body()->Add(grid, 0, wxEXPAND | wxBOTTOM, gap(card, space::m));
    card->body()->Add(new CheckBox{card, "Print the receipt", true});
    card->body()->Add(new CheckBox{card, "Only unacknowledged"});
    return card;
}

Card* figures(wxWindow* parent) {
    auto* card = new Card{parent, "Figures and facts"};
    card->set_note("1 min 12 s ago");
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    auto* balance = new FigureCard{card, "Balance on meter", FigureCard::Size::normal, "wallet"};
    balance->set_figure(wxs("¥204.36"));
    balance->set_detail(wxs("Ledger ¥204.62  ·  difference −0.26 explained"));
    balance->on_click([] {});
    row->Add(balance, 1, wxEXPAND | wxRIGHT, gap(card, space::card_gap));
    auto* small = new FigureCard{card, "On meter", FigureCard::Size::small};
    small->set_figure(wxs("¥18.20"));
    row->Add(small, 1, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap(card, space::card_gap));
    auto* folded = new FigureCard{card, "Used today"};
    folded->set_figure("6.1 kWh");
    folded->set_folded(true);
    row->Add(folded, 1, wxALIGN_CENTRE_VERTICAL);
    card->body()->Add(row, 0, wxEXPAND | wxBOTTOM, gap(card, space::m));
    card->body()->Add(new FactRow{card, "Relay", "On"}, 0, wxEXPAND);
    card->body()->Add(new FactRow{card, "Power now", wxs("—")}, 0, wxEXPAND);
    card->body()->Add(new Divider{card}, 0, wxEXPAND | wxTOP | wxBOTTOM, gap(card, space::s));
    auto* words =
        new Label{card, wxs("A sentence that is too long for its line is wrapped, 中文在任何字之后换行。")};
    words->wrap(300);
    card->body()->Add(words);
    return card;
}

Card* progress(wxWindow* parent) {
    auto* card = new Card{parent, "Progress"};
    auto* bar = new ProgressBar{card, 12};
    bar->set({{.76, Token::ok}, {.05, Token::ink_3}, {.07, Token::danger}});
    card->body()->Add(bar, 0, wxEXPAND | wxBOTTOM, gap(card, space::m));
    auto* steps = new Steps{card};
    steps->set({{Steps::State::done, "Paid", "10:42:07"},
                {Steps::State::done, "Sent to meter", "10:42:08"},
                {Steps::State::busy, "Waiting for the meter", ""},
                {Steps::State::waiting, "Receipt", ""}});
    auto* failed = new Steps{card};
    failed->set({{Steps::State::done, "Paid", "10:42:07"},
                 {Steps::State::failed, "Meter refused: number 29", "10:42:09"},
                 {Steps::State::skipped, "No receipt", ""}});
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(steps, 1, wxRIGHT, gap(card, space::xl));
    row->Add(failed, 1);
    card->body()->Add(row, 0, wxEXPAND);
    card->body()->Add(new CheckLine{card, CheckLine::State::good, "Meter answers, relay on"}, 0, wxEXPAND);
    card->body()->Add(new CheckLine{card, CheckLine::State::warning, "Read 14 min ago"}, 0, wxEXPAND);
    card->body()->Add(new CheckLine{card, CheckLine::State::bad, wxs("Above the ¥1,000 balance limit")}, 0,
                      wxEXPAND);
    card->body()->Add(new CheckLine{card, CheckLine::State::unknown, "Not read yet"}, 0, wxEXPAND);
    card->body()->Add(new Spinner{card}, 0, wxTOP, gap(card, space::s));
    return card;
}

}  // namespace

Rail* rail(wxWindow* parent) {
    auto* rail = new Rail{parent, "Wutong"};
    rail->set_entries({{"layout-grid", "Wall of meters", "1"},
                       {"cash-register", "Sell", "2"},
                       {"users", "Accounts", "3"},
                       {"bell", "Alarms", "4", 12, true},
                       {"list-check", "Commands", "5", 3},
                       {"router", "Devices", "6"}});
    rail->set_current(0);
    rail->set_operator("02", "Cashier 02", "Counter East");
    return rail;
}

HeaderBar* header(wxWindow* parent) {
    auto* header = new HeaderBar{parent, {"Find unit, shop, meter, receipt", "Ctrl K", "Theme", "Help"}};
    header->set_title("Controls");
    header->set_back(wxs("‹ Wall of meters  Alt+←"));
    header->set_live(HeaderBar::Live::live, "Live");
    header->on_theme([] {
        theme::set_mode(theme::mode() == theme::Mode::light ? theme::Mode::dark : theme::Mode::light);
    });
    return header;
}

Banner* banner(wxWindow* parent) {
    auto* banner = new Banner{parent};
    banner->show(Banner::Kind::warning, "cloud-off",
                 "No connection since 10:42. Values are from 10:41. Sales wait until it is back.",
                 "Try now, next in 8 s");
    return banner;
}

StatusLine* status_line(wxWindow* parent) {
    auto* line = new StatusLine{parent};
    line->set(wxs("Oldest answering meter 2 min 41 s ago  ·  last round 1,232 of 1,248 (98.7 %)"),
              wxs("F4 theme  ·  F5 text size  ·  F6 consequence"));
    return line;
}

wxSizer* samples(wxWindow* parent) {
    const int margin = gap(parent, space::page_margin);
    const int between = gap(parent, space::card_gap);
    auto* columns = new wxBoxSizer{wxHORIZONTAL};
    auto* left = new wxBoxSizer{wxVERTICAL};
    auto* right = new wxBoxSizer{wxVERTICAL};
    left->Add(buttons(parent), 0, wxEXPAND | wxBOTTOM, between);
    left->Add(chips(parent), 0, wxEXPAND | wxBOTTOM, between);
    auto* empty =
        new EmptyState{parent, "gauge", "No meters yet", "Import them from a file, or add a gateway first.",
                       wxs("Import from a file…")};
    left->Add(empty, 0, wxEXPAND);
    right->Add(fields(parent), 0, wxEXPAND | wxBOTTOM, between);
    right->Add(figures(parent), 0, wxEXPAND | wxBOTTOM, between);
    right->Add(progress(parent), 0, wxEXPAND);
    columns->Add(left, 1, wxEXPAND | wxALL, margin);
    columns->Add(right, 1, wxEXPAND | wxTOP | wxBOTTOM | wxRIGHT, margin);
    return columns;
}

void ask(wxWindow* parent) {
    Consequence consequence;
    consequence.title = "Switch off 12 units?";
    consequence.sentence =
        "Their relays open within seconds. Power comes back only when somebody switches it on.";
    consequence.facts = {{"Load now", "14.2 kW"}, {"Guaranteed", "2 of them, skipped"}};
    consequence.units = {"A-101", "A-102", "A-103", "A-104", "A-105", "A-106", "A-107", "A-108", "A-109"};
    consequence.and_more = "and 4 more";
    consequence.warning = "2 of them are guaranteed and are skipped";
    consequence.reason_label = "Reason";
    consequence.cancel = "Keep power on";
    consequence.commit = "Switch off 12 units";
    consequence.count = 12;
    consequence.type_label = "Type 12 to go on";
    [[maybe_unused]] const auto answer = ask_consequence(parent, consequence);
}

}  // namespace wutong::client::gallery
