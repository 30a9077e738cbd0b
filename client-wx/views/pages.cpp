#include "client-wx/views/pages.hpp"

#include <algorithm>
#include <iterator>

#include "client-wx/presenters/context.hpp"
#include "client-wx/views/accounts/account_view.hpp"
#include "client-wx/views/accounts/accounts_view.hpp"
#include "client-wx/views/accounts/closing_view.hpp"
#include "client-wx/views/accounts/exchange_view.hpp"
#include "client-wx/views/accounts/opening_view.hpp"
#include "client-wx/views/accounts/statement_page.hpp"
#include "client-wx/views/accounts/transfer_view.hpp"
#include "client-wx/views/balances/balances_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/energy/energy_page.hpp"
#include "client-wx/views/meter/meter_page.hpp"
#include "client-wx/views/sale/sale_view.hpp"
#include "client-wx/views/shell/settings_page.hpp"
#include "client-wx/views/shifts/shift_page.hpp"
#include "client-wx/views/tariffs/tariffs_page.hpp"
#include "client-wx/views/wall/wall_page.hpp"

namespace wutong::client {

namespace {

template <class View>
PageView* make(wxWindow* parent, Context& context) {
    return new View{parent, context};
}

// A page is one line here, and its include above.
struct Known {
    Page page;
    PageView* (*make)(wxWindow* parent, Context& context);
};
constexpr Known known_pages[] = {
    // clang-format off
    {Page::wall, make<WallPage>},
    {Page::meter, make<MeterPage>},
    {Page::sell, make<SaleView>},
    {Page::accounts, make<AccountsView>},
    {Page::account, make<AccountView>},
    {Page::open_account, make<OpeningView>},
    {Page::close_account, make<ClosingView>},
    {Page::exchange_meter, make<ExchangeView>},
    {Page::transfer_account, make<TransferView>},
    {Page::statement, make_statement_page},
    {Page::alarms, make_alarms_page},
    {Page::commands, make_commands_page},
    {Page::tariffs, make_tariffs_page},
    {Page::balances, make_balances_page},
    {Page::energy, make_energy_page},
    {Page::devices, make_devices_page},
    {Page::operators, make_operators_page},
    {Page::operation_log, make_log_page},
    {Page::parameters, make_parameters_page},
    {Page::shift, make_shift_page},
    {Page::settings, make<SettingsPage>},
    // clang-format on
};

}  // namespace

PageView* make_page(Page page, wxWindow* parent, Context& context) {
    for (const auto& known : known_pages) {
        if (known.page == page) {
            return known.make(parent, context);
        }
    }
    return nullptr;
}

bool has_page(Page page) {
    return std::any_of(std::begin(known_pages), std::end(known_pages),
                       [page](const Known& known) { return known.page == page; });
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
        case Page::statement:
            return "account.read";
        case Page::balances:
            return "ledger.read";
        case Page::tariffs:
            return "tariff.read";
        case Page::shift:
            return "point.read";
        case Page::open_account:
        case Page::close_account:
        case Page::exchange_meter:
        case Page::transfer_account:
            return "account.write";
        case Page::alarms:
        case Page::energy:
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
