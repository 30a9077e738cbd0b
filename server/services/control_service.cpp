#include "server/services/control_service.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "server/call.hpp"
#include "server/services/command_request.hpp"
#include "server/services/convert.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/paging.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/watch_call.hpp"
#include "storage/commands.hpp"
#include "storage/meter_facts.hpp"
#include "storage/requests.hpp"
#include "storage/watched.hpp"

namespace wutong::server {

namespace {

struct Skip {
    const char* reason;
    std::string text;
};

/// Why this meter can't take the command; nothing when it can.
std::optional<Skip> skip_meter(const App& app, core::CommandKind kind, core::MeterId id,
                               const storage::MeterFacts* meter) {
    if (meter == nullptr) {
        return Skip{"unknown_meter", fmt::format("There is no meter {} in this property.", id.value)};
    }
    if (!meter->enabled) {
        return Skip{
            "disabled",
            fmt::format("Meter {} is disabled: it is not polled and takes no commands. Enable it first.",
                        meter->code)};
    }
    if (kind == core::CommandKind::read_now) {
        return std::nullopt;
    }
    const auto* profile = app.profiles().find(meter->profile);
    if (profile == nullptr) {
        return Skip{"unknown_profile",
                    fmt::format("Meter {} has the profile {}, which this server does not have.", meter->code,
                                meter->profile)};
    }
    if (!profile->switchable()) {
        return Skip{"not_switchable", fmt::format("Meter {} ({}) only measures; it takes no {}.", meter->code,
                                                  profile->model, core::to_string(kind))};
    }
    if (kind == core::CommandKind::switch_off && meter->unfinished_deliveries > 0) {
        return Skip{
            "payment_on_its_way",
            fmt::format("A payment is on its way to meter {}. It was not switched off; wait until the "
                        "payment has arrived and look again.",
                        meter->code)};
    }
    return std::nullopt;
}

/// @return the batch's UUID, "" for none
std::string checked_batch(const std::string& batch) {
    if (!batch.empty() && !storage::is_uuid(batch)) {
        throw invalid("batch_id", fmt::format("\"{}\" is not a UUID", batch));
    }
    return batch;
}

/// What the answer says of a command that was queued a moment ago, without reading thousands of rows back.
storage::StoredCommand as_queued(const storage::NewCommands& commands, core::CommandId id,
                                 const storage::MeterFacts& meter, core::Timestamp now) {
    storage::StoredCommand queued;
    queued.property = commands.property;
    queued.id = id;
    queued.meter = meter.meter;
    queued.meter_code = meter.code;
    queued.kind = commands.kind;
    queued.arguments = commands.arguments;
    queued.created_at = now;
    queued.expires_at = commands.expires_at;
    queued.operator_id = commands.operator_id;
    queued.request_id = commands.request_id;
    queued.batch_id = commands.batch_id;
    return queued;
}

}  // namespace

grpc::Status ControlService::SendCommand(grpc::ServerContext* context, const v1::SendCommandRequest* request,
                                         v1::SendCommandResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto wish = parse_command_request(*request);
        app_.database().transact(call.scope(property), "send_command", [&](storage::Transaction& tx) {
            call.once(tx, property, "SendCommand", *request, *response, [&] {
                if (wish.kind == core::CommandKind::switch_off) {
                    // Against a sale that is being made right now: it holds the same locks.
                    storage::lock_meter_links(tx, property, wish.meters);
                }
                const auto now = app_.now();
                const auto facts = storage::meter_facts(tx, property, wish.meters);
                const auto expiry_s = wish.expires_after_s > 0
                                          ? wish.expires_after_s
                                          : read_property_settings(tx, property).command_expiry_s;
                storage::NewCommands commands;
                commands.property = property;
                commands.kind = wish.kind;
                commands.arguments = wish.arguments_json;
                commands.expires_at = now + std::chrono::seconds{expiry_s};
                commands.operator_id = call.operator_id();
                commands.request_id = request->request_id();
                // The id that the caller made names the batch as well.
                commands.batch_id = request->request_id();
                for (const auto meter : wish.meters) {
                    const auto found = facts.find(meter);
                    const auto* known = found == facts.end() ? nullptr : &found->second;
                    if (const auto skip = skip_meter(app_, wish.kind, meter, known)) {
                        auto& skipped = *response->add_skipped();
                        skipped.set_meter_id(meter.value);
                        skipped.set_reason(skip->reason);
                        skipped.set_text(skip->text);
                    } else {
                        commands.meters.push_back(meter);
                    }
                }
                response->set_batch_id(commands.batch_id);
                if (!commands.meters.empty()) {
                    const auto ids = storage::insert_commands(tx, commands);
                    for (std::size_t i = 0; i < ids.size(); ++i) {
                        fill(as_queued(commands, ids[i], facts.at(commands.meters[i]), now),
                             *response->add_commands());
                    }
                }
                call.log(tx, property, "command.send",
                         fmt::format("{} for {} meters", request->kind(), commands.meters.size()),
                         {{"arguments", wish.arguments_json},
                          {"batch_id", commands.batch_id},
                          {"skipped", response->skipped_size()}});
            });
        });
        app_.notifier().work_queued();
    });
}

grpc::Status ControlService::GetCommand(grpc::ServerContext* context, const v1::GetCommandRequest* request,
                                        v1::Command* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto command =
            app_.database().transact(call.scope(property), "get_command", [&](storage::Transaction& tx) {
                return storage::find_command(tx, property, core::CommandId{request->command_id()});
            });
        if (!command) {
            throw not_found("command", request->command_id());
        }
        fill(*command, *response);
    });
}

grpc::Status ControlService::ListCommands(grpc::ServerContext* context,
                                          const v1::ListCommandsRequest* request,
                                          v1::ListCommandsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::CommandFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.meter = core::MeterId{request->meter_id()};
        filter.batch_id = checked_batch(request->batch_id());
        filter.unfinished_only = request->unfinished_only();
        const auto size = page_size(request->page());
        const core::CommandId before{page_key(request->page())};
        const auto rows = app_.database().transact(
            call.scope(filter.property), "list_commands",
            [&](storage::Transaction& tx) { return storage::list_commands(tx, filter, before, size); });
        for (const auto& row : rows) {
            fill(row, *response->add_commands());
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().id.value));
        }
    });
}

grpc::Status ControlService::CancelCommand(grpc::ServerContext* context,
                                           const v1::CancelCommandRequest* request, v1::Command* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::CommandId id{request->command_id()};
        app_.database().transact(call.scope(property), "cancel_command", [&](storage::Transaction& tx) {
            call.once(tx, property, "CancelCommand", *request, *response, [&] {
                bool cancelled = false;
                try {
                    cancelled =
                        storage::cancel_command(tx, property, id, "cancelled by an operator", app_.now());
                } catch (const storage::NotFound&) {
                    throw not_found("command", id.value);
                }
                const auto command = storage::find_command(tx, property, id);
                if (!cancelled) {
                    throw failed_precondition("command_not_cancellable",
                                              fmt::format("Command {} ({}) is {}: only a command that has "
                                                          "not been sent yet can be cancelled. Nothing "
                                                          "was changed; send the opposite command instead.",
                                                          id.value, core::to_string(command->kind),
                                                          core::to_string(command->state)));
                }
                fill(*command, *response);
                call.log(tx, property, "command.cancel", fmt::format("command {}", id.value),
                         {{"kind", response->kind()}, {"meter", response->meter_code()}});
            });
        });
    });
}

grpc::ServerWriteReactor<v1::Command>* ControlService::WatchCommands(
    grpc::CallbackServerContext* context, const v1::WatchCommandsRequest* request) {
    return open_stream<v1::Command>(
        app_, context, [&](CallContext& call, std::shared_ptr<StreamWriter<v1::Command>> writer) {
            const core::PropertyId property{request->property_id()};
            static_cast<void>(call.scope(property));  // refuses a property that isn't the caller's
            const core::CommandId id{request->command_id()};
            const auto batch = checked_batch(request->batch_id());
            if (batch.empty() == (id.value == 0)) {
                throw invalid("batch_id", "name either one command or one batch");
            }
            watches_.watch(
                property,
                [property, id, batch](storage::Transaction& tx) {
                    if (!batch.empty()) {
                        return storage::commands_of_batch(tx, property, batch, storage::kCommandBatchMax);
                    }
                    return storage::find_command(tx, property, id) ? std::vector{id.value}
                                                                   : std::vector<std::int64_t>{};
                },
                (batch.empty() ? not_found("command", id.value) : not_found("command batch", batch)).status(),
                std::move(writer));
        });
}

}  // namespace wutong::server
