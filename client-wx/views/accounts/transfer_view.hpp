#pragma once

#include <wx/scrolwin.h>

#include <memory>
#include <vector>

#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/accounts/transfer_presenter.hpp"
#include "client-wx/views/accounts/opening_parts.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Giving an account's meters to a new tenant: the settlement at the left, who and the act at the right.
class TransferView : public PageView {
public:
    TransferView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    void leave() override { presenter_->leave(); }
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;
    std::vector<wxWindow*> panes() override;

private:
    using Where = TransferScreen::Field;

    wxWindow* make_settlement();
    wxWindow* make_act();
    void show();
    bool show_settlement();
    bool show_act();
    void move_focus();

    Context& context_;
    Card* settlement_{nullptr};
    Label* from_{nullptr};
    Segmented* way_{nullptr};
    Label* way_words_{nullptr};
    Table* table_{nullptr};
    FigureCard *carried_{nullptr}, *payable_{nullptr};
    Label* fault_{nullptr};
    Card* act_{nullptr};
    wxScrolledWindow* scroll_{nullptr};
    TextField *name_{nullptr}, *phone_{nullptr}, *note_{nullptr}, *number_{nullptr}, *reason_{nullptr};
    Label* known_title_{nullptr};
    SuggestionList* known_{nullptr};
    Button* new_customer_{nullptr};
    CheckBox* accept_{nullptr};
    Label *blockers_{nullptr}, *consequence_{nullptr}, *notice_{nullptr};
    Button *commit_{nullptr}, *cancel_{nullptr};
    unsigned focus_seen_{0};
    std::unique_ptr<TransferPresenter> presenter_;
};

}  // namespace wutong::client
