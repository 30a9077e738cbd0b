#pragma once

#include <wutong/v1/sale_service.pb.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "core/identity.hpp"
#include "server/call.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

class App;

/// RESOURCE_EXHAUSTED too_many_sales
[[nodiscard]] Refused too_many_sales();

/// A call to Sell on its way to being written. Lives until the call is answered.
struct SaleAsk {
    CallContext call;
    core::PropertyId property;
    storage::NewSale sale;  ///< kind sale, with account, meter, amount, method, operator and request id
    const v1::SellRequest& request;
    v1::SaleReceipt& response;
};

/// Sales that come at the same moment are written together, in one transaction with one commit: what they
/// cost the database is shared by them. Nothing waits for others to come: when a writer is free, what is
/// there is written; what comes meanwhile is the next batch. And no thread waits for a sale: it is told.
///
/// The lane only ever sells. Whatever has something to be decided or to wait for (a refusal, a repeated
/// request, a meter or shift that another transaction has locked, charges, a limit of the day, credit that
/// the server holds, a failure) goes the ordinary way, which asks for itself. docs/money.md, "Sales written
/// together".
class SaleLane {
public:
    struct Told {
        /// False: nothing was written, or it is not known whether it was. The ordinary way, with the same
        /// request id, finds out.
        bool sold = false;
        std::exception_ptr fault{};  ///< DatabaseUnavailable: nothing was written
    };
    /// Called once, on a thread of the lane; must not wait for the database.
    using OnTold = std::function<void(std::unique_ptr<SaleAsk>, Told)>;

    explicit SaleLane(App& app);
    /// Writes what waits, then ends.
    ~SaleLane();
    SaleLane(const SaleLane&) = delete;
    SaleLane& operator=(const SaleLane&) = delete;

    /// Returns at once. @throws Refused too_many_sales() when too many wait already
    void sell(std::unique_ptr<SaleAsk> ask, OnTold on_told);

private:
    /// The statements of one run while the other waits for its commit. More would share less.
    static constexpr int kWritersMax = 2;

    struct Waiting;
    using Batch = std::vector<std::unique_ptr<Waiting>>;

    void run();
    [[nodiscard]] bool can_be_written(const Waiting& waiting) const;
    [[nodiscard]] Batch take();
    void write(const Batch& batch);
    void write(storage::Transaction& tx, core::PropertyId property, const Batch& batch);
    [[nodiscard]] std::vector<Waiting*> decide(storage::Transaction& tx, core::PropertyId property,
                                               const Batch& batch);

    struct Figures {
        std::atomic<std::uint64_t> sold{0};
        std::atomic<std::uint64_t> transactions{0};
    };

    App& app_;
    const std::shared_ptr<Figures> figures_ =
        std::make_shared<Figures>();  ///< outlives the lane in the metrics
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<std::unique_ptr<Waiting>> waiting_;
    int writing_ = 0;                          ///< batches
    std::multiset<core::OperatorId> selling_;  ///< whose sales are in them
    std::set<core::OperatorId> in_shifts_;     ///< who sold in a shift when last seen: its row is locked
    bool stopping_ = false;
    std::array<std::thread, kWritersMax + 1> threads_;  ///< one tells what it has written meanwhile
};

}  // namespace wutong::server
