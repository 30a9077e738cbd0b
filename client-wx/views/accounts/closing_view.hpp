#pragma once

#include <memory>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/accounts/closing_presenter.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Closing: the settlement at the left, the reason and the act at the right.
class ClosingView : public PageView {
public:
    ClosingView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    void leave() override { presenter_->leave(); }
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;

private:
    wxWindow* make_settlement();
    wxWindow* make_act();
    void show();

    Context& context_;
    Card* settlement_{nullptr};
    Label* customer_{nullptr};
    wxBoxSizer* meter_rows_{nullptr};
    struct MeterRow {
        FactRow* balance;
        CheckLine* check;
    };
    std::vector<MeterRow> meters_;
    wxBoxSizer* line_rows_{nullptr};
    std::vector<FactRow*> lines_;
    Label* result_label_{nullptr};
    Label* result_{nullptr};
    Card* act_{nullptr};
    Label* remarks_text_{nullptr};
    Label* blockers_{nullptr};
    TextField* reason_{nullptr};
    Label* notice_{nullptr};
    Button* commit_{nullptr};
    Button* transfer_{nullptr};
    Button* cancel_{nullptr};
    EmptyState* instead_{nullptr};
    wxWindow* content_{nullptr};
    std::unique_ptr<ClosingPresenter> presenter_;
};

}  // namespace wutong::client
