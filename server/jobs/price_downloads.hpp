#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "core/price_download.hpp"
#include "server/jobs/worker.hpp"
#include "storage/price_downloads.hpp"

namespace wutong::server {

class App;

/// Brings the prices of plans to the meters that charge by themselves: when a version or an assignment
/// begins, each meter with an account is sent the price, once, and looked after until it has confirmed it.
/// Several servers may do so side by side. See docs/tariffs.md, "Prices on their way".
class PriceDownloads {
public:
    explicit PriceDownloads(App& app) : app_{app} {}

    /// All properties once. @return how long to wait before the next time
    std::chrono::milliseconds round(const Worker& worker);

    [[nodiscard]] int waiting() const { return waiting_; }

private:
    struct Plans;
    struct Seen {
        storage::TariffMarks marks;
        core::Timestamp swept_at;
    };

    void work_on(core::PropertyId property, const Worker& worker);
    void work_on(storage::Transaction& tx, core::PropertyId property, const storage::ChargedMeter& meter,
                 Plans& plans);
    void send(storage::Transaction& tx, core::PropertyId property, const storage::ChargedMeter& meter,
              const core::PlanPrice& wanted, core::OperatorId ordered_by);

    App& app_;
    std::map<core::PropertyId, Seen> seen_;
    int waiting_ = 0;
    int sent_ = 0;
};

[[nodiscard]] std::unique_ptr<Worker> make_price_download_job(App& app);

}  // namespace wutong::server
