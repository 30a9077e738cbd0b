#include "server/services/sale_lane.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/metrics/metrics.hpp"
#include "server/services/sale_decision.hpp"
#include "server/services/sold.hpp"
#include "storage/errors.hpp"
#include "storage/requests.hpp"
#include "storage/sale_facts.hpp"
#include "storage/vending_points.hpp"

namespace wutong::server {

namespace {

/// More would share less: those that come during a commit are the next batch.
constexpr int kWritersMax = 1;
constexpr std::size_t kTogetherMax = storage::kSalesAtOnce;
/// Whoever holds a lock for longer holds up only itself: its sale goes the ordinary way.
constexpr std::chrono::milliseconds kPatience{300};

}  // namespace

struct SaleLane::Ask {
    const CallContext& call;
    core::PropertyId property;
    storage::NewSale sale;
    const v1::SellRequest& request;
    v1::SaleReceipt& response;
    std::condition_variable woken{};
    bool over = false;  ///< of the lane's mutex, as is the place in the queue
    bool sold = false;
    std::exception_ptr fault{};  ///< every sale of the batch has it
    // Of one attempt to write it.
    SaleCase decided{};
    storage::SellingPlace place{};

    [[nodiscard]] storage::SaleLink link() const { return {sale.account, sale.meter}; }
};

SaleLane::SaleLane(App& app) : app_{app} {
    app_.metrics().add("wutong_server_sales_together_total", "Sales that were written in the shared lane",
                       Metrics::Kind::counter,
                       [figures = figures_] { return static_cast<double>(figures->sold.load()); });
    app_.metrics().add("wutong_server_sale_lane_transactions_total", "Transactions of the shared lane",
                       Metrics::Kind::counter,
                       [figures = figures_] { return static_cast<double>(figures->transactions.load()); });
}

bool SaleLane::sell(const CallContext& call, core::PropertyId property, const storage::NewSale& sale,
                    const v1::SellRequest& request, v1::SaleReceipt& response) {
    if (!storage::is_uuid(sale.request_id)) {
        return false;
    }
    Ask ask{call, property, sale, request, response};
    std::unique_lock lock{mutex_};
    waiting_.push_back(&ask);
    while (!ask.over) {
        if (writers_ >= kWritersMax || waiting_.empty()) {
            ask.woken.wait(lock);
            continue;
        }
        const auto batch = take();
        ++writers_;
        lock.unlock();
        write(batch);
        lock.lock();
        --writers_;
        for (auto* done : batch) {
            done->over = true;
            done->woken.notify_one();
        }
        if (!waiting_.empty()) {
            waiting_.front()->woken.notify_one();
        }
    }
    if (ask.fault) {
        std::rethrow_exception(ask.fault);
    }
    return ask.sold;
}

/// Those of one property, each meter once: a second sale to a meter looks at what the first one left.
SaleLane::Batch SaleLane::take() {
    Batch batch;
    std::deque<Ask*> left;
    const auto property = waiting_.front()->property;
    for (auto* ask : waiting_) {
        const bool fits = ask->property == property && batch.size() < kTogetherMax &&
                          std::none_of(batch.begin(), batch.end(), [&](const Ask* other) {
                              return other->sale.meter == ask->sale.meter;
                          });
        if (fits) {
            batch.push_back(ask);
        } else {
            left.push_back(ask);
        }
    }
    waiting_ = std::move(left);
    return batch;
}

void SaleLane::write(const Batch& batch) {
    const auto property = batch.front()->property;
    try {
        app_.database().transact(storage::Scope::of({property}), "sell together",
                                 [&](storage::Transaction& tx) { write(tx, property, batch); });
        ++figures_->transactions;
        for (const auto* ask : batch) {
            figures_->sold += ask->sold ? 1 : 0;
        }
    } catch (const storage::DatabaseUnavailable&) {
        for (auto* ask : batch) {
            ask->fault = std::current_exception();
        }
    } catch (const std::exception& error) {
        // Each asks for itself now, and gets its own answer.
        app_.log().info("{} sales are written one by one: {}", batch.size(), error.what());
        for (auto* ask : batch) {
            ask->sold = false;
        }
    }
}

/// Those that can be sold here, with all that is written of them.
SaleLane::Batch SaleLane::decide(storage::Transaction& tx, core::PropertyId property, const Batch& batch) {
    std::vector<storage::SaleLink> links;
    for (const auto* ask : batch) {
        links.push_back(ask->link());
    }
    const auto locked = storage::lock_free_links(tx, property, links);
    Batch able;
    std::vector<std::string> ids;
    for (auto* ask : batch) {
        if (std::find(locked.begin(), locked.end(), ask->link()) != locked.end()) {
            able.push_back(ask);
            ids.push_back(ask->sale.request_id);
        }
    }
    if (able.empty()) {
        return able;
    }
    const auto known = storage::known_requests(tx, property, ids);
    links.clear();
    for (const auto* ask : able) {
        links.push_back(ask->link());
    }
    auto facts = storage::read_sale_facts(tx, property, links);
    std::map<core::OperatorId, std::optional<storage::SellingPlace>> places;
    Batch decided;
    for (std::size_t i = 0; i < able.size(); ++i) {
        auto& ask = *able[i];
        if (known[i] || facts[i].held || facts[i].has_tariffs || facts[i].switch_off_waiting ||
            !facts[i].price) {
            continue;
        }
        const auto who = ask.sale.operator_id;
        const auto place = places.try_emplace(who).first;
        try {
            ask.decided = sale_case_of(app_, std::move(facts[i]), ask.sale.account, ask.sale.meter);
            if (std::holds_alternative<core::SaleRefusal>(
                    core::decide_sale(ask.sale.amount, ask.decided.facts))) {
                continue;
            }
        } catch (const std::exception&) {
            continue;  // a refusal with words of its own, or a sum that no money can hold
        }
        if (!place->second) {
            place->second = storage::lock_free_selling_place(tx, property, who);
        }
        if (!place->second || (place->second->shift_required && !place->second->shift) ||
            core::check_sale_limits(ask.sale.amount, place->second->limits)) {
            continue;
        }
        ask.place = *place->second;
        ask.sale.shift = ask.place.shift;
        ask.sale.point = ask.place.point;
        ask.sale.price = ask.decided.stored.price;
        decided.push_back(&ask);
    }
    return decided;
}

void SaleLane::write(storage::Transaction& tx, core::PropertyId property, const Batch& batch) {
    for (auto* ask : batch) {
        ask->sold = false;  // the transaction may run again
    }
    storage::begin_lot(tx, kPatience);
    const auto decided = decide(tx, property, batch);
    if (decided.empty()) {
        return;
    }
    std::vector<storage::NewSale> sales;
    for (const auto* ask : decided) {
        sales.push_back(ask->sale);
    }
    const auto ids = storage::insert_sales(tx, property, sales);
    std::vector<storage::DoneRequest> done;
    for (std::size_t i = 0; i < decided.size(); ++i) {
        auto& ask = *decided[i];
        ask.response.Clear();
        fill_sold(ask.decided, ask.sale, ids[i], property, ask.call.operator_name(), ask.place, {},
                  ask.response);
        storage::OperationLogEntry log;
        log.property = property;
        log.operator_id = ask.sale.operator_id;
        log.action = "sale.sell";
        log.target = sold_target(ask.decided);
        log.details = sold_details(ask.decided, ask.sale, ids[i], {}).dump();
        done.push_back({ask.sale.request_id, "Sell", canonical(ask.request), ask.response.SerializeAsString(),
                        std::move(log)});
    }
    storage::insert_done_requests(tx, property, done);
    for (auto* ask : decided) {
        ask->sold = true;
    }
}

}  // namespace wutong::server
