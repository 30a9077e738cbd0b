#include "server/messages/message_maker.hpp"

#include <utility>

#include "core/sms_parts.hpp"
#include "storage/local_clock.hpp"
#include "storage/message_contacts.hpp"
#include "storage/messages.hpp"

namespace wutong::server {

namespace {

using core::MessageChannel;

/// When the quiet hours are over that it is now in; now, when it is in none.
core::Timestamp after_quiet_hours(storage::Transaction& tx, core::PropertyId property, core::Timestamp now) {
    const auto quiet = storage::message_rules(tx, property).quiet;
    if (quiet.from_minute == quiet.to_minute) {
        return now;
    }
    const auto at = std::chrono::floor<std::chrono::seconds>(now);
    const auto clock =
        storage::local_clock(tx, property, at - std::chrono::days{1}, at + std::chrono::days{2});
    const auto until = core::quiet_until(quiet, clock, at);
    return until ? core::Timestamp{*until} : now;
}

class Making {
public:
    Making(storage::Transaction& tx, const storage::MessageCause& cause, core::Timestamp now,
           std::chrono::seconds keep_for)
        : tx_{tx}, cause_{cause}, now_{now}, keep_for_{keep_for} {}

    int of_level() {
        const auto news = storage::tenant_news(tx_, cause_);
        if (!news) {
            return 0;
        }
        const auto told = storage::lock_told_levels(tx_, cause_.property, news->account, news->meter);
        const auto verdict = core::judge_level(told, news->level, news->at, news->standing);
        storage::put_told_levels(tx_, cause_.property, news->account, news->meter, verdict.told);
        if (!verdict.tell) {
            return 0;
        }
        storage::overtake_level_messages(tx_, cause_.property, news->account, news->meter,
                                         "a worse level was reached before it was sent", now_);
        return to_tenant(*news, core::message_kind(news->level),
                         after_quiet_hours(tx_, cause_.property, now_));
    }

    int of_credit() {
        const auto news = storage::tenant_news(tx_, cause_);
        if (!news) {
            return 0;
        }
        const auto told = storage::lock_told_levels(tx_, cause_.property, news->account, news->meter);
        storage::put_told_levels(tx_, cause_.property, news->account, news->meter,
                                 core::after_credit(told, news->at));
        storage::overtake_level_messages(tx_, cause_.property, news->account, news->meter,
                                         "credit arrived before it was sent", now_);
        return to_tenant(*news, core::MessageKind::recharge, now_);
    }

    int for_operators() {
        const auto news = storage::operations_news(tx_, cause_);
        if (!news || storage::operations_told_since(tx_, cause_.property, now_ - std::chrono::hours{1}) >=
                         kOperationsPerHourMax) {
            return 0;
        }
        storage::NewMessage message;
        message.kind = core::MessageKind::operations;
        message.language = news->facts.language;
        message.text = core::message_text(news->facts);
        message.due_at = now_;
        return to_both(message, news->phone, news->email);
    }

private:
    int to_tenant(const storage::TenantNews& news, core::MessageKind kind, core::Timestamp due_at) {
        const auto contact = storage::find_message_contact(tx_, cause_.property, news.customer);
        if (!contact || !contact->wants_it(kind)) {
            return 0;
        }
        auto facts = news.facts;
        facts.kind = kind;
        facts.language = contact->language;
        storage::NewMessage message;
        message.kind = kind;
        message.account = news.account;
        message.meter = news.meter;
        message.language = contact->language;
        message.text = core::message_text(facts);
        message.due_at = due_at;
        return to_both(message, contact->phone, contact->email);
    }

    int to_both(storage::NewMessage& message, const std::string& phone, const std::string& email) {
        message.cause = cause_.name();
        message.expires_at = message.due_at + keep_for_;
        int queued = 0;
        for (const auto& [channel, recipient] :
             {std::pair{MessageChannel::sms, phone}, std::pair{MessageChannel::email, email}}) {
            if (!recipient.empty()) {
                message.channel = channel;
                message.recipient = recipient;
                message.parts = message_parts(channel, message.text.body);
                queued += storage::queue_message(tx_, cause_.property, message, now_) != 0 ? 1 : 0;
            }
        }
        return queued;
    }

    storage::Transaction& tx_;
    const storage::MessageCause& cause_;
    const core::Timestamp now_;
    const std::chrono::seconds keep_for_;
};

}  // namespace

int make_messages(storage::Transaction& tx, const storage::MessageCause& cause, core::Timestamp now,
                  std::chrono::seconds keep_for) {
    if (!storage::take_message_cause(tx, cause)) {
        return -1;
    }
    Making making{tx, cause, now, keep_for};
    switch (cause.kind) {
        case storage::MessageCauseKind::level:
            return making.of_level();
        case storage::MessageCauseKind::operations:
            return making.for_operators();
        case storage::MessageCauseKind::delivery:
        case storage::MessageCauseKind::sale:
            break;
    }
    return making.of_credit();
}

int message_parts(core::MessageChannel channel, const std::string& body) {
    return channel == MessageChannel::sms ? static_cast<int>(core::plan_sms(body).parts.size()) : 1;
}

}  // namespace wutong::server
