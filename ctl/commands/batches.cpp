#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/control_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

template <class List>
void print_batches(const List& batches) {
    Table table;
    for (const char* title : {"batch", "kind", "state", "by", "created"}) {
        table.column(title);
    }
    for (const char* title :
         {"total", "waiting", "running", "done", "failed", "expired", "cancelled", "skipped"}) {
        table.column(title, Table::Align::right);
    }
    table.column("ready about");
    for (const v1::CommandBatch& one : batches) {
        const auto number = [](std::int32_t count) { return std::to_string(count); };
        table.row({one.batch_id(), one.kind(), one.state(), one.operator_(),
                   time_text(one.has_created_at(), one.created_at()), number(one.total()),
                   number(one.waiting()), number(one.running()), number(one.done()), number(one.failed()),
                   number(one.expired()), number(one.cancelled()), number(one.skipped()),
                   time_text(one.has_eta(), one.eta())});
    }
    table.print(std::cout);
}

void show_batch(const Program& program, const v1::CommandBatch& batch) {
    program.show(batch, [&] {
        print_batches(std::vector<v1::CommandBatch>{batch});
        for (const auto& skipped : batch.skipped_meters()) {
            std::cout << "skipped meter "
                      << (skipped.meter_code().empty() ? "#" + std::to_string(skipped.meter_id())
                                                       : skipped.meter_code())
                      << ": " << skipped.text() << '\n';
        }
    });
}

using Change = grpc::Status (v1::ControlService::Stub::*)(grpc::ClientContext*, const v1::BatchRequest&,
                                                          v1::CommandBatch*);

void add_change(CLI::App& noun, Program& program, const char* name, const char* help, Change method) {
    auto* verb = noun.add_subcommand(name, help);
    auto id = std::make_shared<std::string>();
    verb->add_option("batch", *id)->required();
    verb->callback([&program, id, method] {
        v1::BatchRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_batch_id(*id);
        show_batch(program, call(program.client, method, request));
    });
}

void add_batch_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Newest first");
    auto page = std::make_shared<PageOptions>();
    auto unfinished = std::make_shared<bool>(false);
    auto meters = std::make_shared<int>(0);
    page->add_to(*verb);
    verb->add_flag("--unfinished", *unfinished);
    verb->add_option("--at-least", *meters, "Only those for so many meters")->check(CLI::Range(0, 10'000));
    verb->callback([&program, page, unfinished, meters] {
        v1::ListBatchesRequest request;
        request.set_property_id(program.client.property_id());
        request.set_unfinished_only(*unfinished);
        request.set_meters_min(*meters);
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::ControlService::Stub::ListBatches, request);
        program.show(list, [&] {
            print_batches(list.batches());
            page->hint(list.next_page_token());
        });
    });
}

void add_retry(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("retry", "What failed or expired once more, as a new batch");
    auto id = std::make_shared<std::string>();
    auto expires = std::make_shared<int>(0);
    verb->add_option("batch", *id)->required();
    verb->add_option("--expires-after", *expires, "Seconds; never sent later")->check(CLI::Range(1, 604'800));
    verb->callback([&program, id, expires] {
        v1::RetryBatchRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_batch_id(*id);
        request.set_expires_after_s(*expires);
        const auto sent = call(program.client, &v1::ControlService::Stub::RetryBatch, request);
        program.show(sent, [&] {
            std::cout << "batch " << sent.batch_id() << ": " << sent.commands_size() << " commands\n";
            for (const auto& skipped : sent.skipped()) {
                std::cout << "skipped meter " << skipped.meter_code() << ": " << skipped.text() << '\n';
            }
        });
    });
}

}  // namespace

void add_batch_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("batch", "Commands that were sent together")->require_subcommand(1);
    add_batch_list(*noun, program);
    using Stub = v1::ControlService::Stub;
    add_change(*noun, program, "pause", "Hold what has not been sent yet; it may still expire",
               &Stub::PauseBatch);
    add_change(*noun, program, "resume", "Let it go on", &Stub::ResumeBatch);
    add_change(*noun, program, "stop", "Cancel what has not been sent yet", &Stub::CancelBatch);
    add_retry(*noun, program);
    auto* show = noun->add_subcommand("show", "Counts, and who was skipped");
    auto id = std::make_shared<std::string>();
    show->add_option("batch", *id)->required();
    show->callback([&program, id] {
        v1::GetBatchRequest request;
        request.set_property_id(program.client.property_id());
        request.set_batch_id(*id);
        show_batch(program, call(program.client, &Stub::GetBatch, request));
    });
}

}  // namespace wutong::ctl
