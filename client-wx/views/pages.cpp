#include "client-wx/views/pages.hpp"

#include "client-wx/presenters/context.hpp"
#include "client-wx/views/shell/settings_page.hpp"

namespace wutong::client {

PageView* make_page(Page page, wxWindow* parent, Context& context) {
    switch (page) {
        case Page::settings:
            return new SettingsPage{parent, context};
        default:
            return nullptr;
    }
}

bool has_page(Page page) {
    switch (page) {
        case Page::settings:
            return true;
        default:
            return false;
    }
}

const char* permission_for(Page page) {
    switch (page) {
        case Page::sign_in:
        case Page::settings:
            break;
        case Page::wall:
        case Page::meter:
        case Page::devices:
            return "device.read";
        case Page::sell:
            return "sale.write";
        case Page::accounts:
        case Page::account:
            return "account.read";
        case Page::open_account:
        case Page::close_account:
            return "account.write";
        case Page::alarms:
            return "reading.read";
        case Page::commands:
            return "control.read";
        case Page::operators:
            return "operator.read";
        case Page::operation_log:
            return "log.read";
        case Page::parameters:
            return "parameter.read";
    }
    return "";
}

}  // namespace wutong::client
