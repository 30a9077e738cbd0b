#pragma once

#include <functional>
#include <vector>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/chart.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/meter/meter_presenter.hpp"

namespace wutong::client {

/// L1 231.4 V 3.20 A 0.71 kW, a line for each phase.
class PhaseTable : public DrawnControl {
public:
    explicit PhaseTable(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(std::vector<MeterScreen::Phase> phases);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int row_height() const;
    std::vector<MeterScreen::Phase> phases_;
};

/// Four figures, the chart of use, what the meter says now, and the latest deliveries.
class OverviewTab : public Panel {
public:
    OverviewTab(wxWindow* parent, MeterPresenter& presenter);
    void show();

    std::function<void()> on_all_credit;

private:
    static constexpr int kLowLines = 20;  ///< of the body font: in less height the figures fold
    static constexpr std::size_t kFactsMost = 8, kFactsLeast = 6, kDeliveriesShown = 4, kDeliveriesLeast = 2;

    void build_middle(wxSizer* page);
    void build_credit(wxSizer* page);
    void show_chart();
    /// On a low screen the last facts are left out: half a row helps nobody, and the Readings tab has them
    /// all.
    void fit_facts();
    void explain_difference();

    MeterPresenter& presenter_;
    FigureCard *balance_, *days_, *today_, *power_;
    Card *use_, *at_meter_, *credit_;
    Segmented* span_;
    Chart* chart_;
    PhaseTable* phases_;
    std::vector<FactRow*> facts_;
    Table* deliveries_;
};

}  // namespace wutong::client
