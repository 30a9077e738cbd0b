#include "server/messages/message_jobs.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "server/messages/mail_job.hpp"
#include "server/messages/message_maker.hpp"
#include "server/messages/sms_job.hpp"
#include "storage/alarms.hpp"
#include "storage/message_causes.hpp"
#include "storage/messages.hpp"
#include "storage/property_ids.hpp"

namespace wutong::server {

namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kCausesAtOnce = 100;
constexpr milliseconds kLookForCauses{1'000};
constexpr std::chrono::seconds kWatchEvery{5};
constexpr std::chrono::hours kForgetEvery{1};
constexpr int kForgetAtOnce = 500;
constexpr const char* kOverdueAlarm = "messages_not_sent";

class MessageQueue {
public:
    MessageQueue(App& app, std::shared_ptr<JobFigures> figures) : app_{app}, figures_{std::move(figures)} {}

    milliseconds round(const Worker& worker) {
        const auto begun = std::chrono::steady_clock::now();
        const bool more = make_all(worker);
        if (begun >= watch_at_) {
            watch();
            watch_at_ = begun + kWatchEvery;
        }
        if (begun >= forget_at_) {
            forget(worker);
            forget_at_ = begun + kForgetEvery;
        }
        figures_->finished(std::chrono::steady_clock::now() - begun, app_.now().time_since_epoch());
        return more ? milliseconds{0} : kLookForCauses;
    }

private:
    template <class Body>
    auto everywhere(const char* name, Body body) {
        return app_.database().transact(storage::Scope::all(), name, body);
    }

    /// @return there may be more
    bool make_all(const Worker& worker) {
        const auto causes = everywhere("list_message_causes", [](storage::Transaction& tx) {
            return storage::list_message_causes(tx, kCausesAtOnce);
        });
        for (const auto& cause : causes) {
            if (worker.stopping()) {
                return false;
            }
            make(cause);
        }
        return causes.size() == kCausesAtOnce;
    }

    void make(const storage::MessageCause& cause) {
        const auto scope = storage::Scope::of({cause.property});
        const std::chrono::seconds keep = app_.configuration().messages.give_up;
        try {
            const int made = app_.database().transact(scope, "make_messages", [&](storage::Transaction& tx) {
                return make_messages(tx, cause, app_.now(), keep);
            });
            figures_->add_items(std::max(made, 0));
        } catch (const storage::DatabaseUnavailable&) {
            throw;
        } catch (const std::exception& error) {
            // One cause that can't be worked on does not hold up the others.
            figures_->errors.fetch_add(1);
            app_.on_error()("messages", fmt::format("{}: {}", cause.name(), error.what()));
            app_.database().transact(scope, "put_off_message_cause", [&](storage::Transaction& tx) {
                storage::put_off_message_cause(tx, cause);
            });
        }
    }

    void watch() {
        const auto now = app_.now();
        everywhere("tidy_messages",
                   [&](storage::Transaction& tx) { return storage::tidy_messages(tx, now); });
        const auto overdue_since = now - app_.configuration().messages.alarm_after;
        everywhere("watch_messages", [&](storage::Transaction& tx) {
            figures_->backlog = static_cast<double>(storage::count_message_causes(tx));
            std::map<core::PropertyId, std::string> overdue;
            for (const auto& one : storage::message_backlog(tx, now)) {
                if (one.oldest <= overdue_since) {
                    auto& text = overdue[one.property];
                    text += fmt::format("{}{} by {} wait, the oldest since {:%m-%d %H:%M} UTC{}{}",
                                        text.empty() ? "" : "; ", one.open, core::to_string(one.channel),
                                        fmt::gmtime(std::chrono::system_clock::to_time_t(
                                            std::chrono::time_point_cast<std::chrono::seconds>(one.oldest))),
                                        one.reason.empty() ? "" : ": ", one.reason);
                }
            }
            for (const auto& [property, text] : overdue) {
                storage::raise_alarm(tx, {property, {}, {}, {}}, kOverdueAlarm, text, now);
            }
            for (const auto property : storage::properties_with_message_alarm(tx)) {
                if (!overdue.contains(property)) {
                    storage::clear_alarm(tx, {property, {}, {}, {}}, kOverdueAlarm, now);
                }
            }
        });
    }

    void forget(const Worker& worker) {
        const auto properties =
            everywhere("list_properties", [](storage::Transaction& tx) { return storage::property_ids(tx); });
        for (const auto property : properties) {
            for (int gone = kForgetAtOnce; gone == kForgetAtOnce && !worker.stopping();) {
                gone = app_.database().transact(
                    storage::Scope::of({property}), "forget_messages", [&](storage::Transaction& tx) {
                        const auto days = storage::message_rules(tx, property).keep_days;
                        return days == 0
                                   ? 0
                                   : storage::forget_messages(
                                         tx, property, app_.now() - std::chrono::days{days}, kForgetAtOnce);
                    });
            }
        }
    }

    App& app_;
    const std::shared_ptr<JobFigures> figures_;
    SteadyTime watch_at_{};
    SteadyTime forget_at_{};
};

std::unique_ptr<Worker> make_message_queue_job(App& app) {
    const auto figures = add_job_figures(app.metrics(), "messages", "wutong_message_causes_waiting",
                                         "What has happened and was not looked at yet for messages");
    // The worker's step needs the worker itself, to stop between two causes.
    auto self = std::make_shared<const Worker*>(nullptr);
    auto queue = std::make_shared<MessageQueue>(app, figures);
    auto worker = std::make_unique<Worker>(
        "messages", [self, queue] { return queue->round(**self); },
        [&app, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        });
    *self = worker.get();
    return worker;
}

}  // namespace

void add_message_jobs(App& app, std::vector<std::unique_ptr<Worker>>& jobs) {
    jobs.push_back(make_message_queue_job(app));
    if (!app.configuration().sms.spool.empty()) {
        jobs.push_back(make_sms_job(app));
    }
    if (!app.configuration().mail.server.empty()) {
        jobs.push_back(make_mail_job(app));
    }
}

}  // namespace wutong::server
