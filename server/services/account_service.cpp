#include "server/services/account_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <vector>

#include "server/call.hpp"
#include "server/services/account_opening.hpp"
#include "server/services/account_shapes.hpp"
#include "server/services/convert.hpp"
#include "server/services/deposits.hpp"
#include "server/services/held_accounts.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_charging.hpp"
#include "storage/account_lock.hpp"
#include "storage/accounts.hpp"
#include "storage/held_meters.hpp"
#include "storage/meter_facts.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

constexpr int kMetersPerAccountMax = 50;

core::CustomerId customer_of(storage::Transaction& tx, core::PropertyId property,
                             const v1::Customer& customer) {
    if (customer.customer_id() != 0) {
        const core::CustomerId id{customer.customer_id()};
        if (!storage::find_customer(tx, property, id)) {
            throw not_found("customer", id.value);
        }
        return id;
    }
    return storage::create_customer(tx, property, {{}, customer.name(), customer.phone(), customer.note()});
}

/// Which way it is paid has to be said only where something is paid.
template <class Meters>
core::TenderMethod method_of(v1::TenderMethod method, const Meters& meters, std::int64_t deposit_e4) {
    if (deposit_e4 != 0) {
        return tender_method(method);
    }
    for (const auto& meter : meters) {
        if (meter.first_purchase_e4() != 0) {
            return tender_method(method);
        }
    }
    return method == v1::TENDER_METHOD_UNSPECIFIED ? core::TenderMethod::cash : tender_method(method);
}

template <class Request>
std::optional<core::Money> deposit_of(const Request& request) {
    return request.has_deposit_e4() ? std::optional{core::Money{request.deposit_e4()}} : std::nullopt;
}

void check_open_request(const v1::OpenAccountRequest& request) {
    std::vector<FieldViolation> faults;
    check_text(faults, "number", request.number(), 32);
    const auto& customer = request.customer();
    if (customer.customer_id() < 0) {
        faults.push_back({"customer.customer_id", "must be 0 (a new customer) or the number of a known one"});
    } else if (customer.customer_id() == 0 && customer.name().empty()) {
        faults.push_back({"customer.name", "a new customer needs a name"});
    }
    check_customer_texts(faults, customer);
    if (request.meters_size() < 1 || request.meters_size() > kMetersPerAccountMax) {
        faults.push_back({"meters", fmt::format("{} meters were named; an account is opened with 1 to {}",
                                                request.meters_size(), kMetersPerAccountMax)});
    }
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
}

std::string delivery_settings_of_clear(bool switch_off) {
    return switch_off ? R"({"switch_off":true})" : R"({"switch_off":false})";
}

/// Refuses a closing while money is on its way: the clear would have to guess what the meter holds.
void check_nothing_on_its_way(const std::map<core::MeterId, storage::MeterFacts>& meters,
                              const std::string& number) {
    const auto blockers = closing_blockers(meters);
    if (blockers.empty()) {
        return;
    }
    std::string texts;
    for (const auto& blocker : blockers) {
        texts += " " + blocker.text;
    }
    throw failed_precondition(blockers.front().reason,
                              fmt::format("Account {} was not closed.{}", number, texts));
}

}  // namespace

grpc::Status AccountService::OpenAccount(grpc::ServerContext* context, const v1::OpenAccountRequest* request,
                                         v1::OpenAccountResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        check_open_request(*request);
        const core::PropertyId property{request->property_id()};
        const auto method = method_of(request->method(), request->meters(), request->deposit_e4());
        const auto open = [&](storage::Transaction& tx) {
            call.once(tx, property, "OpenAccount", *request, *response, [&] {
                const auto customer = customer_of(tx, property, request->customer());
                const auto account = storage::open_account(tx, property, customer, request->number());
                const std::vector<v1::OpenMeter> meters{request->meters().begin(), request->meters().end()};
                for (const auto delivery : open_meters(
                         app_, call, tx,
                         {property, account, method, request->request_id(), "meters", deposit_of(*request)},
                         meters)) {
                    response->add_delivery_ids(delivery.value);
                }
                const auto opened = storage::find_account(tx, property, account);
                fill_whole(tx, property, *opened, *response->mutable_account());
                call.log(tx, property, "account.open", fmt::format("account {}", opened->number),
                         {{"customer", opened->customer.name},
                          {"meters", request->meters_size()},
                          {"paid_e4", response->account().in_flight_e4()},
                          {"deposit_e4", response->account().deposit_e4()}});
            });
        };
        try {
            app_.database().transact(call.scope(property), "open_account", open);
        } catch (const storage::UniqueViolation& violation) {
            throw_as_refusal(violation, request->number());
        }
        app_.notifier().work_queued();
    });
}

grpc::Status AccountService::AddMeter(grpc::ServerContext* context, const v1::AddMeterRequest* request,
                                      v1::OpenAccountResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        const std::vector<v1::OpenMeter> meters{request->meter()};
        const auto method = method_of(request->method(), meters, request->deposit_e4());
        const auto open = [&](storage::Transaction& tx) {
            call.once(tx, property, "AddMeter", *request, *response, [&] {
                const auto state = storage::lock_account(tx, property, id);
                if (!state) {
                    throw not_found("account", id.value);
                }
                const auto before = storage::find_account(tx, property, id);
                if (*state != storage::AccountState::open) {
                    throw failed_precondition(
                        "account_closed",
                        fmt::format("Account {} is {}. No meter was added. Open a new account.",
                                    before->number, storage::to_string(*state)));
                }
                std::size_t linked = 0;
                for (const auto& meter : before->meters) {
                    linked += meter.unlinked_at ? 0U : 1U;
                }
                if (linked >= static_cast<std::size_t>(kMetersPerAccountMax)) {
                    throw failed_precondition(
                        "too_many_meters",
                        fmt::format("Account {} has {} meters, which is the most. No meter "
                                    "was added.",
                                    before->number, linked));
                }
                for (const auto delivery :
                     open_meters(app_, call, tx,
                                 {property, id, method, request->request_id(), "meter", deposit_of(*request)},
                                 meters)) {
                    response->add_delivery_ids(delivery.value);
                }
                const auto after = storage::find_account(tx, property, id);
                fill_whole(tx, property, *after, *response->mutable_account());
                call.log(tx, property, "account.add_meter", fmt::format("account {}", after->number),
                         {{"meter_id", request->meter().meter_id()},
                          {"paid_e4", request->meter().first_purchase_e4()}});
            });
        };
        try {
            app_.database().transact(call.scope(property), "add_meter", open);
        } catch (const storage::UniqueViolation& violation) {
            throw_as_refusal(violation, {});
        }
        app_.notifier().work_queued();
    });
}

grpc::Status AccountService::CloseAccount(grpc::ServerContext* context,
                                          const v1::CloseAccountRequest* request,
                                          v1::CloseAccountResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        std::vector<FieldViolation> faults;
        check_text(faults, "reason", request->reason(), 500);
        if (!faults.empty()) {
            throw invalid(std::move(faults));
        }
        app_.database().transact(call.scope(property), "close_account", [&](storage::Transaction& tx) {
            call.once(tx, property, "CloseAccount", *request, *response, [&] {
                const auto before = storage::find_account(tx, property, id);
                if (!before) {
                    throw not_found("account", id.value);
                }
                // Takes the locks that sales take: what is on its way is complete when it is looked at below.
                const auto meters = storage::begin_closing(tx, property, id, app_.now());
                if (!meters) {
                    throw failed_precondition("account_closed",
                                              fmt::format("Account {} is {} already. Nothing was changed.",
                                                          before->number, storage::to_string(before->state)));
                }
                const auto facts = storage::meter_facts(tx, property, *meters);
                check_nothing_on_its_way(facts, before->number);
                const auto settings = read_property_settings(tx, property);
                const auto server_held = storage::held_among(tx, property, *meters);
                core::Money charges;
                storage::PlanCache plans;
                for (const auto meter : *meters) {
                    storage::NewSale closing;
                    closing.kind = storage::SaleKind::closing;
                    closing.account = id;
                    closing.meter = meter;
                    closing.operator_id = call.operator_id();
                    closing.request_id = request->request_id();
                    if (std::binary_search(server_held.begin(), server_held.end(), meter)) {
                        close_held_meter(app_, call, tx, property, closing, settings.close_switches_off);
                        continue;
                    }
                    charges += settle_charges(app_, plans, tx, property, id, facts.at(meter),
                                              call.operator_id(), app_.now());
                    closing.delivery_settings = delivery_settings_of_clear(settings.close_switches_off);
                    response->add_delivery_ids(storage::insert_sale(tx, property, closing).delivery.value);
                }
                const auto deposit = return_deposit(app_, call, tx, property, id);
                fill_whole(tx, property, *storage::find_account(tx, property, id),
                           *response->mutable_account());
                call.log(tx, property, "account.close", fmt::format("account {}", before->number),
                         {{"reason", request->reason()},
                          {"meters", meters->size()},
                          {"charges_e4", charges.ten_thousandths()},
                          {"deposit_e4", deposit.ten_thousandths()}});
            });
        });
        app_.notifier().work_queued();
    });
}

}  // namespace wutong::server
