// "message": SMS and e-mail to tenants and operators.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "ctl/exit_code.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/message_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using MessageStub = v1::MessageService::Stub;

template <class List>
void print_messages(const List& messages) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"created", "kind", "by", "to", "account", "meter", "state"}) {
        table.column(title);
    }
    table.column("tries", Table::Align::right);
    table.column("parts", Table::Align::right);
    table.column("sent or ended");
    table.column("reason");
    for (const v1::Message& one : messages) {
        table.row({std::to_string(one.message_id()), time_text(one.has_created_at(), one.created_at()),
                   one.kind(), one.channel(), one.recipient(), one.account_number(), one.meter_code(),
                   one.state(), std::to_string(one.attempts()), std::to_string(one.parts()),
                   time_text(one.has_finished_at(), one.finished_at()), one.reason()});
    }
    table.print(std::cout);
}

v1::Message message_now(Program& program, std::int64_t id) {
    v1::ListMessagesRequest request;
    request.set_property_id(program.client.property_id());
    request.set_message_id(id);
    const auto list = call(program.client, &MessageStub::ListMessages, request);
    if (list.messages().empty()) {
        throw Failure(ExitCode::refused, fmt::format("message {} is not there", id));
    }
    return list.messages(0);
}

bool is_over(const v1::Message& message) {
    return message.state() == "sent" || message.state() == "failed" || message.state() == "given_up";
}

void add_message_list(CLI::App& noun, Program& program) {
    struct Arguments {
        std::string account, state;
        bool text = false;
        PageOptions page;
    };
    auto* verb = noun.add_subcommand("list", "Messages, newest first");
    auto a = std::make_shared<Arguments>();
    verb->add_option("--account", a->account, "Of this account only");
    verb->add_option("--state", a->state, "open, waiting, sending, sent, failed, given_up");
    verb->add_flag("--text", a->text, "What they say, too");
    a->page.add_to(*verb);
    verb->callback([&program, a] {
        v1::ListMessagesRequest request;
        request.set_property_id(program.client.property_id());
        request.set_state(a->state);
        if (!a->account.empty()) {
            request.set_account_id(find_account(program, a->account));
        }
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &MessageStub::ListMessages, request);
        program.show(list, [&] {
            print_messages(list.messages());
            if (a->text) {
                for (const auto& one : list.messages()) {
                    std::cout << fmt::format("\n{}: {}\n", one.message_id(), one.body());
                }
            }
            a->page.hint(list.next_page_token());
        });
    });
}

void add_message_status(CLI::App& noun, Program& program) {
    noun.add_subcommand("status", "Which ways this server has, and what waits")->callback([&program] {
        v1::GetMessageStatusRequest request;
        request.set_property_id(program.client.property_id());
        const auto status = call(program.client, &MessageStub::GetMessageStatus, request);
        program.show(status, [&] {
            Table table;
            table.column("by");
            table.column("this server");
            table.column("due", Table::Align::right);
            for (const char* title : {"oldest", "last sent", "reason"}) {
                table.column(title);
            }
            for (const auto& way : status.ways()) {
                table.row({way.channel(), way.set_up() ? "sends" : "does not send",
                           std::to_string(way.open()), time_text(way.has_oldest(), way.oldest()),
                           time_text(way.has_last_sent(), way.last_sent()), way.reason()});
            }
            table.print(std::cout);
        });
    });
}

void add_message_test(CLI::App& noun, Program& program) {
    struct Arguments {
        std::string sms, email, language = "zh", text;
        int wait_s = 60;
    };
    auto* verb =
        noun.add_subcommand("test", "Send a message to a number or an address, and say what happened");
    auto a = std::make_shared<Arguments>();
    auto* sms = verb->add_option("--sms", a->sms, "To this number, +8613800138000");
    verb->add_option("--email", a->email, "To this address")->excludes(sms);
    verb->add_option("--language", a->language)->check(CLI::IsMember({"zh", "en"}));
    verb->add_option("--text", a->text, "Instead of the usual sentence, at most 300 characters");
    verb->add_option("--wait", a->wait_s, "Seconds to wait for the end")->check(CLI::Range(0, 3'600));
    verb->callback([&program, a] {
        if (a->sms.empty() && a->email.empty()) {
            throw Failure(ExitCode::usage, "name --sms or --email");
        }
        v1::SendTestMessageRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_channel(a->sms.empty() ? "email" : "sms");
        request.set_recipient(a->sms.empty() ? a->email : a->sms);
        request.set_language(a->language);
        request.set_text(a->text);
        auto message = call(program.client, &MessageStub::SendTestMessage, request);
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{a->wait_s};
        while (!is_over(message) && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds{300});
            message = message_now(program, message.message_id());
        }
        program.show(message, [&] {
            print_messages(std::vector{message});
            if (!is_over(message)) {
                std::cout << "\nIt is still under way; \"wutongctl message status\" says whether this server "
                             "sends such messages, \"message list\" what becomes of it.\n";
            }
        });
        if (is_over(message) && message.state() != "sent") {
            throw Failure(ExitCode::refused, fmt::format("not sent: {}", message.reason()));
        }
    });
}

void add_message_retry(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("retry", "Try a message again that failed, was given up or waits");
    auto id = std::make_shared<std::int64_t>(0);
    verb->add_option("id", *id, "Of \"message list\"")->required();
    verb->callback([&program, id] {
        v1::RetryMessageRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_message_id(*id);
        const auto message = call(program.client, &MessageStub::RetryMessage, request);
        program.show(message, [&] { print_messages(std::vector{message}); });
    });
}

void add_message_contact(CLI::App& noun, Program& program) {
    struct Arguments {
        std::string account, phone, email, language;
        std::vector<std::string> wants;
    };
    auto* verb = noun.add_subcommand("contact", "Where the tenant of an account wants to be told, and what");
    auto a = std::make_shared<Arguments>();
    verb->add_option("account", a->account, "Account number")->required();
    auto* phone = verb->add_option("--phone", a->phone, "+8613800138000; \"\": none");
    auto* email = verb->add_option("--email", a->email, "\"\": none");
    auto* language = verb->add_option("--language", a->language)->check(CLI::IsMember({"zh", "en"}));
    auto* wants = verb->add_option("--wants", a->wants, "alarm_1 alarm_2 arrears recharge, all or nothing")
                      ->delimiter(',')
                      ->check(CLI::IsMember({"alarm_1", "alarm_2", "arrears", "recharge", "all", "nothing"}));
    verb->callback([&program, a, phone, email, language, wants] {
        v1::GetMessageContactRequest get;
        get.set_property_id(program.client.property_id());
        get.set_account_id(find_account(program, a->account));
        auto contact = call(program.client, &MessageStub::GetMessageContact, get);
        if (phone->count() + email->count() + language->count() + wants->count() > 0) {
            v1::SetMessageContactRequest request;
            request.set_request_id(program.client.request_id());
            request.set_property_id(get.property_id());
            auto& wanted = *request.mutable_contact();
            wanted = contact;
            if (phone->count() > 0) {
                wanted.set_phone(a->phone);
            }
            if (email->count() > 0) {
                wanted.set_email(a->email);
            }
            if (language->count() > 0) {
                wanted.set_language(a->language);
            }
            // Who names a number or an address for the first time wants to be told.
            const bool first = contact.phone().empty() && contact.email().empty() && contact.wants().empty();
            if (wants->count() > 0 || first) {
                wanted.clear_wants();
                const bool all = wants->count() == 0 || a->wants.front() == "all";
                for (const char* kind : {"alarm_1", "alarm_2", "arrears", "recharge"}) {
                    if (all || std::find(a->wants.begin(), a->wants.end(), kind) != a->wants.end()) {
                        wanted.add_wants(kind);
                    }
                }
            }
            contact = call(program.client, &MessageStub::SetMessageContact, request);
        }
        program.show(contact, [&] {
            std::string kinds;
            for (const auto& kind : contact.wants()) {
                kinds += (kinds.empty() ? "" : ", ") + kind;
            }
            std::cout << fmt::format("phone     {}\ne-mail    {}\nlanguage  {}\nwants     {}\n",
                                     contact.phone().empty() ? "—" : contact.phone(),
                                     contact.email().empty() ? "—" : contact.email(), contact.language(),
                                     kinds.empty() ? "nothing" : kinds);
        });
    });
}

}  // namespace

void add_message_commands(CLI::App& app, Program& program) {
    auto* noun =
        app.add_subcommand("message", "SMS and e-mail to tenants and operators")->require_subcommand(1);
    add_message_contact(*noun, program);
    add_message_list(*noun, program);
    add_message_status(*noun, program);
    add_message_test(*noun, program);
    add_message_retry(*noun, program);
}

}  // namespace wutong::ctl
