#include "server/messages/sms_job.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "server/messages/gammu_spool.hpp"
#include "server/messages/sending_rate.hpp"
#include "server/platform/files.hpp"
#include "storage/messages.hpp"

namespace wutong::server {

namespace {

using std::chrono::milliseconds;
using storage::StoredMessage;

constexpr int kInHandMost = 50;   ///< in gammu-smsd's outbox: a modem sends some ten a minute
constexpr int kAttemptsMost = 3;  ///< each of them is several of gammu-smsd's
constexpr milliseconds kLookEvery{500};
/// Longer than a message lives it stays ours: whoever else took it would send it twice.
constexpr std::chrono::minutes kKeptBeyond{10};
constexpr const char* kInOutbox = "in gammu-smsd's outbox; the modem has not taken it yet";
constexpr const char* kRefused =
    "the modem or the network refused it (gammu-smsd moved it to its error folder)";

class SmsOut {
    template <class Body>
    auto in_transaction(const char* name, Body body) {
        return app_.database().transact(storage::Scope::all(), name, body);
    }

public:
    SmsOut(App& app, std::shared_ptr<JobFigures> figures)
        : app_{app},
          figures_{std::move(figures)},
          spool_{app.configuration().sms.spool},
          taken_by_{fmt::format("{}:{}", platform::host_name(), app.configuration().sms.spool.string())},
          rate_{app.configuration().sms.per_minute} {}

    milliseconds round(const Worker& worker) {
        const auto begun = std::chrono::steady_clock::now();
        spool_.make_folders();
        const auto in_hand = in_transaction("messages_in_hand", [&](storage::Transaction& tx) {
            return storage::messages_in_hand(tx, core::MessageChannel::sms, taken_by_, kInHandMost);
        });
        int open = 0;
        for (const auto& message : in_hand) {
            open += look_at(message) ? 1 : 0;
        }
        while (open < kInHandMost && !worker.stopping() && take_one()) {
            ++open;
        }
        figures_->backlog = open;
        figures_->finished(std::chrono::steady_clock::now() - begun, app_.now().time_since_epoch());
        return kLookEvery;
    }

private:
    /// @return it is still under way
    bool look_at(const StoredMessage& message) {
        switch (spool_.place_of(message)) {
            case GammuSpool::Place::outbox:
                return wait_or_give_up(message);
            case GammuSpool::Place::sent:
                finish(message, "sent", "");
                return false;
            case GammuSpool::Place::error:
                refused(message);
                return false;
            case GammuSpool::Place::nowhere:
                break;
        }
        // It was taken by us, and we ended before it was in the outbox.
        spool_.put(message);
        return true;
    }

    bool wait_or_give_up(const StoredMessage& message) {
        if (message.expires_at <= app_.now()) {
            if (spool_.take_back(message)) {
                finish(message, "given_up", "too old to be news; gammu-smsd did not send it in time");
                return false;
            }
            return true;  // just now it went somewhere
        }
        if (message.reason != kInOutbox && app_.now() - message.next_try_at > std::chrono::minutes{1}) {
            in_transaction("keep_message", [&](storage::Transaction& tx) {
                return storage::keep_message(tx, message, taken_by_, kInOutbox,
                                             message.expires_at + kKeptBeyond);
            });
        }
        return true;
    }

    void refused(const StoredMessage& message) {
        if (message.attempts >= kAttemptsMost) {
            finish(message, "failed", kRefused);
            return;
        }
        in_transaction("put_back_message", [&](storage::Transaction& tx) {
            return storage::put_back_message(tx, message, taken_by_, kRefused,
                                             app_.now() + core::message_pause(message.attempts));
        });
        spool_.forget(message);
    }

    void finish(const StoredMessage& message, const char* state, const char* reason) {
        in_transaction("finish_message", [&](storage::Transaction& tx) {
            return storage::finish_message(tx, message, taken_by_, state, reason, app_.now());
        });
        spool_.forget(message);
        figures_->add_items(1);
    }

    bool take_one() {
        if (!rate_.take(std::chrono::steady_clock::now())) {
            return false;
        }
        const auto now = app_.now();
        const auto message = in_transaction("take_message", [&](storage::Transaction& tx) {
            return storage::take_message(tx, core::MessageChannel::sms, taken_by_, now,
                                         now + app_.configuration().messages.give_up + kKeptBeyond);
        });
        if (!message) {
            rate_.give_back();
            return false;
        }
        spool_.put(*message);
        return true;
    }

    App& app_;
    const std::shared_ptr<JobFigures> figures_;
    const GammuSpool spool_;
    const std::string taken_by_;
    SendingRate rate_;
};

}  // namespace

std::unique_ptr<Worker> make_sms_job(App& app) {
    const auto figures = add_job_figures(app.metrics(), "sms", "wutong_sms_in_hand",
                                         "SMS in gammu-smsd's outbox; the job's items are SMS that ended");
    // The worker's step needs the worker itself, to stop between two messages.
    auto self = std::make_shared<const Worker*>(nullptr);
    auto out = std::make_shared<SmsOut>(app, figures);
    auto worker = std::make_unique<Worker>(
        "sms", [self, out] { return out->round(**self); },
        [&app, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        },
        std::chrono::seconds{60});
    *self = worker.get();
    return worker;
}

}  // namespace wutong::server
