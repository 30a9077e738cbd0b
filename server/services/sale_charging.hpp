#pragma once

#include <wutong/v1/sale_service.pb.h>

#include <memory>
#include <mutex>
#include <vector>

#include "server/services/sale_decision.hpp"
#include "storage/meter_facts.hpp"
#include "storage/sale_charges.hpp"

/// What a tariff plan takes out of a sale, see docs/money.md.
namespace wutong::server {

class App;

/// Prepared plans for calls on any thread: each has a cache of its own while it works, and hands it on.
class PlanCaches {
public:
    class Lease {
    public:
        explicit Lease(PlanCaches& from) : from_{from}, cache_{from.take()} {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { from_.put(std::move(cache_)); }
        [[nodiscard]] storage::PlanCache& cache() { return *cache_; }

    private:
        PlanCaches& from_;
        std::unique_ptr<storage::PlanCache> cache_;
    };

private:
    [[nodiscard]] std::unique_ptr<storage::PlanCache> take();
    void put(std::unique_ptr<storage::PlanCache> cache) noexcept;

    std::mutex mutex_;
    std::vector<std::unique_ptr<storage::PlanCache>> idle_;
};

/// What is due on the meter, and how much of it a tender takes; sets sale.facts.charged.
/// Nothing for a meter whose credit the server keeps: it is charged with its readings.
/// @param taken what it comes to
[[nodiscard]] storage::ChargesNow charges_of(const App& app, PlanCaches& plans, storage::Transaction& tx,
                                             core::PropertyId property, core::AccountId account,
                                             core::MeterId meter, core::Money tender, core::Timestamp now,
                                             SaleCase& sale, core::ChargeSums& taken);

/// The meter's time on the account ends now: everything that is due, the month that runs included, is set off
/// against what will be payable. @return what it came to
core::Money settle_charges(const App& app, storage::PlanCache& plans, storage::Transaction& tx,
                           core::PropertyId property, core::AccountId account,
                           const storage::MeterFacts& meter, core::OperatorId operator_id,
                           core::Timestamp now);
/// What settle_charges would come to.
[[nodiscard]] core::Money charges_at_closing(const App& app, storage::PlanCache& plans,
                                             storage::Transaction& tx, core::PropertyId property,
                                             core::AccountId account, const storage::MeterFacts& meter,
                                             core::Timestamp now);
/// The meter will be exchanged: what has become due until now is stored, for carry_charges.
void store_charges(const App& app, storage::Transaction& tx, core::PropertyId property,
                   core::AccountId account, const storage::MeterFacts& meter, core::Timestamp now);

/// The lines that something was taken of, or (all) that anything is due of.
void fill_charges(const std::vector<storage::StoredCharge>& charges, bool all,
                  google::protobuf::RepeatedPtrField<v1::SaleCharge>& out);

}  // namespace wutong::server
