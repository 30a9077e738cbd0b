#include "server/service_set.hpp"

#include "server/app.hpp"
#include "server/money_parts.hpp"
#include "server/services/account_service.hpp"
#include "server/services/control_service.hpp"
#include "server/services/ledger_service.hpp"
#include "server/services/reading_service.hpp"
#include "server/services/sale_service.hpp"
#include "server/services/session_service.hpp"

namespace wutong::server {

ServiceSet make_services(App& app) {
    ServiceSet set;
    set.add<v1::SessionService>(std::make_unique<SessionService>(app));
    set.add<v1::AccountService>(std::make_unique<AccountService>(app));
    set.add<v1::SaleService>(std::make_unique<SaleService>(app, app.money().deliveries()));
    set.add<v1::ControlService>(std::make_unique<ControlService>(app, app.money().commands()));
    set.add<v1::ReadingService>(std::make_unique<ReadingService>(app));
    set.add<v1::LedgerService>(std::make_unique<LedgerService>(app, app.money().verifier()));
    return set;
}

}  // namespace wutong::server
