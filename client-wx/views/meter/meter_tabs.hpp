#pragma once

#include <wx/scrolwin.h>

#include <functional>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/controls/line_chart.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/meter/meter_credit.hpp"
#include "client-wx/presenters/meter/meter_events.hpp"
#include "client-wx/presenters/meter/meter_held.hpp"
#include "client-wx/presenters/meter/meter_readings.hpp"
#include "client-wx/presenters/meter/meter_settings.hpp"

namespace wutong::client {

/// Power as a line over a period, and the readings themselves.
class ReadingsTab : public Panel {
public:
    ReadingsTab(wxWindow* parent, MeterReadings& presenter);
    void show(const ReadingsScreen& screen);
    std::function<void()> on_export;

private:
    void choose_typed();

    MeterReadings& presenter_;
    Segmented* span_;
    TextField *from_, *to_;
    Card *chart_card_, *table_card_;
    LineChart* chart_;
    Table* table_;
    Button* more_;
    std::string shown_from_, shown_to_;
};

/// Credit deliveries; Enter or a double click shows the evidence.
class CreditTab : public Panel {
public:
    CreditTab(wxWindow* parent, MeterCredit& presenter);
    void show(const CreditScreen& screen);
    std::function<void(std::int64_t delivery_id)> on_settle;

private:
    MeterCredit& presenter_;
    Card* card_;
    Table* table_;
    Button* more_;
};

class EventsTab : public Panel {
public:
    EventsTab(wxWindow* parent, MeterEvents& presenter);
    void show(const EventsScreen& screen);

private:
    MeterEvents& presenter_;
    Card* card_;
    Table* table_;
    Button* more_;
};

/// What the device is, price and limits with the buttons that send others, who keeps the credit, and the
/// guard.
class SettingsTab : public Panel {
public:
    SettingsTab(wxWindow* parent, MeterSettings& presenter, MeterHeld& held);
    void show(const MeterSettingsScreen& screen);
    void show_held();
    std::function<void(std::unique_ptr<Form>)> on_form;

private:
    void make_held();
    void place();
    void open(std::unique_ptr<Form> form);

    MeterSettings& presenter_;
    MeterHeld& held_;
    wxScrolledWindow* scroll_;
    Card *device_, *money_;
    std::vector<FactRow*> device_rows_, money_rows_;
    Label* sentence_;
    std::vector<Button*> buttons_;
    Card *credit_{nullptr}, *guard_{nullptr};
    std::vector<FactRow*> credit_rows_, guard_rows_;
    Label* credit_fault_{nullptr};
    Button *change_{nullptr}, *go_on_{nullptr}, *set_guard_{nullptr};
};

[[nodiscard]] std::vector<TableColumn> credit_columns();
void show_evidence(wxWindow* parent, const DeliveryEvidence& evidence);
/// Leaves the table alone when its rows are the same: selection and place stay.
void show_if_other(Table& table, std::vector<std::vector<TableCell>> rows, std::vector<std::int64_t> keys);

}  // namespace wutong::client
