#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/services/server_stack.hpp"
#include "tests/integration/services/tiny_collector.hpp"
#include "tests/support/test_site.hpp"

/// A counter with its building: what most of these tests begin with, in words of the counter.
namespace wutong::tests {

using Accounts = v1::AccountService::Stub;
using Sales = v1::SaleService::Stub;
using Controls = v1::ControlService::Stub;
using Ledger = v1::LedgerService::Stub;
using Readings = v1::ReadingService::Stub;
using Search = v1::SearchService::Stub;
using Cashier = v1::CashierService::Stub;

class Counter {
public:
    explicit Counter(int meter_count, const std::string& code = "TOWER")
        : site{database, code, meter_count}, field{database, site}, stack{database} {}

    [[nodiscard]] Client& client() { return stack.client(); }

    v1::OpenAccountRequest opening(const std::vector<std::pair<core::MeterId, std::int64_t>>& meters) const {
        v1::OpenAccountRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(site.property.value);
        request.mutable_customer()->set_name("Li Wei");
        request.set_method(v1::TENDER_METHOD_CASH);
        for (const auto& [meter, first] : meters) {
            auto& open = *request.add_meters();
            open.set_meter_id(meter.value);
            open.set_first_purchase_e4(first);
            open.set_price_e4(10'000);
        }
        return request;
    }
    v1::Account open(const std::vector<std::pair<core::MeterId, std::int64_t>>& meters) {
        return client().must(&Accounts::OpenAccount, opening(meters)).account();
    }
    /// Opened in the books and on the meters.
    v1::Account open_and_deliver(const std::vector<std::pair<core::MeterId, std::int64_t>>& meters) {
        const auto account = open(meters);
        REQUIRE(field.deliver() == static_cast<int>(meters.size()));
        for (const auto& [meter, first] : meters) {
            field.poll(site, meter);
        }
        return account;
    }

    v1::SellRequest sale(std::int64_t account, core::MeterId meter, std::int64_t amount_e4) const {
        v1::SellRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(site.property.value);
        request.set_account_id(account);
        request.set_meter_id(meter.value);
        request.set_amount_e4(amount_e4);
        request.set_method(v1::TENDER_METHOD_CASH);
        return request;
    }
    Answer try_to_sell(std::int64_t account, core::MeterId meter, std::int64_t amount_e4) {
        v1::SaleReceipt receipt;
        return client().call(&Sales::Sell, sale(account, meter, amount_e4), receipt);
    }
    v1::RefundRequest refund(std::int64_t account, core::MeterId meter, std::int64_t amount_e4) const {
        v1::RefundRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(site.property.value);
        request.set_account_id(account);
        request.set_meter_id(meter.value);
        request.set_amount_e4(amount_e4);
        request.set_reason("moves out");
        return request;
    }
    v1::CloseAccountRequest closing(std::int64_t account) const {
        v1::CloseAccountRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(site.property.value);
        request.set_account_id(account);
        return request;
    }
    v1::Account account(std::int64_t id) {
        v1::GetAccountRequest request;
        request.set_property_id(site.property.value);
        request.set_account_id(id);
        return client().must(&Accounts::GetAccount, request);
    }
    v1::Delivery delivery(std::int64_t id) {
        v1::GetDeliveryRequest request;
        request.set_property_id(site.property.value);
        request.set_delivery_id(id);
        return client().must(&Sales::GetDelivery, request);
    }
    v1::TrialBalance trial_balance() {
        v1::TrialBalanceRequest request;
        request.set_property_id(site.property.value);
        return client().must(&Ledger::GetTrialBalance, request);
    }
    v1::SendCommandRequest command(const std::string& kind, const std::vector<core::MeterId>& meters) const {
        v1::SendCommandRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(site.property.value);
        request.set_kind(kind);
        for (const auto meter : meters) {
            request.add_meter_ids(meter.value);
        }
        return request;
    }
    std::int64_t count(const std::string& from_where) const {
        return database.as_superuser("SELECT count(*) FROM " + from_where)[0][0].as<std::int64_t>();
    }

    TestDatabase database;
    TestSite site;
    TinyCollector field;
    ServerStack stack;
};

/// Balance of one line of a trial balance; debit is positive.
inline std::int64_t line_of(const v1::TrialBalance& balance, const std::string& account) {
    for (const auto& line : balance.lines()) {
        if (line.account() == account) {
            return line.balance_e4();
        }
    }
    return 0;
}

/// Where all the money that was ever taken in is now.
inline void check_identity(const v1::TrialBalance& balance) {
    CHECK(balance.sum_e4() == 0);
    CHECK(balance.prepaid_e4() + balance.consumed_e4() + balance.in_flight_e4() -
              line_of(balance, "unallocated_credit") - line_of(balance, "refund_payable") -
              line_of(balance, "rounding") - line_of(balance, "deposit") ==
          balance.sold_e4() - balance.refunded_e4());
}

}  // namespace wutong::tests
