#pragma once

#include <wutong/v1/sale_service.pb.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "core/identity.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

class App;
class CallContext;

/// Sales that come at the same moment are written together, in one transaction with one commit: what they
/// cost the database is shared by them. Nobody waits for others to come: who finds a writer free writes,
/// together with all that wait.
///
/// The lane only ever sells. Whatever has something to be decided or to wait for (a refusal, a repeated
/// request, a meter or shift that another transaction has locked, charges, a limit of the day, credit that
/// the server holds, a failure) goes the ordinary way, which asks for itself. docs/money.md, "Sales written
/// together".
class SaleLane {
public:
    explicit SaleLane(App& app);
    SaleLane(const SaleLane&) = delete;
    SaleLane& operator=(const SaleLane&) = delete;

    /// Waits until the sale is written, or can't be written here.
    /// @param sale kind sale, with account, meter, amount, method, operator and request id
    /// @return false: nothing was written, or it is not known whether it was. The ordinary way, with the same
    ///         request id, finds out
    /// @throws DatabaseUnavailable: nothing was written
    [[nodiscard]] bool sell(const CallContext& call, core::PropertyId property, const storage::NewSale& sale,
                            const v1::SellRequest& request, v1::SaleReceipt& response);

private:
    struct Ask;
    using Batch = std::vector<Ask*>;

    [[nodiscard]] Batch take();
    void write(const Batch& batch);
    void write(storage::Transaction& tx, core::PropertyId property, const Batch& batch);
    [[nodiscard]] Batch decide(storage::Transaction& tx, core::PropertyId property, const Batch& batch);

    struct Figures {
        std::atomic<std::uint64_t> sold{0};
        std::atomic<std::uint64_t> transactions{0};
    };

    App& app_;
    const std::shared_ptr<Figures> figures_ =
        std::make_shared<Figures>();  ///< outlives the lane in the metrics
    std::mutex mutex_;
    std::deque<Ask*> waiting_;
    int writers_ = 0;
};

}  // namespace wutong::server
