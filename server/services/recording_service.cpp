#include "server/services/recording_service.hpp"

#include <fmt/format.h>

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "storage/devices.hpp"
#include "storage/line_recordings.hpp"

namespace wutong::server {

namespace {

constexpr int kBytesMin = 1'000;
constexpr int kPartBytes = 1'000'000;

void fill_recording(const storage::LineRecordingRow& row, core::PropertyId property, v1::LineRecording& out) {
    out.Clear();
    out.set_recording_id(row.id);
    out.set_property_id(property.value);
    out.set_channel_id(row.channel.value);
    out.set_channel_code(row.channel_code);
    out.set_operator_(row.operator_name);
    *out.mutable_requested_at() = to_timestamp(row.requested_at);
    out.set_seconds(row.seconds);
    out.set_bytes_max(row.bytes_max);
    out.set_state(row.state);
    out.set_collector(row.collector);
    if (row.began_at) {
        *out.mutable_began_at() = to_timestamp(*row.began_at);
    }
    if (row.ended_at) {
        *out.mutable_ended_at() = to_timestamp(*row.ended_at);
    }
    out.set_note(row.note);
    out.set_bytes(row.bytes);
}

storage::LineRecordingRow recording_of(storage::Transaction& tx, core::PropertyId property, std::int64_t id) {
    auto row = storage::find_recording(tx, property, id);
    if (!row) {
        throw not_found("recording", id);
    }
    return std::move(*row);
}

void check_limits(const v1::StartRecordingRequest& request) {
    if (request.seconds() < 1 || request.seconds() > storage::kRecordingSecondsMax) {
        throw invalid("seconds", fmt::format("from 1 to {}", storage::kRecordingSecondsMax));
    }
    if (request.bytes_max() != 0 &&
        (request.bytes_max() < kBytesMin || request.bytes_max() > storage::kRecordingBytesMax)) {
        throw invalid("bytes_max", fmt::format("from {} to {}, or 0 for as much as there may be", kBytesMin,
                                               storage::kRecordingBytesMax));
    }
}

}  // namespace

grpc::Status RecordingService::StartRecording(grpc::ServerContext* context,
                                              const v1::StartRecordingRequest* request,
                                              v1::LineRecording* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        check_limits(*request);
        const int bytes = request->bytes_max() == 0 ? storage::kRecordingBytesMax : request->bytes_max();
        app_.database().transact(call.scope(property), "start_recording", [&](storage::Transaction& tx) {
            call.once(tx, property, "StartRecording", *request, *response, [&] {
                const core::ChannelId channel{request->channel_id()};
                const auto found = storage::find_device_channel(tx, property, channel);
                if (!found) {
                    throw not_found("channel", request->channel_id());
                }
                if (found->transport == "mqtt") {
                    throw failed_precondition(
                        "no_line", fmt::format("Channel {} brings messages from a broker; there is no line "
                                               "to record. mosquitto_sub shows them.",
                                               found->code));
                }
                const auto id = storage::order_recording(tx, property, channel, call.operator_id(),
                                                         request->seconds(), bytes);
                if (!id) {
                    throw failed_precondition(
                        "recording_under_way",
                        fmt::format("Channel {} is being recorded already. Wait until that is done.",
                                    found->code));
                }
                call.log(tx, property, "channel.record", fmt::format("channel {}", found->code),
                         {{"recording_id", *id}, {"seconds", request->seconds()}, {"bytes_max", bytes}});
                fill_recording(recording_of(tx, property, *id), property, *response);
            });
        });
    });
}

grpc::Status RecordingService::GetRecording(grpc::ServerContext* context,
                                            const v1::GetRecordingRequest* request,
                                            v1::LineRecording* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_recording", [&](storage::Transaction& tx) {
            fill_recording(recording_of(tx, property, request->recording_id()), property, *response);
        });
    });
}

grpc::Status RecordingService::ListRecordings(grpc::ServerContext* context,
                                              const v1::ListRecordingsRequest* request,
                                              v1::ListRecordingsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto rows = app_.database().transact(
            call.scope(property), "list_recordings",
            [&](storage::Transaction& tx) { return storage::list_recordings(tx, property); });
        for (const auto& row : rows) {
            fill_recording(row, property, *response->add_recordings());
        }
    });
}

grpc::Status RecordingService::ReadRecording(grpc::ServerContext* context,
                                             const v1::ReadRecordingRequest* request,
                                             v1::ReadRecordingResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->offset() < 0 || request->offset() > storage::kRecordingBytesMax) {
            throw invalid("offset", fmt::format("from 0 to {}", storage::kRecordingBytesMax));
        }
        app_.database().transact(call.scope(property), "read_recording", [&](storage::Transaction& tx) {
            const auto row = recording_of(tx, property, request->recording_id());
            if (row.state != "done") {
                throw failed_precondition(
                    "not_recorded", fmt::format("Recording {} is {}{}{}; there is nothing to read.", row.id,
                                                row.state, row.note.empty() ? "" : ": ", row.note));
            }
            // Who takes what goes over a line home is told as well; once, with the first part.
            if (request->offset() == 0) {
                call.log(tx, property, "channel.read_recording", fmt::format("channel {}", row.channel_code),
                         {{"recording_id", row.id}, {"bytes", row.bytes}});
            }
            response->set_part(storage::recording_part(tx, property, row.id, request->offset(), kPartBytes));
            response->set_bytes(row.bytes);
        });
    });
}

}  // namespace wutong::server
