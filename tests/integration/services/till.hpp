#pragma once

#include <map>
#include <string>

#include "tests/integration/services/counter.hpp"

/// Vending points and shifts in words of the counter.
namespace wutong::tests {

class Till {
public:
    explicit Till(Counter& counter) : counter_{counter} {}

    v1::VendingPoint point(const std::string& code, std::int64_t sale_max = 0, std::int64_t day_max = 0) {
        v1::CreatePointRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_code(code);
        request.set_name("Window " + code);
        request.set_sale_max_e4(sale_max);
        request.set_day_max_e4(day_max);
        return counter_.client().must(&Cashier::CreatePoint, request);
    }
    v1::OpenShiftRequest opening(const std::string& code, std::int64_t cash) const {
        v1::OpenShiftRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_point_code(code);
        request.set_float_e4(cash);
        return request;
    }
    v1::Shift open(const std::string& code, std::int64_t cash) {
        return counter_.client().must(&Cashier::OpenShift, opening(code, cash));
    }
    Answer move(bool out, std::int64_t amount, const std::string& reason) {
        v1::MoveCashRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_out(out);
        request.set_amount_e4(amount);
        request.set_reason(reason);
        v1::Shift shift;
        return counter_.client().call(&Cashier::MoveCash, request, shift);
    }
    v1::CloseShiftRequest closing(const std::map<v1::TenderMethod, std::int64_t>& counted) const {
        v1::CloseShiftRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        for (const auto& [method, amount] : counted) {
            auto& one = *request.add_counted();
            one.set_method(method);
            one.set_amount_e4(amount);
        }
        return request;
    }
    v1::Shift close(const std::map<v1::TenderMethod, std::int64_t>& counted) {
        return counter_.client().must(&Cashier::CloseShift, closing(counted));
    }
    v1::Shift shift(std::int64_t id = 0) {
        v1::GetShiftRequest request;
        request.set_property_id(counter_.site.property.value);
        request.set_shift_id(id);
        return counter_.client().must(&Cashier::GetShift, request);
    }
    v1::Drawer drawer(v1::TenderMethod method) {
        const auto now = shift();
        for (const auto& one : now.drawers()) {
            if (one.method() == method) {
                return one;
            }
        }
        return {};
    }
    v1::ReverseRequest reversal(std::int64_t sale) const {
        v1::ReverseRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_sale_id(sale);
        request.set_reason("wrong meter");
        return request;
    }
    Answer try_to_reverse(std::int64_t sale) {
        v1::SaleReceipt receipt;
        return counter_.client().call(&Sales::Reverse, reversal(sale), receipt);
    }
    v1::PayRefundRequest payout(std::int64_t account, std::int64_t amount) const {
        v1::PayRefundRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_account_id(account);
        request.set_amount_e4(amount);
        request.set_method(v1::TENDER_METHOD_CASH);
        return request;
    }

private:
    Counter& counter_;
};

}  // namespace wutong::tests
