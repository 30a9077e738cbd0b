#include "client-wx/presenters/sale/unanswered_sale.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <sstream>

namespace wutong::client {

namespace {

constexpr const char* kKey = "sale.unanswered";

}  // namespace

UnansweredSale::UnansweredSale() = default;
UnansweredSale::UnansweredSale(UnansweredSale&&) noexcept = default;
UnansweredSale& UnansweredSale::operator=(UnansweredSale&&) noexcept = default;
UnansweredSale::~UnansweredSale() = default;

// One line: operator, property, account, meter, amount, method, request_id, unit.
void UnansweredSale::keep(Context& context, const v1::SellRequest& request, const std::string& unit) {
    std::ostringstream line;
    line << context.session.who().operator_id << ' ' << request.property_id() << ' ' << request.account_id()
         << ' ' << request.meter_id() << ' ' << request.amount_e4() << ' '
         << static_cast<int>(request.method()) << ' ' << request.request_id() << ' ' << unit;
    context.preferences.set(kKey, line.str());
}

void UnansweredSale::forget(Context& context) {
    context.preferences.remove(kKey);
}

std::optional<UnansweredSale> UnansweredSale::find(Context& context) {
    const auto kept = context.preferences.get(kKey);
    if (!kept) {
        return std::nullopt;
    }
    std::istringstream line{*kept};
    std::int64_t operator_id = 0;
    std::int64_t property = 0;
    std::int64_t account = 0;
    std::int64_t meter = 0;
    std::int64_t amount = 0;
    int method = 0;
    std::string request_id;
    UnansweredSale left;
    line >> operator_id >> property >> account >> meter >> amount >> method >> request_id >> std::ws;
    if (!line || amount <= 0 || request_id.size() != 36 || !v1::TenderMethod_IsValid(method)) {
        context.preferences.remove(kKey);  // damaged: nothing can be asked with it
        return std::nullopt;
    }
    std::getline(line, left.unit);
    if (operator_id != context.session.who().operator_id || property != context.session.property_id()) {
        return std::nullopt;
    }
    left.request = std::make_unique<v1::SellRequest>();
    left.request->set_request_id(request_id);
    left.request->set_property_id(property);
    left.request->set_account_id(account);
    left.request->set_meter_id(meter);
    left.request->set_amount_e4(amount);
    left.request->set_method(static_cast<v1::TenderMethod>(method));
    return left;
}

}  // namespace wutong::client
