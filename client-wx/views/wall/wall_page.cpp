#include "client-wx/views/wall/wall_page.hpp"

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/ask_cut.hpp"
#include "client-wx/views/save_table.hpp"
#include "client-wx/views/wall/batch_panel.hpp"
#include "client-wx/views/wall/inspector_panel.hpp"
#include "client-wx/views/wall/several_panel.hpp"

namespace wutong::client {

namespace {

class List final : public TableRows {
public:
    explicit List(const WallPresenter& presenter) : presenter_{presenter} {}
    [[nodiscard]] std::size_t count() const override { return presenter_.cells(); }
    [[nodiscard]] TableCell cell(std::size_t row, std::size_t column) const override {
        return presenter_.list_cell(row, column);
    }
    [[nodiscard]] std::int64_t key(std::size_t row) const override {
        return presenter_.meter_at(presenter_.list_position(row));
    }

private:
    const WallPresenter& presenter_;
};

}  // namespace

WallPage::WallPage(wxWindow* parent, Context& context)
    : PageView{parent},
      context_{context},
      presenter_{std::make_unique<WallPresenter>(context)},
      rows_{std::make_unique<List>(*presenter_)} {
    auto* page = new wxBoxSizer{wxVERTICAL};
    build_chips(page);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    auto* left = new wxBoxSizer{wxVERTICAL};
    build_toolbar(left);
    build_content(left);
    row->Add(left, 1, wxEXPAND);
    build_panels(row);
    page->Add(row, 1, wxEXPAND);
    SetSizer(page);
    connect();
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        fit_to_size();
    });
    show_screen();
    inspector_->show(presenter_->inspector().screen());
}

WallPage::~WallPage() {
    canvas_->set_source(nullptr);
    table_->set_rows(nullptr);
}

void WallPage::connect() {
    presenter_->on_screen = [this] { show_screen(); };
    presenter_->on_cells_reset = [this] {
        canvas_->reset();
        canvas_->set_current(presenter_->current(), false);
        table_->reset();
    };
    presenter_->on_cells = [this](const std::vector<std::size_t>& positions) {
        canvas_->cells_changed(positions);
        canvas_->headers_changed();
        if (presenter_->screen().list) {
            table_->Refresh();
        }
    };
    presenter_->on_selection = [this] { show_selection(); };
    presenter_->on_goto = [this](std::optional<std::size_t> position) {
        if (position) {
            canvas_->set_current(position);
            canvas_->bring_into_view(*position);
        }
        focus_content();
    };
    presenter_->on_ask = [this](const CutQuestion& question) {
        // Not from within the answer's callback: the dialog runs the loop that delivers answers.
        CallAfter([this, question] { presenter_->answer_cut(ask_cut(this, question)); });
    };
    presenter_->inspector().on_changed = [this] {
        if (inspector_->IsShown()) {
            inspector_->show(presenter_->inspector().screen());
        }
    };
}

wxString WallPage::title() const {
    return wxs(tr("Wall of meters"));
}

wxString WallPage::status_left() const {
    return wxs(presenter_->screen().panel == WallScreen::Panel::batch
                   ? tr("Commands go on when you leave this page; Commands (Ctrl+5) lists all of them")
                   : presenter_->screen().status_left);
}

wxString WallPage::status_right() const {
    return wxs(presenter_->screen().panel == WallScreen::Panel::batch
                   ? tr("F6 moves between wall and panel")
                   : tr("Enter opens  ·  Space selects  ·  F2 sells  ·  Ctrl+K finds"));
}

void WallPage::open(const Place& place) {
    static const std::string batch = "batch:";
    if (place.text.starts_with(batch)) {
        presenter_->batch().attach(place.text.substr(batch.size()));
    } else if (!place.text.empty()) {
        presenter_->search(place.text);
    }
    if (place.id != 0) {
        presenter_->go_to(place.id);
    }
    focus_content();
}

void WallPage::focus_content() {
    if (presenter_->screen().list) {
        table_->focus();
    } else {
        canvas_->SetFocus();
    }
}

wxWindow* WallPage::home() {
    return presenter_->screen().list ? static_cast<wxWindow*>(table_) : canvas_;
}

void WallPage::show_screen() {
    const auto& screen = presenter_->screen();
    show_chips(screen);
    property_->set_text(wxs(screen.property));
    property_->Show(!screen.property.empty());
    if (screen.buildings != shown_buildings_) {
        shown_buildings_ = screen.buildings;
        std::vector<wxString> words;
        for (const auto& building : screen.buildings) {
            words.push_back(wxs(clipped(building, 12)));
        }
        buildings_->set_choices(std::move(words), screen.building);
        // One building needs no choice; many would need more room than there is.
        buildings_->Show(screen.buildings.size() > 2 && screen.buildings.size() <= 12);
    }
    buildings_->choose(screen.building);
    mode_->choose(screen.list ? 1 : 0);
    density_->Show(!screen.list);
    search_->Show(!screen.search.empty());
    search_->set_text(wxs("\"" + screen.search + "\""));

    const bool empty = screen.empty != WallScreen::Empty::no;
    if (empty) {
        empty_->set(screen.empty == WallScreen::Empty::nothing_fits ? "filter-off" : "layout-grid",
                    wxs(screen.empty_text), {}, wxs(screen.empty_action));
    }
    empty_->Show(empty);
    canvas_->Show(!empty && !screen.list);
    table_->Show(!empty && screen.list);
    show_panel(screen);
    Layout();
    changed();
}

void WallPage::show_panel(const WallScreen& screen) {
    using Which = WallScreen::Panel;
    inspector_->Show(screen.panel == Which::inspector);
    several_->Show(screen.panel == Which::several);
    batch_->Show(screen.panel == Which::batch);
    nothing_->Show(screen.panel == Which::nothing);
    if (screen.panel == Which::inspector) {
        inspector_->show(presenter_->inspector().screen());
    } else if (screen.panel == Which::several) {
        several_->show(presenter_->several());
    } else if (screen.panel == Which::batch) {
        batch_->show(presenter_->batch().screen());
    }
    const int width = screen.panel == Which::batch ? measure::batch_panel : measure::inspector;
    side_->SetMinSize({theme::space(this, width), -1});
    side_->Layout();
}

void WallPage::show_selection() {
    canvas_->set_current(presenter_->current());
    if (!presenter_->screen().list || in_table_selection_) {
        return;
    }
    if (const auto row = presenter_->list_row(presenter_->selection().current())) {
        table_->select(*row);
    }
}

void WallPage::fit_to_size() {
    const auto size = GetClientSize();
    // Folded where the words do not fit, however long they are in this language and type size.
    int needed = 2 * theme::space(this, space::page_margin);
    for (auto* chip : chips_) {
        needed += chip->full_width() + theme::space(this, space::s);
    }
    for (auto* chip : chips_) {
        chip->set_folded(needed > size.x && chip != chips_.front());
    }
}

void WallPage::choose_property() {
    std::vector<MenuEntry> entries;
    const auto& properties = context_.session.properties();
    for (const auto& property : properties) {
        MenuEntry entry;
        entry.words = wxs(property.name);
        entry.ticked = property.property_id == context_.session.property_id();
        entries.push_back(std::move(entry));
    }
    const int chosen = choose_from_menu(*property_, entries);
    if (chosen >= 0) {
        presenter_->choose_property(properties.at(static_cast<std::size_t>(chosen)).property_id);
    }
}

void WallPage::export_table() {
    const bool result = presenter_->batch().screen().can_export;
    const auto said = result ? save_table(this, presenter_->batch().result(), tr("result"))
                             : save_table(this, presenter_->table(), tr("meters"));
    if (!said.empty()) {
        context_.navigator.toast(said);
    }
}

bool WallPage::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.ControlDown() && !event.AltDown()) {
        switch (code) {
            case 'G':
                presenter_->guarantee();
                return true;
            case 'D':
                presenter_->cut();
                return true;
            case 'E':
                export_table();
                return true;
            case 'R':
                presenter_->batch().retry_failed();
                return true;
            case WXK_RETURN:
                presenter_->batch().commit();
                return presenter_->batch().shown();
            default:
                return false;
        }
    }
    if (event.AltDown() || event.ShiftDown()) {
        return false;
    }
    switch (code) {
        case WXK_F2:
            if (presenter_->selection().current() == 0) {
                return false;  // the frame opens the sale page, for nobody yet
            }
            presenter_->sell();
            return true;
        case WXK_F5:
            presenter_->query();
            return true;
        case WXK_F8:
            presenter_->show_list(!presenter_->screen().list);
            focus_content();
            return true;
        case WXK_ESCAPE:
            return presenter_->leave_one();
        default:
            return false;
    }
}

std::vector<std::pair<wxString, wxString>> WallPage::keys() const {
    return {{"Enter", wxs(tr("Open the meter's page"))},
            {"Space", wxs(tr("Select one more"))},
            {"Ctrl+A", wxs(tr("Select all that are shown"))},
            {"a229", wxs(tr("Type a unit's number to jump to it"))},
            {"F2", wxs(tr("Sell electricity"))},
            {"F5", wxs(tr("Query now"))},
            {"F8", wxs(tr("Wall or list"))},
            {"Ctrl+G", wxs(tr("Guarantee power"))},
            {"Ctrl+D", wxs(tr("Switch off"))},
            {"Ctrl+E", wxs(tr("Export as Excel"))},
            {"Ctrl+R", wxs(tr("Try what failed again"))},
            {"Esc", wxs(tr("Close panel, clear selection, clear filter"))}};
}

std::vector<wxWindow*> WallPage::panes() {
    std::vector<wxWindow*> panes{chips_.front()};
    if (canvas_->IsShown()) {
        panes.push_back(canvas_);
    } else if (table_->IsShown()) {
        panes.push_back(table_);
    }
    for (wxWindow* panel : std::initializer_list<wxWindow*>{inspector_, several_, batch_}) {
        if (panel->IsShown()) {
            panes.push_back(panel);
        }
    }
    return panes;
}

}  // namespace wutong::client
