#include "server/services/message_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/sms_parts.hpp"
#include "server/app.hpp"
#include "server/call.hpp"
#include "server/messages/message_maker.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "storage/message_causes.hpp"
#include "storage/message_contacts.hpp"
#include "storage/messages.hpp"

namespace wutong::server {

namespace {

using core::MessageChannel;
using core::MessageKind;

constexpr std::size_t kTestTextBytes = 1'200;
constexpr std::size_t kTestTextCharacters = 300;
constexpr std::array kTenantKinds{MessageKind::alarm_1, MessageKind::alarm_2, MessageKind::arrears,
                                  MessageKind::recharge};
constexpr std::array kMessageStates{"", "open", "waiting", "sending", "sent", "failed", "given_up"};

void fill_contact(const storage::MessageContact& contact, v1::MessageContact& out) {
    out.set_customer_id(contact.customer.value);
    out.set_phone(contact.phone);
    out.set_email(contact.email);
    out.set_language(core::to_string(contact.language));
    for (const auto kind : contact.wants) {
        out.add_wants(core::to_string(kind));
    }
}

void fill_message(const storage::StoredMessage& message, v1::Message& out) {
    out.set_message_id(message.id);
    out.set_kind(core::to_string(message.kind));
    out.set_channel(core::to_string(message.channel));
    out.set_recipient(message.recipient);
    out.set_state(message.state);
    out.set_reason(message.reason);
    out.set_subject(message.subject);
    out.set_body(message.body);
    out.set_parts(message.parts);
    out.set_attempts(message.attempts);
    *out.mutable_created_at() = to_timestamp(message.created_at);
    *out.mutable_due_at() = to_timestamp(message.due_at);
    *out.mutable_next_try_at() = to_timestamp(message.next_try_at);
    *out.mutable_expires_at() = to_timestamp(message.expires_at);
    if (message.finished_at) {
        *out.mutable_finished_at() = to_timestamp(*message.finished_at);
    }
    out.set_account_id(message.account.value);
    out.set_account_number(message.account_number);
    out.set_meter_id(message.meter.value);
    out.set_meter_code(message.meter_code);
    out.set_cause(message.cause);
    out.set_language(core::to_string(message.language));
}

void fill_one(storage::Transaction& tx, core::PropertyId property, std::int64_t id, v1::Message& out) {
    storage::MessageFilter filter;
    filter.property = property;
    filter.only = id;
    const auto found = storage::list_messages(tx, filter, 0, 1);
    if (found.empty()) {
        throw not_found("message", id);
    }
    fill_message(found.front(), out);
}

void check_recipient(const std::string& field, MessageChannel channel, const std::string& recipient) {
    if (channel == MessageChannel::sms && !core::is_telephone(recipient)) {
        throw invalid(field,
                      fmt::format("\"{}\" is no number; write it with the country's, as +8613800138000",
                                  recipient.substr(0, 60)));
    }
    if (channel == MessageChannel::email && !core::is_mail_address(recipient)) {
        throw invalid(field, fmt::format("\"{}\" is no mail address", recipient.substr(0, 60)));
    }
}

storage::MessageContact checked_contact(const v1::MessageContact& wanted) {
    storage::MessageContact contact;
    contact.phone = wanted.phone();
    contact.email = wanted.email();
    if (!contact.phone.empty()) {
        check_recipient("contact.phone", MessageChannel::sms, contact.phone);
    }
    if (!contact.email.empty()) {
        check_recipient("contact.email", MessageChannel::email, contact.email);
    }
    if (wanted.language() != "zh" && wanted.language() != "en") {
        throw invalid("contact.language", "must be zh or en");
    }
    contact.language = core::parse_message_language(wanted.language());
    for (const auto& word : wanted.wants()) {
        const auto kind = std::find_if(kTenantKinds.begin(), kTenantKinds.end(),
                                       [&](MessageKind one) { return word == core::to_string(one); });
        if (kind == kTenantKinds.end()) {
            throw invalid("contact.wants", "are of alarm_1, alarm_2, arrears and recharge");
        }
        if (!contact.wants_it(*kind)) {
            contact.wants.push_back(*kind);
        }
    }
    return contact;
}

core::CustomerId customer_named(storage::Transaction& tx, core::PropertyId property, std::int64_t customer,
                                std::int64_t account) {
    if ((customer == 0) == (account == 0)) {
        throw invalid("account_id", "name either the account or the customer");
    }
    if (customer != 0) {
        return core::CustomerId{customer};
    }
    const auto found = storage::customer_of_account(tx, property, core::AccountId{account});
    if (!found) {
        throw not_found("account", account);
    }
    return found;
}

}  // namespace

grpc::Status MessageService::GetMessageContact(grpc::ServerContext* context,
                                               const v1::GetMessageContactRequest* request,
                                               v1::MessageContact* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_message_contact", [&](storage::Transaction& tx) {
            response->Clear();
            storage::MessageContact none;
            none.customer = customer_named(tx, property, request->customer_id(), request->account_id());
            fill_contact(storage::find_message_contact(tx, property, none.customer).value_or(none),
                         *response);
        });
    });
}

grpc::Status MessageService::SetMessageContact(grpc::ServerContext* context,
                                               const v1::SetMessageContactRequest* request,
                                               v1::MessageContact* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        auto contact = checked_contact(request->contact());
        app_.database().transact(call.scope(property), "set_message_contact", [&](storage::Transaction& tx) {
            call.once(tx, property, "SetMessageContact", *request, *response, [&] {
                contact.customer =
                    customer_named(tx, property, request->contact().customer_id(), request->account_id());
                const auto before = storage::find_message_contact(tx, property, contact.customer);
                storage::put_message_contact(tx, property, contact, call.operator_id(), app_.now());
                response->Clear();
                fill_contact(contact, *response);
                call.log(tx, property, "message.contact", fmt::format("customer {}", contact.customer.value),
                         {{"before", before ? before->phone + " " + before->email : std::string{}},
                          {"after", contact.phone + " " + contact.email}});
            });
        });
    });
}

grpc::Status MessageService::ListMessages(grpc::ServerContext* context,
                                          const v1::ListMessagesRequest* request,
                                          v1::ListMessagesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::MessageFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.account = core::AccountId{request->account_id()};
        filter.state = request->state();
        filter.only = request->message_id();
        if (std::find(kMessageStates.begin(), kMessageStates.end(), filter.state) == kMessageStates.end()) {
            throw invalid("state", "must be open, waiting, sending, sent, failed or given_up, or empty");
        }
        const auto size = page_size(request->page());
        const auto before = page_key(request->page());
        app_.database().transact(call.scope(filter.property), "list_messages", [&](storage::Transaction& tx) {
            response->Clear();
            const auto messages = storage::list_messages(tx, filter, before, size);
            for (const auto& message : messages) {
                fill_message(message, *response->add_messages());
            }
            if (is_full(messages, size)) {
                response->set_next_page_token(std::to_string(messages.back().id));
            }
        });
    });
}

grpc::Status MessageService::GetMessageStatus(grpc::ServerContext* context,
                                              const v1::GetMessageStatusRequest* request,
                                              v1::MessageStatus* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "message_status", [&](storage::Transaction& tx) {
            response->Clear();
            const auto backlog = storage::message_backlog(tx, app_.now());
            for (const auto channel : {MessageChannel::sms, MessageChannel::email}) {
                auto& way = *response->add_ways();
                way.set_channel(core::to_string(channel));
                way.set_set_up(channel == MessageChannel::sms ? !app_.configuration().sms.spool.empty()
                                                              : !app_.configuration().mail.server.empty());
                for (const auto& one : backlog) {
                    if (one.channel == channel) {
                        way.set_open(one.open);
                        *way.mutable_oldest() = to_timestamp(one.oldest);
                        way.set_reason(one.reason);
                    }
                }
                if (const auto sent = storage::last_message_sent(tx, property, channel)) {
                    *way.mutable_last_sent() = to_timestamp(*sent);
                }
            }
        });
    });
}

grpc::Status MessageService::SendTestMessage(grpc::ServerContext* context,
                                             const v1::SendTestMessageRequest* request,
                                             v1::Message* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->channel() != "sms" && request->channel() != "email") {
            throw invalid("channel", "must be sms or email");
        }
        storage::NewMessage message;
        message.channel = core::parse_message_channel(request->channel());
        message.recipient = request->recipient();
        check_recipient("recipient", message.channel, message.recipient);
        if (request->text().size() > kTestTextBytes ||
            core::characters_of(request->text()).size() > kTestTextCharacters) {
            throw invalid("text", fmt::format("has at most {} characters", kTestTextCharacters));
        }
        core::MessageFacts facts;
        facts.kind = MessageKind::test;
        facts.language = request->language() == "en" ? core::MessageLanguage::en : core::MessageLanguage::zh;
        facts.text = request->text();
        const auto now = app_.now();
        app_.database().transact(call.scope(property), "send_test_message", [&](storage::Transaction& tx) {
            call.once(tx, property, "SendTestMessage", *request, *response, [&] {
                const auto place = storage::message_place(tx, property, now);
                facts.property_name = place.property_name;
                facts.local_time = place.local_time;
                message.kind = MessageKind::test;
                message.cause = "test " + call.request_id();
                message.language = facts.language;
                message.text = core::message_text(facts);
                message.parts = message_parts(message.channel, message.text.body);
                message.due_at = now;
                message.expires_at = now + app_.configuration().messages.give_up;
                const auto id = storage::queue_message(tx, property, message, now);
                response->Clear();
                fill_one(tx, property, id, *response);
                call.log(tx, property, "message.test", message.recipient,
                         {{"channel", core::to_string(message.channel)}});
            });
        });
    });
}

grpc::Status MessageService::RetryMessage(grpc::ServerContext* context,
                                          const v1::RetryMessageRequest* request, v1::Message* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto id = request->message_id();
        app_.database().transact(call.scope(property), "retry_message", [&](storage::Transaction& tx) {
            call.once(tx, property, "RetryMessage", *request, *response, [&] {
                const auto now = app_.now();
                const bool done = storage::retry_message(tx, property, id, now,
                                                         now + app_.configuration().messages.give_up);
                response->Clear();
                fill_one(tx, property, id, *response);
                if (!done) {
                    throw failed_precondition(
                        "message_not_open",
                        fmt::format("Message {} is {}; only one that failed, was given up or waits can be "
                                    "tried again.",
                                    id, response->state()));
                }
                call.log(tx, property, "message.retry", fmt::format("message {}", id));
            });
        });
    });
}

}  // namespace wutong::server
