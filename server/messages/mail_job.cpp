#include "server/messages/mail_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "server/messages/sending_rate.hpp"
#include "server/messages/smtp_sender.hpp"
#include "server/platform/files.hpp"
#include "storage/messages.hpp"

namespace wutong::server {

namespace {

using std::chrono::milliseconds;
using storage::StoredMessage;

constexpr milliseconds kMailLookEvery{1'000};
constexpr milliseconds kMailPauseMin{1'000};  ///< while nothing can be sent; doubles
constexpr milliseconds kMailPauseMax{60'000};
constexpr std::chrono::seconds kMailGrace{5};

MailSecurity security_of(const std::string& word) {
    return word == "tls" ? MailSecurity::tls : word == "none" ? MailSecurity::none : MailSecurity::starttls;
}

SmtpOptions smtp_options(const Configuration::Mail& mail) {
    SmtpOptions options;
    options.server = mail.server;
    options.security = security_of(mail.security);
    options.user = mail.user;
    options.password = mail.password_file.empty() ? std::string{} : read_secret(mail.password_file);
    options.ca_file = mail.ca_file;
    options.timeout = mail.timeout;
    return options;
}

class MailOut {
public:
    MailOut(App& app, std::shared_ptr<JobFigures> figures)
        : app_{app},
          figures_{std::move(figures)},
          sender_{smtp_options(app.configuration().mail)},
          taken_by_{fmt::format("{}:mail", platform::host_name())},
          rate_{app.configuration().mail.per_minute} {}

    milliseconds round(const Worker& worker) {
        const auto begun = std::chrono::steady_clock::now();
        while (!worker.stopping() && rate_.take(std::chrono::steady_clock::now())) {
            const auto message = take();
            if (!message) {
                rate_.give_back();
                break;
            }
            const auto outcome = sender_.send(mail_of(*message), [&worker] { return worker.stopping(); });
            store(*message, outcome);
            if (outcome.result == SendResult::unreachable) {
                figures_->backlog = 1;
                figures_->errors.fetch_add(1);
                app_.on_error()("mail", outcome.reason);
                pause_ = std::clamp(pause_ * 2, kMailPauseMin, kMailPauseMax);
                return pause_;
            }
            pause_ = milliseconds{0};
            figures_->backlog = 0;
        }
        figures_->finished(std::chrono::steady_clock::now() - begun, app_.now().time_since_epoch());
        return kMailLookEvery;
    }

private:
    std::optional<StoredMessage> take() {
        const auto now = app_.now();
        const auto until = now + 2 * app_.configuration().mail.timeout + kMailGrace;
        return app_.database().transact(storage::Scope::all(), "take_message", [&](storage::Transaction& tx) {
            return storage::take_message(tx, core::MessageChannel::email, taken_by_, now, until);
        });
    }

    [[nodiscard]] Mail mail_of(const StoredMessage& message) const {
        const auto& from = app_.configuration().mail.from;
        const auto created = message.created_at.time_since_epoch().count();
        return {from,
                message.recipient,
                message.subject,
                message.body,
                fmt::format("<wutong-{}-{}-{}@{}>", message.property.value, message.id, created,
                            from.substr(from.find('@') + 1)),
                message.created_at};
    }

    void store(const StoredMessage& message, const SendOutcome& outcome) {
        const auto now = app_.now();
        app_.database().transact(
            storage::Scope::of({message.property}), "store_mail_outcome", [&](storage::Transaction& tx) {
                switch (outcome.result) {
                    case SendResult::sent:
                        return storage::finish_message(tx, message, taken_by_, "sent", "", now);
                    case SendResult::never:
                        return storage::finish_message(tx, message, taken_by_, "failed", outcome.reason, now);
                    case SendResult::later:
                        return storage::put_back_message(tx, message, taken_by_, outcome.reason,
                                                         now + core::message_pause(message.attempts));
                    case SendResult::unreachable:
                        break;
                }
                return storage::put_back_message(tx, message, taken_by_, outcome.reason, now);
            });
        if (outcome.result == SendResult::sent || outcome.result == SendResult::never) {
            figures_->add_items(1);
        }
    }

    App& app_;
    const std::shared_ptr<JobFigures> figures_;
    SmtpSender sender_;
    const std::string taken_by_;
    SendingRate rate_;
    milliseconds pause_{0};
};

}  // namespace

std::unique_ptr<Worker> make_mail_job(App& app) {
    const auto figures =
        add_job_figures(app.metrics(), "mail", "wutong_mail_blocked",
                        "1 while the mail server can't be used; the job's items are mails that ended");
    // The worker's step needs the worker itself, to stop between two messages.
    auto self = std::make_shared<const Worker*>(nullptr);
    auto out = std::make_shared<MailOut>(app, figures);
    auto worker = std::make_unique<Worker>(
        "mail", [self, out] { return out->round(**self); },
        [&app, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        });
    *self = worker.get();
    return worker;
}

}  // namespace wutong::server
