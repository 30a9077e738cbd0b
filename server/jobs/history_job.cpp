#include "server/jobs/history_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "storage/history.hpp"
#include "storage/parameters.hpp"
#include "storage/property_ids.hpp"

namespace wutong::server {

namespace {

using storage::HistoryClass;

constexpr int kMetersPerStep = 20;
constexpr int kRowsPerStep = 500;
constexpr std::chrono::milliseconds kPauseBetweenSteps{50};
constexpr std::chrono::minutes kRoundEvery{10};
constexpr std::chrono::seconds kLookEvery{5};  ///< whether somebody wants a round now

int number_of(const std::map<std::string, std::string>& parameters, const char* key, int otherwise) {
    const auto found = parameters.find(key);
    int number = 0;
    if (found == parameters.end() ||
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), number).ec !=
            std::errc{} ||
        number < 0 || number > 10'000) {
        return otherwise;
    }
    return number;
}

class History {
public:
    History(App& app, JobFigures& figures) : app_{app}, figures_{figures} {}

    /// Somebody asked for a round.
    [[nodiscard]] bool is_wanted() {
        return app_.database()
            .transact(storage::Scope::all(), "history_round",
                      [](storage::Transaction& tx) { return storage::history_round(tx); })
            .wanted_at.has_value();
    }

    void round(const Worker& worker) {
        app_.database().transact(storage::Scope::all(), "begin_history_round", [&](storage::Transaction& tx) {
            storage::begin_history_round(tx, app_.now());
        });
        const auto months =
            app_.database().transact(storage::Scope::all(), "hot_months",
                                     [](storage::Transaction& tx) { return storage::hot_months(tx); });
        const auto properties =
            app_.database().transact(storage::Scope::all(), "list_properties",
                                     [](storage::Transaction& tx) { return storage::property_ids(tx); });
        for (const auto property : properties) {
            try {
                work_on(worker, property, months);
            } catch (const std::exception& error) {
                // One property that can't be worked on does not hold up the others.
                figures_.errors.fetch_add(1);
                error_ = fmt::format("property {}: {}", property.value, error.what());
                app_.on_error()("history", error_);
            }
        }
        for (const auto& month : months) {
            if (!worker.stopping() && is_over(month, 3)) {
                app_.database().transact(
                    storage::Scope::all(), "drop_empty_month",
                    [&](storage::Transaction& tx) { return storage::drop_empty_month(tx, month); });
            }
        }
        figures_.backlog = static_cast<double>(months.size());
        note(app_.now());
    }

private:
    void note(std::optional<core::Timestamp> finished_at) {
        app_.database().transact(storage::Scope::all(), "note_history_round", [&](storage::Transaction& tx) {
            storage::note_history_round(tx, moved_, forgotten_, error_, finished_at);
        });
    }
    [[nodiscard]] HistoryPolicy policy_of(core::PropertyId property) {
        return history_policy(app_.database().transact(
            storage::Scope::of({property}), "list_parameters",
            [&](storage::Transaction& tx) { return storage::list_parameters(tx, property); }));
    }
    /// Whether so many whole months have passed since the month.
    [[nodiscard]] bool is_over(const std::string& month, int months) const {
        return month < first_of_month(months);
    }
    /// The first day of the month so many months ago, YYYY-MM-DD.
    [[nodiscard]] std::string first_of_month(int months_ago) const {
        const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(app_.now())};
        const auto month = today.year() / today.month() - std::chrono::months{months_ago};
        return fmt::format("{:04}-{:02}-01", static_cast<int>(month.year()),
                           static_cast<unsigned>(month.month()));
    }

    void work_on(const Worker& worker, core::PropertyId property, const std::vector<std::string>& months) {
        const auto policy = policy_of(property);
        if (policy.held) {
            return;
        }
        for (const auto& month : months) {
            if (is_over(month, policy.hot_months)) {
                move_month(worker, property, month);
            }
        }
        using std::chrono::days;
        // Not younger than the database lets go: a typing mistake must not cost a year.
        forget(worker, property, HistoryClass::request, days{policy.request_days}, days{8});
        forget(worker, property, HistoryClass::alarm, days{31 * policy.alarm_months}, days{372});
        forget(worker, property, HistoryClass::event, days{31 * policy.event_months}, days{420});
        forget(worker, property, HistoryClass::instant, days{31 * policy.instant_months}, days{93});
        forget(worker, property, HistoryClass::reading, days{31 * policy.reading_months}, days{372});
    }

    void move_month(const Worker& worker, core::PropertyId property, const std::string& month) {
        core::MeterId after;
        for (bool more = true; more && !worker.stopping();) {
            const auto step = app_.database().transact(
                storage::Scope::of({property}), "archive_readings", [&](storage::Transaction& tx) {
                    return storage::archive_readings(tx, property, month, after, kMetersPerStep);
                });
            figures_.add_items(static_cast<int>(step.readings));
            more = step.last && !step.busy;
            after = step.last;
            if (step.readings > 0) {
                moved_ += step.readings;
                note(std::nullopt);
                std::this_thread::sleep_for(kPauseBetweenSteps);
                more = more && !policy_of(property).held;
            }
        }
    }

    /// @param kept zero: for ever
    void forget(const Worker& worker, core::PropertyId property, HistoryClass what, std::chrono::days kept,
                std::chrono::days least) {
        const auto before = app_.now() - std::max(kept, least);
        for (int gone = kRowsPerStep; kept.count() > 0 && gone == kRowsPerStep && !worker.stopping();) {
            gone = app_.database().transact(
                storage::Scope::of({property}), "forget_history", [&](storage::Transaction& tx) {
                    return storage::forget_history(tx, property, what, before, kRowsPerStep);
                });
            if (gone > 0) {
                forgotten_ += gone;
                std::this_thread::sleep_for(kPauseBetweenSteps);
            }
        }
    }

    App& app_;
    JobFigures& figures_;
    std::int64_t moved_ = 0;
    std::int64_t forgotten_ = 0;
    std::string error_;
};

}  // namespace

HistoryPolicy history_policy(const std::map<std::string, std::string>& parameters) {
    HistoryPolicy policy;
    policy.hot_months = number_of(parameters, "history_hot_months", policy.hot_months);
    policy.instant_months = number_of(parameters, "history_instant_months", policy.instant_months);
    policy.reading_months = number_of(parameters, "history_reading_months", policy.reading_months);
    policy.request_days = number_of(parameters, "history_request_days", policy.request_days);
    policy.alarm_months = number_of(parameters, "history_alarm_months", policy.alarm_months);
    policy.event_months = number_of(parameters, "history_event_months", policy.event_months);
    policy.held = number_of(parameters, "history_hold", 0) == 1;
    return policy;
}

std::unique_ptr<Worker> make_history_job(App& app) {
    const auto figures =
        add_job_figures(app.metrics(), "history", "wutong_history_hot_months",
                        "Months whose readings lie in the hot table; the job's items are readings moved");
    // The worker's step needs the worker itself, to stop between two pieces.
    auto self = std::make_shared<const Worker*>(nullptr);
    auto due = std::make_shared<std::chrono::steady_clock::time_point>();
    auto worker = std::make_unique<Worker>(
        "history",
        [&app, self, figures, due]() -> std::chrono::milliseconds {
            if (std::chrono::steady_clock::now() < *due && !History{app, *figures}.is_wanted()) {
                return kLookEvery;
            }
            const auto begun = std::chrono::steady_clock::now();
            History{app, *figures}.round(**self);
            figures->finished(std::chrono::steady_clock::now() - begun, app.now().time_since_epoch());
            *due = std::chrono::steady_clock::now() + kRoundEvery;
            return kLookEvery;
        },
        [&app, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        });
    *self = worker.get();
    return worker;
}

}  // namespace wutong::server
