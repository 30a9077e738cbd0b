#include "server/service_set.hpp"

#include "server/app.hpp"
#include "server/money_parts.hpp"
#include "server/services/account_change_service.hpp"
#include "server/services/account_service.hpp"
#include "server/services/balance_service.hpp"
#include "server/services/cashier_service.hpp"
#include "server/services/control_service.hpp"
#include "server/services/device_service.hpp"
#include "server/services/firmware_service.hpp"
#include "server/services/held_service.hpp"
#include "server/services/history_service.hpp"
#include "server/services/kiosk_service.hpp"
#include "server/services/ledger_service.hpp"
#include "server/services/live_service.hpp"
#include "server/services/message_service.hpp"
#include "server/services/meter_group_service.hpp"
#include "server/services/operator_service.hpp"
#include "server/services/reading_service.hpp"
#include "server/services/recording_service.hpp"
#include "server/services/review_service.hpp"
#include "server/services/sale_service.hpp"
#include "server/services/search_service.hpp"
#include "server/services/session_service.hpp"
#include "server/services/site_service.hpp"
#include "server/services/tariff_service.hpp"
#include "server/services/upkeep_service.hpp"

namespace wutong::server {

ServiceSet make_services(App& app) {
    ServiceSet set;
    set.add<v1::SessionService>(std::make_unique<SessionService>(app));
    set.add<v1::OperatorService>(std::make_unique<OperatorService>(app));
    set.add<v1::SiteService>(std::make_unique<SiteService>(app));
    set.add<v1::DeviceService>(std::make_unique<DeviceService>(app));
    set.add<v1::AccountService>(std::make_unique<AccountService>(app));
    set.add<v1::AccountChangeService>(std::make_unique<AccountChangeService>(app));
    set.add<v1::SaleService>(std::make_unique<SaleService>(app, app.money().deliveries()));
    set.add<v1::CashierService>(std::make_unique<CashierService>(app));
    set.add<v1::ControlService>(std::make_unique<ControlService>(app, app.money().commands()));
    set.add<v1::HeldService>(std::make_unique<HeldService>(app));
    set.add<v1::MeterGroupService>(std::make_unique<MeterGroupService>(app));
    set.add<v1::ReadingService>(std::make_unique<ReadingService>(app));
    set.add<v1::RecordingService>(std::make_unique<RecordingService>(app));
    set.add<v1::ReviewService>(std::make_unique<ReviewService>(app));
    set.add<v1::BalanceService>(std::make_unique<BalanceService>(app));
    set.add<v1::LedgerService>(std::make_unique<LedgerService>(app, app.money().verifier()));
    set.add<v1::SearchService>(std::make_unique<SearchService>(app));
    set.add<v1::LiveService>(std::make_unique<LiveService>(app));
    set.add<v1::KioskService>(std::make_unique<KioskService>(app));
    set.add<v1::TariffService>(std::make_unique<TariffService>(app));
    set.add<v1::UpkeepService>(std::make_unique<UpkeepService>(app));
    set.add<v1::FirmwareService>(std::make_unique<FirmwareService>(app));
    set.add<v1::HistoryService>(std::make_unique<HistoryService>(app));
    set.add<v1::MessageService>(std::make_unique<MessageService>(app));
    return set;
}

}  // namespace wutong::server
