// The part of AccountService that changes nothing, and customers.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <vector>

#include "server/call.hpp"
#include "server/live/live_hub.hpp"
#include "server/services/account_service.hpp"
#include "server/services/account_shapes.hpp"
#include "server/services/convert.hpp"
#include "server/services/meter_shapes.hpp"
#include "server/services/paging.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_charging.hpp"
#include "storage/accounts.hpp"
#include "storage/held_meters.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_facts.hpp"
#include "storage/meters.hpp"

namespace wutong::server {

namespace {

constexpr std::size_t kSearchMax = 200;

storage::AccountBalances sum_of(const std::map<core::MeterId, storage::AccountBalances>& balances) {
    storage::AccountBalances sum;
    for (const auto& [meter, one] : balances) {
        sum.prepaid_credit += one.prepaid_credit;
        sum.in_flight += one.in_flight;
        sum.unallocated += one.unallocated;
        sum.refund_payable += one.refund_payable;
        sum.consumed += one.consumed;
        sum.deposit += one.deposit;
    }
    return sum;
}

/// The states that the wall shows, for the meters linked now.
void fill_statuses(storage::Transaction& tx, core::PropertyId property, v1::Account& account) {
    std::vector<core::MeterId> linked;
    for (const auto& meter : account.meters()) {
        if (!meter.has_unlinked_at()) {
            linked.push_back(core::MeterId{meter.meter_id()});
        }
    }
    std::map<std::int64_t, v1::MeterStatus> statuses;
    for (const auto& row : storage::find_meters(tx, property, linked)) {
        statuses.emplace(row.meter.value, meter_status(row));
    }
    for (auto& meter : *account.mutable_meters()) {
        if (const auto status = statuses.find(meter.meter_id());
            status != statuses.end() && !meter.has_unlinked_at()) {
            meter.set_status(status->second);
        }
    }
}

/// @pre the account is open or closing, and `meters` are those linked now
void fill_quote(const storage::Account& account, const std::map<core::MeterId, storage::MeterFacts>& facts,
                const std::map<core::MeterId, storage::AccountBalances>& balances, core::Money charges,
                v1::ClosingQuote& quote) {
    bool known = true;
    core::Money on_meters;
    std::optional<core::Timestamp> oldest;
    for (const auto& link : account.meters) {
        if (link.unlinked_at) {
            continue;
        }
        auto& meter = *quote.add_meters();
        meter.set_meter_id(link.meter.value);
        meter.set_meter_code(link.meter_code);
        meter.set_unit_code(link.unit_code);
        if (const auto ledger = balances.find(link.meter); ledger != balances.end()) {
            meter.set_ledger_e4(ledger->second.prepaid_credit.ten_thousandths());
            meter.set_in_flight_e4(ledger->second.in_flight.ten_thousandths());
        }
        if (const auto fact = facts.find(link.meter); fact != facts.end()) {
            meter.set_answers(fact->second.answering);
        }
        // A meter that was never opened for this account has nothing of the tenant's on it.
        if (!link.opened_on_meter_at) {
            continue;
        }
        if (!link.meter_balance || !link.read_at) {
            known = false;
            continue;
        }
        meter.set_meter_balance_e4(link.meter_balance->ten_thousandths());
        *meter.mutable_read_at() = to_timestamp(*link.read_at);
        on_meters += *link.meter_balance;
        oldest = oldest ? std::min(*oldest, *link.read_at) : *link.read_at;
    }
    const auto sum = sum_of(balances);
    quote.set_prepaid_credit_e4(sum.prepaid_credit.ten_thousandths());
    quote.set_in_flight_e4(sum.in_flight.ten_thousandths());
    quote.set_unallocated_e4(sum.unallocated.ten_thousandths());
    quote.set_refund_payable_e4(sum.refund_payable.ten_thousandths());
    quote.set_deposit_e4(sum.deposit.ten_thousandths());
    quote.set_charges_due_e4(charges.ten_thousandths());
    if (known) {
        quote.set_payable_after_e4(
            (on_meters + sum.unallocated + sum.refund_payable + sum.deposit - charges).ten_thousandths());
    }
    if (oldest) {
        *quote.mutable_oldest_read_at() = to_timestamp(*oldest);
    }
}

}  // namespace

grpc::Status AccountService::GetAccount(grpc::ServerContext* context, const v1::GetAccountRequest* request,
                                        v1::Account* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if ((request->account_id() == 0) == request->number().empty()) {
            throw invalid("account_id", "name the account either by account_id or by number");
        }
        app_.database().transact(call.scope(property), "get_account", [&](storage::Transaction& tx) {
            const auto account =
                request->number().empty()
                    ? storage::find_account(tx, property, core::AccountId{request->account_id()})
                    : storage::find_account(tx, property, request->number());
            if (!account) {
                throw request->number().empty() ? not_found("account", request->account_id())
                                                : not_found("account", request->number());
            }
            response->Clear();
            fill(*account, *response);
            const auto balances = storage::meter_balances(tx, property, account->id);
            fill(sum_of(balances), *response);
            fill_statuses(tx, property, *response);
            for (std::size_t i = 0; i < account->meters.size(); ++i) {
                const auto& link = account->meters[i];
                if (!link.unlinked_at) {
                    const auto found = balances.find(link.meter);
                    fill(app_, link, found == balances.end() ? storage::AccountBalances{} : found->second,
                         *response->mutable_meters(static_cast<int>(i))->mutable_balances());
                }
            }
        });
    });
}

grpc::Status AccountService::ListAccounts(grpc::ServerContext* context,
                                          const v1::ListAccountsRequest* request,
                                          v1::ListAccountsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::AccountFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.search = request->search();
        filter.newest_first = request->newest_first();
        if (!request->state().empty()) {
            try {
                filter.state = storage::parse_account_state(request->state());
            } catch (const std::invalid_argument& error) {
                throw invalid("state", error.what());
            }
        }
        if (filter.search.size() > kSearchMax) {
            throw invalid("search", fmt::format("is too long: at most {} bytes", kSearchMax));
        }
        const auto size = page_size(request->page());
        const core::AccountId after{page_key(request->page())};
        app_.database().transact(call.scope(filter.property), "list_accounts", [&](storage::Transaction& tx) {
            response->Clear();
            const auto accounts = storage::list_accounts(tx, filter, after, size);
            std::vector<core::AccountId> ids;
            for (const auto& account : accounts) {
                ids.push_back(account.id);
            }
            const auto balances = storage::account_balances(tx, filter.property, ids);
            for (const auto& account : accounts) {
                auto& out = *response->add_accounts();
                fill(account, out);
                if (const auto found = balances.find(account.id); found != balances.end()) {
                    fill(found->second, out);
                }
            }
            if (is_full(accounts, size)) {
                response->set_next_page_token(std::to_string(accounts.back().id.value));
            }
        });
    });
}

grpc::Status AccountService::ListEntries(grpc::ServerContext* context, const v1::ListEntriesRequest* request,
                                         v1::ListEntriesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId account{request->account_id()};
        const auto size = page_size(request->page());
        const core::EntryId before{page_key(request->page())};
        const auto entries =
            app_.database().transact(call.scope(property), "list_entries", [&](storage::Transaction& tx) {
                if (!storage::find_account(tx, property, account)) {
                    throw not_found("account", account.value);
                }
                return storage::list_entries(tx, property, account, before, size);
            });
        for (const auto& stored : entries) {
            auto& entry = *response->add_entries();
            entry.set_entry_id(stored.id.value);
            entry.set_kind(core::to_string(stored.entry.kind));
            *entry.mutable_booked_at() = to_timestamp(stored.booked_at);
            entry.set_meter_id(stored.meter.value);
            entry.set_operator_id(stored.operator_id.value);
            entry.set_operator_(stored.operator_name);
            entry.set_memo(stored.memo);
            for (const auto& line : stored.entry.postings) {
                auto& posting = *entry.add_postings();
                posting.set_account(core::to_string(line.account));
                posting.set_owner_id(line.owner);
                posting.set_amount_e4(line.amount.ten_thousandths());
            }
        }
        if (is_full(entries, size)) {
            response->set_next_page_token(std::to_string(entries.back().id.value));
        }
    });
}

grpc::Status AccountService::QuoteClosing(grpc::ServerContext* context,
                                          const v1::QuoteClosingRequest* request,
                                          v1::ClosingQuote* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        app_.database().transact(call.scope(property), "quote_closing", [&](storage::Transaction& tx) {
            response->Clear();
            const auto account = storage::find_account(tx, property, id);
            if (!account) {
                throw not_found("account", id.value);
            }
            response->set_account_id(id.value);
            response->set_number(account->number);
            response->set_customer(account->customer.name);
            response->set_state(storage::to_string(account->state));
            std::vector<core::MeterId> linked;
            for (const auto& meter : account->meters) {
                if (!meter.unlinked_at) {
                    linked.push_back(meter.meter);
                }
            }
            const auto facts = storage::meter_facts(tx, property, linked);
            const auto held = storage::held_among(tx, property, linked);
            core::Money charges;
            storage::PlanCache plans;
            for (const auto& [meter, fact] : facts) {
                if (!std::binary_search(held.begin(), held.end(), meter)) {
                    charges += charges_at_closing(app_, plans, tx, property, id, fact, app_.now());
                }
            }
            fill_quote(*account, facts, storage::meter_balances(tx, property, id), charges, *response);
            response->set_switches_off(read_property_settings(tx, property).close_switches_off);
            if (account->state == storage::AccountState::closed) {
                auto& blocker = *response->add_blockers();
                blocker.set_reason("account_closed");
                blocker.set_text(fmt::format("Account {} is closed already.", account->number));
            }
            for (const auto& one : closing_blockers(facts)) {
                auto& blocker = *response->add_blockers();
                blocker.set_reason(one.reason);
                blocker.set_text(one.text);
                blocker.set_meter_id(one.meter.value);
            }
        });
    });
}

grpc::Status AccountService::ListCustomers(grpc::ServerContext* context,
                                           const v1::ListCustomersRequest* request,
                                           v1::ListCustomersResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->search().size() > kSearchMax) {
            throw invalid("search", fmt::format("is too long: at most {} bytes", kSearchMax));
        }
        const auto size = page_size(request->page());
        const core::CustomerId before{page_key(request->page())};
        const auto found =
            app_.database().transact(call.scope(property), "list_customers", [&](storage::Transaction& tx) {
                return storage::list_customers(tx, property, request->search(), before, size);
            });
        for (const auto& one : found) {
            auto& customer = *response->add_customers();
            fill(one.customer, *customer.mutable_customer());
            for (const auto& account : one.accounts) {
                auto& out = *customer.add_accounts();
                out.set_account_id(account.account.value);
                out.set_number(account.number);
                out.set_state(storage::to_string(account.state));
                out.mutable_unit_codes()->Add(account.unit_codes.begin(), account.unit_codes.end());
            }
        }
        if (is_full(found, size)) {
            response->set_next_page_token(std::to_string(found.back().customer.id.value));
        }
    });
}

grpc::Status AccountService::UpdateCustomer(grpc::ServerContext* context,
                                            const v1::UpdateCustomerRequest* request,
                                            v1::Customer* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto& wanted = request->customer();
        std::vector<FieldViolation> faults;
        if (wanted.name().empty()) {
            faults.push_back({"customer.name", "a customer needs a name"});
        }
        check_customer_texts(faults, wanted);
        if (!faults.empty()) {
            throw invalid(std::move(faults));
        }
        app_.database().transact(call.scope(property), "update_customer", [&](storage::Transaction& tx) {
            call.once(tx, property, "UpdateCustomer", *request, *response, [&] {
                const core::CustomerId id{wanted.customer_id()};
                const auto before = storage::find_customer(tx, property, id);
                if (!before) {
                    throw not_found("customer", id.value);
                }
                const storage::Customer after{id, wanted.name(), wanted.phone(), wanted.note()};
                storage::update_customer(tx, property, after);
                fill(after, *response);
                // What it was before: the log is where a name or number that was overwritten is found again.
                call.log(tx, property, "customer.update", fmt::format("customer {}", after.name),
                         {{"customer_id", id.value},
                          {"before", {{"name", before->name}, {"phone", before->phone}}},
                          {"after", {{"name", after.name}, {"phone", after.phone}}}});
            });
        });
        // The wall names customers.
        app_.live().refresh();
    });
}

}  // namespace wutong::server
