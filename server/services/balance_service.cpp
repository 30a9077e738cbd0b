#include "server/services/balance_service.hpp"

#include <fmt/format.h>

#include <charconv>

#include "server/call.hpp"
#include "server/jobs/balance_proof.hpp"
#include "server/services/balance_shapes.hpp"
#include "server/services/paging.hpp"
#include "storage/balance_proofs.hpp"
#include "storage/balances.hpp"

namespace wutong::server {

namespace {

constexpr int kLookedThroughMax = 10'000;
constexpr int kBatch = 500;
constexpr std::size_t kTokenMax = 200;

storage::BalanceOrder order_of(v1::BalanceOrder order) {
    switch (order) {
        case v1::BALANCE_ORDER_UNSPECIFIED:
        case v1::BALANCE_ORDER_METER:
            return storage::BalanceOrder::meter_code;
        case v1::BALANCE_ORDER_DIFFERENCE:
            return storage::BalanceOrder::difference;
        case v1::BALANCE_ORDER_OLDEST_READING:
            return storage::BalanceOrder::oldest_reading;
        default:
            throw invalid("order", "is none of the known orders");
    }
}

/// "m:7:1203" and the like: a page goes on after this row, in the order that the letter stands for.
std::string token_of(storage::BalanceOrder order, const storage::BalanceCursor& last) {
    switch (order) {
        case storage::BalanceOrder::meter_code:
            return fmt::format("m:{}:{}", last.meter.value, last.code);
        case storage::BalanceOrder::difference:
            return fmt::format("d:{}:{}", last.meter.value, last.difference.ten_thousandths());
        case storage::BalanceOrder::oldest_reading:
            return fmt::format("r:{}:{}", last.meter.value,
                               last.read_at ? fmt::to_string(last.read_at->time_since_epoch().count()) : "");
    }
    throw std::logic_error("an order without a letter");
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()
               ? std::nullopt
               : std::optional(number);
}

storage::BalanceCursor cursor_of(storage::BalanceOrder order, const std::string& token) {
    if (token.empty()) {
        return {};
    }
    const auto bad = [] {
        return invalid(
            "page.token",
            "is not the next_page_token of an earlier answer in this order; leave it empty for the "
            "first page");
    };
    const auto colon = token.find(':', 2);
    const char letter = order == storage::BalanceOrder::meter_code   ? 'm'
                        : order == storage::BalanceOrder::difference ? 'd'
                                                                     : 'r';
    if (token.size() > kTokenMax || token.size() < 4 || token[0] != letter || token[1] != ':' ||
        colon == std::string::npos || token.find('\0') != std::string::npos) {
        throw bad();
    }
    const auto meter = number_in(std::string_view{token}.substr(2, colon - 2));
    const std::string key = token.substr(colon + 1);
    if (!meter || *meter <= 0) {
        throw bad();
    }
    storage::BalanceCursor cursor;
    cursor.meter = core::MeterId{*meter};
    if (order == storage::BalanceOrder::meter_code) {
        cursor.code = key;
        return cursor;
    }
    const auto number = number_in(key);
    if (order == storage::BalanceOrder::difference) {
        if (!number) {
            throw bad();
        }
        cursor.difference = core::Money{*number};
    } else if (!key.empty()) {
        // Years 1 to 9999, as the database takes them.
        if (!number || *number < -62'000'000'000'000'000 || *number > 253'000'000'000'000'000) {
            throw bad();
        }
        cursor.read_at = core::Timestamp{std::chrono::microseconds{*number}};
    }
    return cursor;
}

}  // namespace

grpc::Status BalanceService::ListBalances(grpc::ServerContext* context,
                                          const v1::ListBalancesRequest* request,
                                          v1::ListBalancesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::BalanceFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.profiles = meter_held_profiles(app_.profiles());
        filter.order = order_of(request->order());
        const auto size = page_size(request->page());
        auto cursor = cursor_of(filter.order, request->page().token());
        const auto scope = call.scope(filter.property);
        const bool first = !cursor.meter;
        int looked = 0;
        bool more = true;
        while (more && response->balances_size() < size && looked < kLookedThroughMax) {
            const int batch = request->unexplained_only() ? kBatch : size;
            const auto rows =
                app_.database().transact(scope, "list_two_balances", [&](storage::Transaction& tx) {
                    return storage::list_two_balances(tx, filter, cursor, batch);
                });
            looked += batch;
            more = is_full(rows, batch);
            for (const auto& row : rows) {
                const auto found = explain(row, app_.profiles());
                cursor = storage::cursor_after(row);
                if (!request->unexplained_only() || (found && found->unexplained != core::Money{})) {
                    fill(row, found, app_.now(), *response->add_balances());
                }
                if (response->balances_size() == size && &row != &rows.back()) {
                    more = true;
                    break;
                }
            }
        }
        if (more && cursor.meter) {
            response->set_next_page_token(token_of(filter.order, cursor));
        }
        if (first) {
            if (auto proof = app_.database().transact(scope, "last_proof",
                                                      [&](storage::Transaction& tx) {
                                                          return storage::list_balance_proofs(
                                                              tx, filter.property, 0, 1);
                                                      });
                !proof.empty()) {
                fill(proof.front(), *response->mutable_last_proof());
            }
        }
    });
}

grpc::Status BalanceService::GetBalance(grpc::ServerContext* context, const v1::GetBalanceRequest* request,
                                        v1::BalancePage* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        app_.database().transact(call.scope(property), "get_balance", [&](storage::Transaction& tx) {
            response->Clear();
            const auto rows = storage::find_two_balances(tx, property, {meter});
            if (rows.empty()) {
                throw failed_precondition(
                    "no_tenant_on_meter",
                    fmt::format("Meter #{} holds no tenant's credit: it is on no account, or not opened yet. "
                                "There are no two balances to compare.",
                                meter.value));
            }
            fill(rows[0], explain(rows[0], app_.profiles()), app_.now(), *response->mutable_balance());
            for (const auto& one : storage::balance_evidence(tx, property, rows[0])) {
                fill(one, *response->add_evidence());
            }
        });
    });
}

grpc::Status BalanceService::ProveBalances(grpc::ServerContext* context,
                                           const v1::ProveBalancesRequest* request,
                                           v1::BalanceProof* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto scope = call.scope(property);
        auto proof = take_balance_proof(app_.database(), scope, app_.profiles(), app_.clock(),
                                        {property, "", false, call.operator_id()},
                                        [&] { return context->IsCancelled(); });
        if (!proof) {
            throw Refused{grpc::StatusCode::CANCELLED, "cancelled",
                          "The proof was given up because the caller did. Nothing was stored."};
        }
        app_.database().transact(scope, "store_proof", [&](storage::Transaction& tx) {
            call.once(tx, property, "ProveBalances", *request, *response, [&] {
                store_balance_proof(tx, *proof);
                proof->operator_name = call.operator_name();
                fill(*proof, *response);
                call.log(tx, property, "balances.prove", fmt::format("proof {}", proof->id),
                         {{"meters", proof->meters}, {"unexplained", proof->unexplained}});
            });
        });
    });
}

grpc::Status BalanceService::ListProofs(grpc::ServerContext* context, const v1::ListProofsRequest* request,
                                        v1::ListProofsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const auto before = page_key(request->page());
        const auto proofs =
            app_.database().transact(call.scope(property), "list_proofs", [&](storage::Transaction& tx) {
                return storage::list_balance_proofs(tx, property, before, size);
            });
        for (const auto& proof : proofs) {
            fill(proof, *response->add_proofs());
        }
        if (is_full(proofs, size)) {
            response->set_next_page_token(std::to_string(proofs.back().id));
        }
    });
}

grpc::Status BalanceService::GetProof(grpc::ServerContext* context, const v1::GetProofRequest* request,
                                      v1::BalanceProof* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->proof_id() < 0) {
            throw invalid("proof_id", "must be the number of a proof, or 0 for the newest");
        }
        const auto proof =
            app_.database().transact(call.scope(property), "get_proof", [&](storage::Transaction& tx) {
                return storage::find_balance_proof(tx, property, request->proof_id());
            });
        if (!proof) {
            throw not_found("proof", request->proof_id());
        }
        fill(*proof, *response);
    });
}

}  // namespace wutong::server
