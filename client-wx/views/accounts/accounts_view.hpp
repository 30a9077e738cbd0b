#pragma once

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/accounts/accounts_presenter.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

class ListPane;

/// All accounts: search, state, and the way to open one.
class AccountsView : public PageView {
public:
    AccountsView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    void leave() override { presenter_.close(); }
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;
    std::vector<wxWindow*> panes() override;

private:
    void show();
    void open_account(std::int64_t account_id);

    Context& context_;
    AccountsPresenter presenter_;
    TextField* search_;
    Segmented* state_;
    Label* count_;
    Button* add_;
    ListPane* list_;
};

}  // namespace wutong::client
