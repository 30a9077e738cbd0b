// The part of ControlService that is about batches: many commands that were sent in one call.
#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "server/call.hpp"
#include "server/services/command_sending.hpp"
#include "server/services/control_service.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "storage/command_batches.hpp"
#include "storage/requests.hpp"

namespace wutong::server {

namespace {

constexpr int kExpiryMax = 7 * 86'400;

std::string checked_batch(const std::string& batch) {
    if (!storage::is_uuid(batch)) {
        throw invalid("batch_id", fmt::format("\"{}\" is not a UUID", batch.substr(0, 40)));
    }
    return batch;
}

const char* state_of(const storage::StoredBatch& batch) {
    if (batch.state == storage::BatchState::stopped) {
        return "stopped";
    }
    if (batch.finished()) {
        return "finished";
    }
    return batch.state == storage::BatchState::paused ? "paused" : "running";
}

void fill(const storage::StoredBatch& batch, core::Timestamp now, v1::CommandBatch& out) {
    out.set_batch_id(batch.batch_id);
    out.set_property_id(batch.property.value);
    out.set_kind(core::to_string(batch.kind));
    out.set_arguments_json(batch.arguments);
    out.set_state(state_of(batch));
    out.set_operator_id(batch.operator_id.value);
    out.set_operator_(batch.operator_name);
    *out.mutable_created_at() = to_timestamp(batch.created_at);
    *out.mutable_expires_at() = to_timestamp(batch.expires_at);
    if (batch.finished_at) {
        *out.mutable_finished_at() = to_timestamp(*batch.finished_at);
    }
    out.set_total(batch.total);
    out.set_waiting(batch.waiting);
    out.set_running(batch.running);
    out.set_done(batch.done);
    out.set_failed(batch.failed);
    out.set_expired(batch.expired);
    out.set_cancelled(batch.cancelled);
    out.set_skipped(batch.skipped_count);
    out.set_retry_of(batch.retry_of);
    out.set_retried_by(batch.retried_by);
    out.set_retryable(batch.retryable);
    // At the speed so far. What expired or was cancelled took no time of a channel.
    const auto worked_off = batch.done + batch.failed;
    const auto left = batch.waiting + batch.running;
    if (batch.state != storage::BatchState::paused && left > 0 && worked_off > 0 && batch.started_at &&
        now > *batch.started_at) {
        const auto eta = now + (now - *batch.started_at) * left / worked_off;
        *out.mutable_eta() = to_timestamp(std::min(eta, batch.expires_at));
    }
}

void fill_skipped(const storage::StoredBatch& batch, v1::CommandBatch& out) {
    for (const auto& one : nlohmann::json::parse(batch.skipped)) {
        auto& skipped = *out.add_skipped_meters();
        skipped.set_meter_id(one.value("meter_id", std::int64_t{0}));
        skipped.set_reason(one.value("reason", ""));
        skipped.set_text(one.value("text", ""));
        skipped.set_meter_code(one.value("meter_code", ""));
        skipped.set_unit_code(one.value("unit_code", ""));
    }
}

storage::StoredBatch locked_batch(storage::Transaction& tx, core::PropertyId property,
                                  const std::string& batch_id) {
    if (!storage::lock_batch(tx, property, batch_id)) {
        throw not_found("command batch", batch_id);
    }
    return *storage::find_batch(tx, property, batch_id);
}

/// What PauseBatch, ResumeBatch and CancelBatch have in common.
grpc::Status change_batch(
    App& app, grpc::ServerContext* context, const v1::BatchRequest& request, v1::CommandBatch& response,
    const char* method, const char* action,
    const std::function<void(storage::Transaction&, core::PropertyId, const storage::StoredBatch&)>& change) {
    return handle(app, context, [&](CallContext& call) {
        const core::PropertyId property{request.property_id()};
        const auto id = checked_batch(request.batch_id());
        app.database().transact(call.scope(property), "change_batch", [&](storage::Transaction& tx) {
            call.once(tx, property, method, request, response, [&] {
                const auto batch = locked_batch(tx, property, id);
                if (batch.finished() || batch.state == storage::BatchState::stopped) {
                    throw failed_precondition(
                        "batch_finished",
                        fmt::format("Batch {} is {}: nothing of it waits any more. Nothing was changed.", id,
                                    state_of(batch)));
                }
                change(tx, property, batch);
                const auto after = storage::find_batch(tx, property, id);
                fill(*after, app.now(), response);
                fill_skipped(*after, response);
                call.log(
                    tx, property, action,
                    fmt::format("{} for {} meters", core::to_string(batch.kind), batch.total),
                    {{"batch_id", id}, {"waiting", response.waiting()}, {"cancelled", response.cancelled()}});
            });
        });
        app.notifier().work_queued();
    });
}

}  // namespace

grpc::Status ControlService::PauseBatch(grpc::ServerContext* context, const v1::BatchRequest* request,
                                        v1::CommandBatch* response) {
    return change_batch(
        app_, context, *request, *response, "PauseBatch", "batch.pause",
        [](storage::Transaction& tx, core::PropertyId property, const storage::StoredBatch& batch) {
            storage::hold_batch(tx, property, batch.batch_id, storage::BatchState::paused);
        });
}

grpc::Status ControlService::ResumeBatch(grpc::ServerContext* context, const v1::BatchRequest* request,
                                         v1::CommandBatch* response) {
    return change_batch(
        app_, context, *request, *response, "ResumeBatch", "batch.resume",
        [](storage::Transaction& tx, core::PropertyId property, const storage::StoredBatch& batch) {
            storage::hold_batch(tx, property, batch.batch_id, storage::BatchState::open);
        });
}

grpc::Status ControlService::CancelBatch(grpc::ServerContext* context, const v1::BatchRequest* request,
                                         v1::CommandBatch* response) {
    return change_batch(
        app_, context, *request, *response, "CancelBatch", "batch.stop",
        [this](storage::Transaction& tx, core::PropertyId property, const storage::StoredBatch& batch) {
            storage::stop_batch(tx, property, batch.batch_id,
                                "the rest of the batch was stopped by an operator", app_.now());
        });
}

grpc::Status ControlService::RetryBatch(grpc::ServerContext* context, const v1::RetryBatchRequest* request,
                                        v1::SendCommandResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto id = checked_batch(request->batch_id());
        if (request->expires_after_s() < 0 || request->expires_after_s() > kExpiryMax) {
            throw invalid("expires_after_s",
                          fmt::format("{} is out of range: 1 to {} seconds, or 0 for the property's own",
                                      request->expires_after_s(), kExpiryMax));
        }
        app_.database().transact(call.scope(property), "retry_batch", [&](storage::Transaction& tx) {
            call.once(tx, property, "RetryBatch", *request, *response, [&] {
                // The lock makes two retries look at the failures one after the other.
                const auto batch = locked_batch(tx, property, id);
                CommandWish wish;
                wish.kind = batch.kind;
                wish.arguments_json = nlohmann::json::parse(batch.arguments).dump();
                wish.meters = storage::meters_to_retry(tx, property, id);
                wish.expires_after_s = request->expires_after_s();
                if (wish.meters.empty()) {
                    throw failed_precondition(
                        "nothing_to_retry",
                        fmt::format("No command of batch {} has failed or expired and was not tried again "
                                    "already. Nothing was sent.",
                                    id));
                }
                send_batch(app_, call, tx, property, wish, id, *response);
                call.log(
                    tx, property, "batch.retry",
                    fmt::format("{} for {} meters", core::to_string(wish.kind), response->commands_size()),
                    {{"batch_id", response->batch_id()},
                     {"retry_of", id},
                     {"skipped", response->skipped_size()}});
            });
        });
        app_.notifier().work_queued();
    });
}

grpc::Status ControlService::GetBatch(grpc::ServerContext* context, const v1::GetBatchRequest* request,
                                      v1::CommandBatch* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto id = checked_batch(request->batch_id());
        const auto batch = app_.database().transact(
            call.scope(property), "get_batch",
            [&](storage::Transaction& tx) { return storage::find_batch(tx, property, id); });
        if (!batch) {
            throw not_found("command batch", id);
        }
        fill(*batch, app_.now(), *response);
        fill_skipped(*batch, *response);
    });
}

grpc::Status ControlService::ListBatches(grpc::ServerContext* context, const v1::ListBatchesRequest* request,
                                         v1::ListBatchesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::BatchFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.unfinished_only = request->unfinished_only();
        filter.meters_min = request->meters_min();
        filter.operator_id = core::OperatorId{request->operator_id()};
        filter.from = optional_time(request->has_from(), request->from(), "from");
        filter.to = optional_time(request->has_to(), request->to(), "to");
        const auto size = page_size(request->page());
        const auto before = page_key(request->page());
        const auto batches = app_.database().transact(
            call.scope(filter.property), "list_batches",
            [&](storage::Transaction& tx) { return storage::list_batches(tx, filter, before, size); });
        for (const auto& batch : batches) {
            fill(batch, app_.now(), *response->add_batches());
        }
        if (is_full(batches, size)) {
            response->set_next_page_token(std::to_string(batches.back().number));
        }
    });
}

}  // namespace wutong::server
