#include "server/services/control_service.hpp"

#include <fmt/format.h>

#include <optional>

#include "server/call.hpp"
#include "server/services/command_request.hpp"
#include "server/services/command_sending.hpp"
#include "server/services/convert.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/paging.hpp"
#include "server/services/watch_call.hpp"
#include "storage/commands.hpp"
#include "storage/requests.hpp"
#include "storage/watched.hpp"

namespace wutong::server {

namespace {

/// "" is none. @throws Refused naming `field` for a word that is not known
template <class Parse>
auto known_word(const std::string& text, const char* field, Parse parse)
    -> std::optional<decltype(parse(text))> {
    if (text.empty()) {
        return std::nullopt;
    }
    try {
        return parse(text);
    } catch (const std::invalid_argument& error) {
        throw invalid(field, error.what());
    }
}

/// @return the batch's UUID, "" for none
std::string checked_batch(const std::string& batch) {
    if (!batch.empty() && !storage::is_uuid(batch)) {
        throw invalid("batch_id", fmt::format("\"{}\" is not a UUID", batch));
    }
    return batch;
}

}  // namespace

grpc::Status ControlService::SendCommand(grpc::ServerContext* context, const v1::SendCommandRequest* request,
                                         v1::SendCommandResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto wish = parse_command_request(*request);
        if (request->check_only()) {
            app_.database().transact(call.scope(property), "check_command", [&](storage::Transaction& tx) {
                response->Clear();
                static_cast<void>(sort_meters(app_, tx, property, wish, *response));
            });
            return;
        }
        app_.database().transact(call.scope(property), "send_command", [&](storage::Transaction& tx) {
            call.once(tx, property, "SendCommand", *request, *response, [&] {
                send_batch(app_, call, tx, property, wish, {}, *response);
                call.log(tx, property, "command.send",
                         fmt::format("{} for {} meters", request->kind(), response->commands_size()),
                         {{"arguments", wish.arguments_json},
                          {"batch_id", response->batch_id()},
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
        filter.kind = known_word(request->kind(), "kind", core::parse_command_kind);
        filter.state = known_word(request->state(), "state", core::parse_command_state);
        filter.from = optional_time(request->has_from(), request->from(), "from");
        filter.to = optional_time(request->has_to(), request->to(), "to");
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
