#include "server/jobs/price_downloads.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/tariffs.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::milliseconds kInterval{2'000};
/// Without a new version, a new assignment or a new day nothing changes; what was set by hand is found then.
constexpr std::chrono::minutes kSweepInterval{5};
constexpr int kMetersAtOnce = 200;

}  // namespace

/// What the plans of a property want of each kind of meter; read once a round.
struct PriceDownloads::Plans {
    App& app;
    core::PropertyId property;
    std::map<storage::TariffPlanId, core::TariffPlan> loaded;
    std::map<std::tuple<storage::TariffPlanId, std::chrono::local_days, std::string>,
             std::optional<core::Price>>
        prices;

    /// The price that the meter is told; none when it is not one of those that charge by themselves.
    std::optional<core::Price> price(storage::Transaction& tx, const storage::ChargedMeter& meter) {
        const auto key = std::tuple{meter.plan, meter.version, meter.profile};
        if (const auto known = prices.find(key); known != prices.end()) {
            return known->second;
        }
        if (!loaded.contains(meter.plan)) {
            loaded[meter.plan] =
                storage::load_tariff_plan(tx, property, meter.plan).value_or(core::TariffPlan{});
        }
        auto& out = prices[key];
        const auto& versions = loaded[meter.plan].versions;
        const auto version =
            std::find_if(versions.begin(), versions.end(),
                         [&](const core::PlanVersion& one) { return one.from == meter.version; });
        if (version != versions.end()) {
            out = price_told(*version, app.profiles().find(meter.profile));
        }
        return out;
    }

    std::optional<core::PlanPrice> wanted(storage::Transaction& tx, const storage::ChargedMeter& meter) {
        const auto told = meter.plan ? price(tx, meter) : std::nullopt;
        if (!told) {
            return std::nullopt;
        }
        core::PlanPrice out{meter.plan.value, meter.version, *told, meter.due_at};
        // It was there, and somebody has set another one: that is when it began to be missing.
        if (meter.changed_from == *told && meter.changed_at && *meter.changed_at > out.effective_at) {
            out.effective_at = *meter.changed_at;
        }
        return out;
    }
};

std::chrono::milliseconds PriceDownloads::round(const Worker& worker) {
    waiting_ = 0;
    const auto properties = app_.database().transact(
        storage::Scope::all(), "properties_with_tariffs",
        [](storage::Transaction& tx) { return storage::properties_with_tariffs(tx); });
    for (const auto property : properties) {
        if (worker.stopping()) {
            break;
        }
        try {
            work_on(property, worker);
        } catch (const std::exception& error) {
            app_.on_error()(worker.name(), fmt::format("property {}: {}", property.value, error.what()));
        }
    }
    return kInterval;
}

void PriceDownloads::work_on(core::PropertyId property, const Worker& worker) {
    const auto scope = storage::Scope::of({property});
    const auto now = app_.now();
    const auto marks = app_.database().transact(scope, "tariff_marks", [&](storage::Transaction& tx) {
        return storage::tariff_marks(tx, property, now);
    });
    const auto before = seen_.find(property);
    const bool everybody = before == seen_.end() || !(before->second.marks == marks) ||
                           now - before->second.swept_at >= kSweepInterval;
    Plans plans{app_, property, {}, {}};
    core::MeterId after;
    bool more = true;
    while (more && !worker.stopping()) {
        sent_ = 0;
        int kept = 0;
        const auto last = app_.database().transact(scope, "price_downloads", [&](storage::Transaction& tx) {
            sent_ = kept = 0;
            const auto meters =
                storage::list_charged_meters(tx, property, marks.today, !everybody, after, kMetersAtOnce);
            for (const auto& meter : meters) {
                kept += meter.kept ? 1 : 0;
                work_on(tx, property, meter, plans);
            }
            more = meters.size() == static_cast<std::size_t>(kMetersAtOnce);
            return meters.empty() ? core::MeterId{} : meters.back().meter;
        });
        after = last;
        waiting_ += kept;
        if (sent_ > 0) {
            app_.notifier().work_queued();
        }
    }
    if (everybody && !more) {
        seen_[property] = {marks, now};
    }
}

void PriceDownloads::send(storage::Transaction& tx, core::PropertyId property,
                          const storage::ChargedMeter& meter, const core::PlanPrice& wanted,
                          core::OperatorId ordered_by) {
    if (!meter.command_open) {
        storage::send_plan_price(tx, property, meter.meter, wanted, ordered_by, app_.now());
        ++sent_;
    }
}

void PriceDownloads::work_on(storage::Transaction& tx, core::PropertyId property,
                             const storage::ChargedMeter& meter, Plans& plans) {
    using Step = core::PriceDownloadStep;
    const auto now = app_.now();
    const auto wanted = plans.wanted(tx, meter);
    const bool of_another = meter.kept && meter.kept_account != meter.account;
    const auto decision =
        of_another ? core::PriceDownloadDecision{Step::drop, std::nullopt, {}}
                   : core::decide_price_download({meter.held, wanted, meter.kept, meter.command_open, now});
    if (decision.step == Step::nothing) {
        return;
    }
    if (decision.step == Step::begin) {
        if (storage::begin_price_download(tx, property, meter, *wanted, now)) {
            send(tx, property, meter, *wanted, meter.ordered_by);
        }
        return;
    }
    if (!storage::lock_price_download(tx, property, meter)) {
        return;  // another server is at it, or was
    }
    switch (decision.step) {
        case Step::send:
            send(tx, property, meter, meter.kept->wanted, meter.kept_ordered_by);
            break;
        case Step::pause:
        case Step::give_up:
            storage::pause_price_download(tx, property, meter.meter, decision);
            break;
        case Step::confirm:
            storage::confirm_price_download(tx, property, meter);
            break;
        case Step::drop:
            storage::cancel_plan_price(tx, property, meter, now);
            storage::drop_price_download(tx, property, meter.meter);
            break;
        default:  // supersede
            storage::cancel_plan_price(tx, property, meter, now);
            storage::end_price_download(tx, property, meter, wanted->effective_at);
            break;
    }
    const bool ended =
        decision.step == Step::confirm || decision.step == Step::drop || decision.step == Step::supersede;
    if (ended && wanted && meter.held != wanted->price) {
        // Sent by the next round, when what was on its way has ended.
        static_cast<void>(storage::begin_price_download(tx, property, meter, *wanted, now));
    }
}

std::unique_ptr<Worker> make_price_download_job(App& app) {
    auto figures = add_job_figures(app.metrics(), "price_download", "wutong_price_downloads_waiting",
                                   "Meters that do not charge their plan's price yet");
    // The worker's step needs the worker itself, to stop between two pages.
    auto self = std::make_shared<Worker*>(nullptr);
    auto downloads = std::make_shared<PriceDownloads>(app);
    auto worker = std::make_unique<Worker>(
        "price_download",
        [&app, self, downloads, figures] {
            const auto begun = std::chrono::steady_clock::now();
            const auto pause = downloads->round(**self);
            figures->backlog = downloads->waiting();
            figures->finished(std::chrono::steady_clock::now() - begun, app.now().time_since_epoch());
            return pause;
        },
        [&app, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        });
    *self = worker.get();
    return worker;
}

}  // namespace wutong::server
