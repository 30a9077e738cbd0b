#pragma once

#include <wx/sizer.h>

#include <memory>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/chip.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/controls/wall_canvas.hpp"
#include "client-wx/presenters/wall/wall_presenter.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

class BatchPanel;
class InspectorPanel;
class SeveralPanel;

/// Home: all meters as a wall of cells or as a list, with what is selected at the right.
class WallPage : public PageView {
public:
    WallPage(wxWindow* parent, Context& context);
    ~WallPage() override;

    void open(const Place& place) override;
    [[nodiscard]] wxString title() const override;
    [[nodiscard]] wxString status_left() const override;
    [[nodiscard]] wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override;
    [[nodiscard]] std::vector<wxWindow*> panes() override;
    [[nodiscard]] wxWindow* home() override;

private:
    void build_chips(wxSizer* column);
    void build_toolbar(wxSizer* column);
    void build_content(wxSizer* row);
    void build_panels(wxSizer* row);
    void connect();
    void show_screen();
    void show_chips(const WallScreen& screen);
    void show_panel(const WallScreen& screen);
    void show_selection();
    void fit_to_size();
    void choose_property();
    void export_table();
    void focus_content();

    Context& context_;
    std::unique_ptr<WallPresenter> presenter_;
    std::unique_ptr<TableRows> rows_;
    std::vector<Chip*> chips_;
    Button* property_{nullptr};
    Segmented *buildings_{nullptr}, *density_{nullptr}, *mode_{nullptr};
    Button* search_{nullptr};
    WallCanvas* canvas_{nullptr};
    Table* table_{nullptr};
    EmptyState* empty_{nullptr};
    Panel* side_{nullptr};
    InspectorPanel* inspector_{nullptr};
    SeveralPanel* several_{nullptr};
    BatchPanel* batch_{nullptr};
    EmptyState* nothing_{nullptr};
    std::vector<std::string> shown_buildings_;
    std::size_t chip_letters_{0};  // of their counts: longer ones may no longer fit
    bool in_table_selection_{false};
};

}  // namespace wutong::client
