#pragma once

#include <wx/scrolwin.h>

#include <array>
#include <memory>
#include <vector>

#include "client-wx/presenters/accounts/opening_presenter.hpp"
#include "client-wx/views/accounts/opening_parts.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Opening an account in one page: customer at the left, meters at the right, the act below.
class OpeningView : public PageView {
public:
    OpeningView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;
    std::vector<wxWindow*> panes() override;

private:
    wxWindow* make_customer();
    wxWindow* make_meters();
    wxWindow* make_act();
    void show();
    void show_customer();
    void show_meters();
    void move_focus();

    Context& context_;
    Card* customer_{nullptr};
    Label* account_{nullptr};
    TextField *name_{nullptr}, *phone_{nullptr}, *note_{nullptr}, *number_{nullptr};
    MoneyField* deposit_{nullptr};
    Label* known_title_{nullptr};
    SuggestionList* known_{nullptr};
    Button* new_customer_{nullptr};
    Card* meters_card_{nullptr};
    wxScrolledWindow* meters_{nullptr};
    std::vector<OpeningMeterBlock*> blocks_;
    Button* add_{nullptr};
    Card* act_{nullptr};
    std::array<Button*, 4> tenders_{};
    Label* total_{nullptr};
    Label* notice_{nullptr};
    Button* commit_{nullptr};
    unsigned focus_seen_{0};
    std::unique_ptr<OpeningPresenter> presenter_;
};

}  // namespace wutong::client
