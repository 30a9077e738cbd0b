// Whatever is done to accounts in whatever order: ledger and meters agree.
#include <wutong/v1/account_change_service.grpc.pb.h>
#include <wutong/v1/balance_service.grpc.pb.h>

#include <map>
#include <random>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;

namespace {

using Changes = v1::AccountChangeService::Stub;

class Town {
public:
    explicit Town(unsigned seed) : random_{seed} {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            if (i % 4 == 3) {
                check();
            }
        }
        settle();
        check();
        for (const auto& [what, times] : done_) {
            INFO(what);
            CHECK(times > 0);
        }
        CHECK(done_.size() == 7);
    }

private:
    std::int64_t any(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{least, most}(random_);
    }
    core::MeterId any_meter() {
        return counter_.site.meters[static_cast<std::size_t>(
            any(0, static_cast<std::int64_t>(counter_.site.meters.size()) - 1))];
    }
    std::int64_t account_of(core::MeterId meter) {
        const auto found = owner_.find(meter);
        return found == owner_.end() ? 0 : found->second;
    }

    /// Deliveries arrive, tenants use energy, the collector reads.
    void settle() {
        counter_.field.deliver();
        for (const auto meter : counter_.site.meters) {
            if (account_of(meter) != 0 && any(0, 2) > 0) {
                counter_.field.meter(meter).use(core::Energy{any(0, 400) * 10});
            }
            counter_.field.poll(counter_.site, meter);
        }
    }

    void step() {
        const auto meter = any_meter();
        const auto account = account_of(meter);
        switch (any(0, 6)) {
            case 0:
                if (account == 0) {
                    owner_[meter] = counter_.open({{meter, any(0, 500) * 1'000}}).account_id();
                    ++done_["open"];
                }
                break;
            case 1:
            case 2:
                if (account != 0 && counter_.try_to_sell(account, meter, any(1, 900) * 1'000).ok()) {
                    ++done_["sell"];
                }
                break;
            case 3:
                exchange(meter, account, any_meter());
                break;
            case 4:
                transfer(account);
                break;
            case 5:
                close(account);
                break;
            default:
                pay_out();
                break;
        }
        if (any(0, 3) > 0) {
            settle();
        }
    }

    void exchange(core::MeterId from, std::int64_t account, core::MeterId to) {
        if (account == 0 || from == to) {
            return;
        }
        v1::ExchangeMeterRequest request;
        v1::ExchangeMeterResponse response;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_account_id(account);
        request.set_old_meter_id(from.value);
        request.set_new_meter_id(to.value);
        request.set_reason("random");
        request.set_carry_waiting(any(0, 1) == 1);
        request.set_carry_unallocated(any(0, 1) == 1);
        if (any(0, 3) == 0) {
            request.mutable_typed()->set_reason("the display told it");
            request.mutable_typed()->set_energy_wh(counter_.field.meter(from).now.energy.watt_hours());
        }
        const auto answer = counter_.client().call(&Changes::ExchangeMeter, request, response);
        if (answer.ok()) {
            owner_.erase(from);
            owner_[to] = account;
            ++done_["exchange"];
        } else {
            INFO(answer.message);
            CHECK(answer.code == grpc::StatusCode::FAILED_PRECONDITION);
            CHECK(answer.reason != "balances_differ");
        }
    }

    void transfer(std::int64_t account) {
        if (account == 0) {
            return;
        }
        v1::TransferAccountRequest request;
        v1::TransferAccountResponse response;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_account_id(account);
        request.mutable_customer()->set_name("Next");
        const bool carry = any(0, 1) == 1;
        request.set_money(carry ? v1::TRANSFER_MONEY_CARRY : v1::TRANSFER_MONEY_REFUND);
        const auto answer = counter_.client().call(&Changes::TransferAccount, request, response);
        if (answer.ok()) {
            for (auto& [meter, owner] : owner_) {
                if (owner == account) {
                    owner = response.new_account().account_id();
                }
            }
            payees_.push_back(account);
            ++done_[carry ? "carry" : "hand back"];
        } else {
            INFO(answer.message);
            CHECK(answer.code == grpc::StatusCode::FAILED_PRECONDITION);
            CHECK(answer.reason != "balances_differ");
        }
    }

    void close(std::int64_t account) {
        v1::CloseAccountResponse response;
        if (account != 0 &&
            counter_.client().call(&Accounts::CloseAccount, counter_.closing(account), response).ok()) {
            counter_.field.deliver();
            std::erase_if(owner_, [&](const auto& one) { return one.second == account; });
            CHECK(counter_.account(account).prepaid_credit_e4() == 0);
            payees_.push_back(account);
            ++done_["close"];
        }
    }

    void pay_out() {
        if (payees_.empty()) {
            return;
        }
        const auto account =
            payees_[static_cast<std::size_t>(any(0, static_cast<std::int64_t>(payees_.size()) - 1))];
        v1::PayRefundRequest request;
        v1::PayRefundResponse response;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        request.set_account_id(account);
        request.set_amount_e4(counter_.account(account).refund_payable_e4());
        request.set_method(v1::TENDER_METHOD_CASH);
        if (request.amount_e4() > 0) {
            CHECK(counter_.client().call(&Sales::PayRefund, request, response).ok());
            CHECK(counter_.account(account).refund_payable_e4() == 0);
            ++done_["pay out"];
        }
    }

    void check() {
        check_identity(counter_.trial_balance());
        v1::ProveBalancesRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter_.site.property.value);
        const auto proof = counter_.client().must(&v1::BalanceService::Stub::ProveBalances, request);
        INFO(proof.ShortDebugString());
        REQUIRE(proof.unexplained() == 0);
        REQUIRE(proof.causes().foreign_write_e4() == 0);
        // Every account's money by meter is what its postings say, and nobody's account holds nothing.
        CHECK(counter_.count("(SELECT 1 FROM posting WHERE account = 'unallocated_credit' AND owner_id = 0 "
                             "HAVING sum(amount_e4) <> 0) AS held") == 0);
        CHECK(counter_.count("alarm WHERE kind IN ('ledger_difference', 'quarantine', 'foreign_write')") ==
              0);
    }

    std::mt19937 random_;
    Counter counter_{5};
    std::map<core::MeterId, std::int64_t> owner_;
    std::vector<std::int64_t> payees_;
    std::map<std::string, int> done_;
};

}  // namespace

TEST_CASE("accounts: ledger and meters agree whatever is done in whatever order",
          "[services][account_change]") {
    Town town{1};
    town.run(100);
}
