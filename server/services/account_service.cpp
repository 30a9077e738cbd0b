#include "server/services/account_service.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

#include "server/call.hpp"
#include "server/services/account_opening.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "server/services/property_settings.hpp"
#include "storage/account_lock.hpp"
#include "storage/accounts.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_facts.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

constexpr int kMetersPerAccountMax = 50;

void fill(const storage::Account& account, v1::Account& out) {
    out.set_account_id(account.id.value);
    out.set_property_id(account.property.value);
    out.set_number(account.number);
    auto& customer = *out.mutable_customer();
    customer.set_customer_id(account.customer.id.value);
    customer.set_name(account.customer.name);
    customer.set_phone(account.customer.phone);
    customer.set_note(account.customer.note);
    out.set_state(storage::to_string(account.state));
    *out.mutable_opened_at() = to_timestamp(account.opened_at);
    if (account.closed_at) {
        *out.mutable_closed_at() = to_timestamp(*account.closed_at);
    }
    for (const auto& link : account.meters) {
        auto& meter = *out.add_meters();
        meter.set_meter_id(link.meter.value);
        meter.set_meter_code(link.meter_code);
        meter.set_unit_code(link.unit_code);
        *meter.mutable_linked_at() = to_timestamp(link.linked_at);
        if (link.unlinked_at) {
            *meter.mutable_unlinked_at() = to_timestamp(*link.unlinked_at);
        }
        if (link.opened_on_meter_at) {
            *meter.mutable_opened_on_meter_at() = to_timestamp(*link.opened_on_meter_at);
        }
        meter.set_purchase_number(link.purchase_number);
        if (link.meter_balance) {
            meter.set_meter_balance_e4(link.meter_balance->ten_thousandths());
        }
        if (link.read_at) {
            *meter.mutable_read_at() = to_timestamp(*link.read_at);
        }
    }
}

void fill(const storage::AccountBalances& balances, v1::Account& out) {
    out.set_prepaid_credit_e4(balances.prepaid_credit.ten_thousandths());
    out.set_in_flight_e4(balances.in_flight.ten_thousandths());
    out.set_unallocated_e4(balances.unallocated.ten_thousandths());
    out.set_refund_payable_e4(balances.refund_payable.ten_thousandths());
    out.set_consumed_e4(balances.consumed.ten_thousandths());
}

/// The account with its meters and the ledger's view of it.
void fill_whole(storage::Transaction& tx, core::PropertyId property, const storage::Account& account,
                v1::Account& out) {
    fill(account, out);
    fill(storage::account_balances(tx, property, account.id), out);
}

void check_text(std::vector<FieldViolation>& faults, const std::string& field, const std::string& text,
                std::size_t most) {
    // Characters, as the database counts them: every byte that doesn't continue a UTF-8 sequence begins one.
    std::size_t characters = 0;
    for (const char byte : text) {
        characters += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1U : 0U;
    }
    if (characters > most) {
        faults.push_back({field, fmt::format("has {} characters; at most {} fit", characters, most)});
    }
    if (text.find('\0') != std::string::npos) {
        faults.push_back({field, "contains a zero byte"});
    }
}

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
core::TenderMethod method_of(v1::TenderMethod method, const Meters& meters) {
    for (const auto& meter : meters) {
        if (meter.first_purchase_e4() != 0) {
            return tender_method(method);
        }
    }
    return method == v1::TENDER_METHOD_UNSPECIFIED ? core::TenderMethod::cash : tender_method(method);
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
    check_text(faults, "customer.name", customer.name(), 200);
    check_text(faults, "customer.phone", customer.phone(), 32);
    check_text(faults, "customer.note", customer.note(), 2000);
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
    std::string waiting;
    std::string quarantined;
    for (const auto& [id, meter] : meters) {
        if (meter.quarantined_deliveries > 0) {
            quarantined += (quarantined.empty() ? "" : ", ") + meter.code;
        } else if (meter.unfinished_deliveries > 0) {
            waiting += (waiting.empty() ? "" : ", ") + meter.code;
        }
    }
    if (!quarantined.empty()) {
        throw failed_precondition(
            "delivery_quarantined",
            fmt::format(
                "Account {} was not closed: a payment on its way to meter {} could not be confirmed and "
                "waits for an operator. Settle the delivery, then close.",
                number, quarantined));
    }
    if (!waiting.empty()) {
        throw failed_precondition(
            "delivery_unfinished",
            fmt::format(
                "Account {} was not closed: something is still on its way to meter {}. Close when it has "
                "arrived.",
                number, waiting));
    }
}

}  // namespace

grpc::Status AccountService::OpenAccount(grpc::ServerContext* context, const v1::OpenAccountRequest* request,
                                         v1::OpenAccountResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        check_open_request(*request);
        const core::PropertyId property{request->property_id()};
        const auto method = method_of(request->method(), request->meters());
        const auto open = [&](storage::Transaction& tx) {
            call.once(tx, property, "OpenAccount", *request, *response, [&] {
                const auto customer = customer_of(tx, property, request->customer());
                const auto account = storage::open_account(tx, property, customer, request->number());
                const std::vector<v1::OpenMeter> meters{request->meters().begin(), request->meters().end()};
                for (const auto delivery :
                     open_meters(app_, call, tx, {property, account, method, request->request_id(), "meters"},
                                 meters)) {
                    response->add_delivery_ids(delivery.value);
                }
                const auto opened = storage::find_account(tx, property, account);
                fill_whole(tx, property, *opened, *response->mutable_account());
                call.log(tx, property, "account.open", fmt::format("account {}", opened->number),
                         {{"customer", opened->customer.name},
                          {"meters", request->meters_size()},
                          {"paid_e4", response->account().in_flight_e4()}});
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
        const auto method = method_of(request->method(), meters);
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
                for (const auto delivery : open_meters(
                         app_, call, tx, {property, id, method, request->request_id(), "meter"}, meters)) {
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
                check_nothing_on_its_way(storage::meter_facts(tx, property, *meters), before->number);
                const auto settings = read_property_settings(tx, property);
                for (const auto meter : *meters) {
                    storage::NewSale closing;
                    closing.kind = storage::SaleKind::closing;
                    closing.account = id;
                    closing.meter = meter;
                    closing.operator_id = call.operator_id();
                    closing.request_id = request->request_id();
                    closing.delivery_settings = delivery_settings_of_clear(settings.close_switches_off);
                    response->add_delivery_ids(storage::insert_sale(tx, property, closing).delivery.value);
                }
                fill_whole(tx, property, *storage::find_account(tx, property, id),
                           *response->mutable_account());
                call.log(tx, property, "account.close", fmt::format("account {}", before->number),
                         {{"reason", request->reason()}, {"meters", meters->size()}});
            });
        });
        app_.notifier().work_queued();
    });
}

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
            fill_whole(tx, property, *account, *response);
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
        if (!request->state().empty()) {
            try {
                filter.state = storage::parse_account_state(request->state());
            } catch (const std::invalid_argument& error) {
                throw invalid("state", error.what());
            }
        }
        if (filter.search.size() > 200) {
            throw invalid("search", "is too long: at most 200 bytes");
        }
        const auto size = page_size(request->page());
        const core::AccountId after{page_key(request->page())};
        app_.database().transact(call.scope(filter.property), "list_accounts", [&](storage::Transaction& tx) {
            response->Clear();
            const auto accounts = storage::list_accounts(tx, filter, after, size);
            for (const auto& account : accounts) {
                fill_whole(tx, filter.property, account, *response->add_accounts());
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

}  // namespace wutong::server
