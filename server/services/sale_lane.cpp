#include "server/services/sale_lane.hpp"

#include <algorithm>
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

constexpr std::size_t kTogetherMax = storage::kSalesAtOnce;
/// Of the lane; a counter that waits for so many is not waited for.
constexpr std::size_t kWaitingMax = 4096;
/// Whoever holds a lock for longer holds up only itself: its sale goes the ordinary way.
constexpr std::chrono::milliseconds kPatience{300};

}  // namespace

Refused too_many_sales() {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too_many_sales",
            "too many sales wait at this moment; nothing was sold, try again"};
}

struct SaleLane::Waiting {
    std::unique_ptr<SaleAsk> ask;
    OnTold on_told;
    Told told{};
    // Of one attempt to write it.
    SaleCase decided{};
    storage::SellingPlace place{};

    [[nodiscard]] storage::SaleLink link() const { return {ask->sale.account, ask->sale.meter}; }
};

SaleLane::SaleLane(App& app) : app_{app} {
    app_.metrics().add("wutong_server_sales_together_total", "Sales that were written in the shared lane",
                       Metrics::Kind::counter,
                       [figures = figures_] { return static_cast<double>(figures->sold.load()); });
    app_.metrics().add("wutong_server_sale_lane_transactions_total", "Transactions of the shared lane",
                       Metrics::Kind::counter,
                       [figures = figures_] { return static_cast<double>(figures->transactions.load()); });
    for (auto& thread : threads_) {
        thread = std::thread{[this] { run(); }};
    }
}

SaleLane::~SaleLane() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    came_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

void SaleLane::sell(std::unique_ptr<SaleAsk> ask, OnTold on_told) {
    if (!storage::is_uuid(ask->sale.request_id)) {
        on_told(std::move(ask), {});
        return;
    }
    auto waiting = std::make_unique<Waiting>(Waiting{std::move(ask), std::move(on_told)});
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() >= kWaitingMax) {
            throw too_many_sales();
        }
        waiting_.push_back(std::move(waiting));
        if (writing_ >= kWritersMax) {
            return;  // who writes looks again
        }
    }
    came_.notify_one();
}

void SaleLane::run() {
    std::unique_lock lock{mutex_};
    for (;;) {
        came_.wait(lock, [this] { return writing_ < kWritersMax && (stopping_ || !waiting_.empty()); });
        if (waiting_.empty()) {
            return;
        }
        auto batch = take();
        if (batch.empty()) {
            came_.wait(lock);  // for the batch that has the shifts of all who wait
            continue;
        }
        ++writing_;
        lock.unlock();
        write(batch);
        lock.lock();
        --writing_;
        for (const auto& waiting : batch) {
            const auto who = waiting->ask->sale.operator_id;
            selling_.erase(selling_.find(who));
            if (waiting->told.sold) {
                if (waiting->place.shift) {
                    in_shifts_.insert(who);
                } else {
                    in_shifts_.erase(who);
                }
            }
        }
        lock.unlock();
        came_.notify_one();
        for (auto& waiting : batch) {
            waiting->on_told(std::move(waiting->ask), waiting->told);
        }
        batch.clear();
        lock.lock();
    }
}

/// Not while another batch has the row of its operator's shift: it would find it locked, and go alone.
bool SaleLane::can_be_written(const Waiting& waiting) const {
    const auto who = waiting.ask->sale.operator_id;
    return !in_shifts_.contains(who) || !selling_.contains(who);
}

/// Those of one property, each meter once: a second sale to a meter looks at what the first one left.
SaleLane::Batch SaleLane::take() {
    Batch batch;
    std::deque<std::unique_ptr<Waiting>> left;
    for (auto& waiting : waiting_) {
        const bool fits = batch.size() < kTogetherMax && can_be_written(*waiting) &&
                          (batch.empty() || waiting->ask->property == batch.front()->ask->property) &&
                          std::none_of(batch.begin(), batch.end(), [&](const auto& other) {
                              return other->ask->sale.meter == waiting->ask->sale.meter;
                          });
        if (fits) {
            batch.push_back(std::move(waiting));
        } else {
            left.push_back(std::move(waiting));
        }
    }
    waiting_ = std::move(left);
    for (const auto& waiting : batch) {
        selling_.insert(waiting->ask->sale.operator_id);
    }
    return batch;
}

void SaleLane::write(const Batch& batch) {
    const auto property = batch.front()->ask->property;
    try {
        app_.database().transact(storage::Scope::of({property}).for_a_lot(kPatience), "sell together",
                                 [&](storage::Transaction& tx) { write(tx, property, batch); });
        ++figures_->transactions;
        for (const auto& waiting : batch) {
            figures_->sold += waiting->told.sold ? 1 : 0;
        }
    } catch (const storage::DatabaseUnavailable&) {
        for (const auto& waiting : batch) {
            waiting->told = {false, std::current_exception()};
        }
    } catch (const std::exception& error) {
        // Each asks for itself now, and gets its own answer.
        app_.log().info("{} sales are written one by one: {}", batch.size(), error.what());
        for (const auto& waiting : batch) {
            waiting->told = {};
        }
    }
}

/// Those that can be sold here, with all that is written of them.
std::vector<SaleLane::Waiting*> SaleLane::decide(storage::Transaction& tx, core::PropertyId property,
                                                 const Batch& batch) {
    std::vector<storage::SaleLink> links;
    std::vector<std::string> requests;
    for (const auto& waiting : batch) {
        links.push_back(waiting->link());
        requests.push_back(waiting->ask->sale.request_id);
    }
    std::vector<Waiting*> able;
    for (const auto place : storage::lock_free_links(tx, property, links, requests)) {
        able.push_back(batch[place].get());
    }
    if (able.empty()) {
        return able;
    }
    links.clear();
    for (const auto* waiting : able) {
        links.push_back(waiting->link());
    }
    auto facts = storage::read_sale_facts(tx, property, links);
    std::map<core::OperatorId, std::optional<storage::SellingPlace>> places;
    std::vector<Waiting*> decided;
    for (std::size_t i = 0; i < able.size(); ++i) {
        auto& waiting = *able[i];
        auto& ask = *waiting.ask;
        if (facts[i].held || facts[i].has_tariffs || facts[i].switch_off_waiting || !facts[i].price) {
            continue;
        }
        const auto who = ask.sale.operator_id;
        const auto place = places.try_emplace(who).first;
        try {
            waiting.decided = sale_case_of(app_, std::move(facts[i]), ask.sale.account, ask.sale.meter);
            if (std::holds_alternative<core::SaleRefusal>(
                    core::decide_sale(ask.sale.amount, waiting.decided.facts))) {
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
        waiting.place = *place->second;
        ask.sale.shift = waiting.place.shift;
        ask.sale.point = waiting.place.point;
        ask.sale.price = waiting.decided.stored.price;
        decided.push_back(&waiting);
    }
    return decided;
}

void SaleLane::write(storage::Transaction& tx, core::PropertyId property, const Batch& batch) {
    for (const auto& waiting : batch) {
        waiting->told = {};  // the transaction may run again
    }
    const auto decided = decide(tx, property, batch);
    if (decided.empty()) {
        return;
    }
    std::vector<storage::NewSale> sales;
    for (const auto* waiting : decided) {
        sales.push_back(waiting->ask->sale);
    }
    const auto ids = storage::insert_sales(tx, property, sales);
    std::vector<storage::DoneRequest> done;
    for (std::size_t i = 0; i < decided.size(); ++i) {
        auto& waiting = *decided[i];
        auto& ask = *waiting.ask;
        ask.response.Clear();
        fill_sold(waiting.decided, ask.sale, ids[i], property, ask.call.operator_name(), waiting.place, {},
                  ask.response);
        storage::OperationLogEntry log;
        log.property = property;
        log.operator_id = ask.sale.operator_id;
        log.action = "sale.sell";
        log.target = sold_target(waiting.decided);
        log.details = sold_details(waiting.decided, ask.sale, ids[i], {}).dump();
        done.push_back({ask.sale.request_id, "Sell", canonical(ask.request), ask.response.SerializeAsString(),
                        std::move(log)});
    }
    storage::insert_done_requests(tx, property, done);
    for (auto* waiting : decided) {
        waiting->told.sold = true;
    }
}

}  // namespace wutong::server
