#pragma once

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

/// What this seat looks like and which server it talks to. Everything takes effect at once.
class SettingsPage final : public PageView {
public:
    SettingsPage(wxWindow* parent, Context& context);
    void open(const Place& place) override;
    [[nodiscard]] wxString title() const override;
    [[nodiscard]] wxString status_left() const override;

private:
    Card* looks_card();
    Card* server_card();
    void show_server();

    Context& context_;
    Segmented* language_{nullptr};
    Segmented* theme_{nullptr};
    Segmented* size_{nullptr};
    FactRow* address_{nullptr};
    FactRow* fingerprint_{nullptr};
    FactRow* version_{nullptr};
    FactRow* client_{nullptr};
    Subscription connection_changes_;
};

/// The mode that the preference asks for.
[[nodiscard]] theme::Mode mode_of(ThemeChoice choice);

}  // namespace wutong::client
