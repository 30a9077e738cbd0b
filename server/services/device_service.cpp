#include "server/services/device_service.hpp"

#include <fmt/format.h>

#include "server/call.hpp"
#include "server/live/live_hub.hpp"
#include "server/services/convert.hpp"
#include "server/services/device_checks.hpp"
#include "server/services/device_shapes.hpp"
#include "server/services/meter_shapes.hpp"
#include "server/services/paging.hpp"
#include "storage/devices.hpp"
#include "storage/meters.hpp"

namespace wutong::server {

namespace {

/// How many meters one look-up of a page by status may go through.
constexpr int kLookedAtMax = 1'000;

template <class Rows, class Response, class Add>
void fill_page(Rows& rows, int size, Response& response, Add&& add) {
    if (cut_to_page(rows, size)) {
        response.set_next_page_token(std::to_string(add(rows.back(), nullptr)));
    }
    for (const auto& row : rows) {
        add(row, &response);
    }
}

}  // namespace

grpc::Status DeviceService::ListGateways(grpc::ServerContext* context, const v1::ListGatewaysRequest* request,
                                         v1::ListGatewaysResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::GatewayId after{page_key(request->page())};
        auto rows = app_.database().transact(
            call.scope(property), "list_gateways",
            [&](storage::Transaction& tx) { return storage::list_gateways(tx, property, after, size + 1); });
        fill_page(rows, size, *response, [&](const auto& row, v1::ListGatewaysResponse* out) {
            if (out != nullptr) {
                fill(property, row, *out->add_gateways());
            }
            return row.gateway.value;
        });
    });
}

grpc::Status DeviceService::CreateGateway(grpc::ServerContext* context,
                                          const v1::CreateGatewayRequest* request, v1::Gateway* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        storage::GatewayRow row;
        row.code = request->code();
        row.name = request->name().empty() ? request->code() : request->name();
        row.kind = request->kind();
        row.endpoint = request->endpoint();
        refuse_if_any(check_gateway(row));
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, property, "CreateGateway", *request, *response, [&] {
                row.gateway = storage::insert_gateway(tx, property, row);
                fill(property, row, *response);
                call.log(tx, property, "gateway.create", "gateway " + row.code,
                         {{"kind", row.kind}, {"endpoint", row.endpoint}});
            });
        };
        refusing_conflicts([&] { app_.database().transact(call.scope(property), "create_gateway", create); });
    });
}

grpc::Status DeviceService::ListChannels(grpc::ServerContext* context, const v1::ListChannelsRequest* request,
                                         v1::ListChannelsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::ChannelId after{page_key(request->page())};
        auto rows =
            app_.database().transact(call.scope(property), "list_channels", [&](storage::Transaction& tx) {
                return storage::list_device_channels(tx, property, after, size + 1);
            });
        fill_page(rows, size, *response, [&](const auto& row, v1::ListChannelsResponse* out) {
            if (out != nullptr) {
                fill(property, row, *out->add_channels());
            }
            return row.channel.value;
        });
    });
}

grpc::Status DeviceService::CreateChannel(grpc::ServerContext* context,
                                          const v1::CreateChannelRequest* request, v1::Channel* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->channel().property_id()};
        auto row = to_channel_row(request->channel());
        refuse_if_any(check_channel(row));
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, property, "CreateChannel", *request, *response, [&] {
                row.channel = storage::insert_channel(tx, property, row);
                fill(property, row, *response);
                call.log(tx, property, "channel.create", "channel " + row.code,
                         {{"transport", row.transport},
                          {"endpoint", row.endpoint},
                          {"standby_endpoint", row.standby_endpoint}});
            });
        };
        refusing_conflicts([&] { app_.database().transact(call.scope(property), "create_channel", create); });
    });
}

grpc::Status DeviceService::UpdateChannel(grpc::ServerContext* context,
                                          const v1::UpdateChannelRequest* request, v1::Channel* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->channel().property_id()};
        auto row = to_channel_row(request->channel());
        row.channel = core::ChannelId{request->channel().channel_id()};
        refuse_if_any(check_channel(row));
        const auto change = [&](storage::Transaction& tx) {
            call.once(tx, property, "UpdateChannel", *request, *response, [&] {
                if (!storage::update_channel(tx, property, row)) {
                    throw not_found("channel", row.channel.value);
                }
                fill(property, storage::find_device_channel(tx, property, row.channel).value(), *response);
                call.log(tx, property, "channel.update", "channel " + row.code,
                         {{"transport", row.transport},
                          {"endpoint", row.endpoint},
                          {"standby_endpoint", row.standby_endpoint},
                          {"enabled", row.enabled}});
            });
        };
        refusing_conflicts([&] { app_.database().transact(call.scope(property), "update_channel", change); });
    });
}

grpc::Status DeviceService::ListMeters(grpc::ServerContext* context, const v1::ListMetersRequest* request,
                                       v1::ListMetersResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::MeterId after{page_key(request->page())};
        const storage::MeterFilter filter{core::UnitId{request->unit_id()},
                                          core::ChannelId{request->channel_id()}, request->role()};
        const bool by_status = request->status() != v1::METER_STATUS_UNSPECIFIED;
        // The status is decided by the domain, not by SQL, so a page by status is picked out of a larger one.
        const int fetched = by_status ? kLookedAtMax : size;
        auto rows =
            app_.database().transact(call.scope(property), "list_meters", [&](storage::Transaction& tx) {
                return storage::list_meters(tx, property, filter, after, fetched + 1);
            });
        bool more = cut_to_page(rows, fetched);
        std::int64_t last = rows.empty() ? 0 : rows.back().meter.value;
        for (const auto& row : rows) {
            if (by_status && meter_status(row) != request->status()) {
                continue;
            }
            if (response->meters_size() == size) {
                more = true;
                last = response->meters(size - 1).meter_id();
                break;
            }
            fill(row, *response->add_meters());
        }
        if (more) {
            response->set_next_page_token(std::to_string(last));
        }
    });
}

grpc::Status DeviceService::GetMeter(grpc::ServerContext* context, const v1::GetMeterRequest* request,
                                     v1::Meter* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const int named = static_cast<int>(request->meter_id() != 0) +
                          static_cast<int>(!request->code().empty()) +
                          static_cast<int>(!request->serial_number().empty());
        if (named != 1) {
            throw invalid("meter_id", "name the meter by one of meter_id, code and serial_number");
        }
        const auto row =
            app_.database().transact(call.scope(property), "get_meter", [&](storage::Transaction& tx) {
                return request->meter_id() != 0
                           ? storage::find_meter(tx, property, core::MeterId{request->meter_id()})
                       : !request->code().empty()
                           ? storage::find_meter_by_code(tx, property, request->code())
                           : storage::find_meter_by_serial(tx, property, request->serial_number());
            });
        if (!row) {
            throw request->meter_id() != 0
                ? not_found("meter", request->meter_id())
                : not_found("meter", (request->code() + request->serial_number()).substr(0, 64));
        }
        fill(*row, *response);
    });
}

grpc::Status DeviceService::CreateMeter(grpc::ServerContext* context, const v1::CreateMeterRequest* request,
                                        v1::Meter* response) {
    return handle(app_, context, [&](CallContext& call) {
        auto row = to_meter_row(request->meter());
        refuse_if_any(check_meter(row, app_.profiles()));
        row.commodity = app_.profiles().commodity_of(row.profile);
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, row.property, "CreateMeter", *request, *response, [&] {
                const auto id = storage::insert_meter(tx, row);
                fill(storage::find_meter(tx, row.property, id).value(), *response);
                call.log(tx, row.property, "meter.create", "meter " + row.code,
                         {{"serial_number", row.serial_number}, {"profile", row.profile}});
            });
        };
        refusing_conflicts(
            [&] { app_.database().transact(call.scope(row.property), "create_meter", create); });
        app_.live().refresh();
    });
}

grpc::Status DeviceService::UpdateMeter(grpc::ServerContext* context, const v1::UpdateMeterRequest* request,
                                        v1::Meter* response) {
    return handle(app_, context, [&](CallContext& call) {
        auto row = to_meter_row(request->meter());
        row.meter = core::MeterId{request->meter().meter_id()};
        const auto change = [&](storage::Transaction& tx) {
            call.once(tx, row.property, "UpdateMeter", *request, *response, [&] {
                const auto before = storage::find_meter(tx, row.property, row.meter);
                if (!before) {
                    throw not_found("meter", row.meter.value);
                }
                if (!request->meter().has_station_address()) {
                    row.station_address = before->station_address;  // of a client that does not know it
                }
                refuse_if_any(check_meter(row, app_.profiles()));
                if (app_.profiles().commodity_of(row.profile) != before->commodity) {
                    throw failed_precondition(
                        "other_commodity",
                        fmt::format(
                            "Meter {} measures {}, and its readings are of that. Nothing was changed. "
                            "Create another meter for another commodity.",
                            before->code, core::to_string(before->commodity)));
                }
                if (before->account && (before->profile != row.profile || before->role != row.role)) {
                    throw failed_precondition("meter_has_account",
                                              "profile and role stay while the meter is on account " +
                                                  before->account_number + "; close the account first");
                }
                refuse_move_under_way(tx, *before, row);
                storage::update_meter(tx, row);
                fill(storage::find_meter(tx, row.property, row.meter).value(), *response);
                call.log(tx, row.property, "meter.update", "meter " + row.code,
                         {{"serial_number", row.serial_number},
                          {"profile", row.profile},
                          {"bus_address", row.bus_address},
                          {"station_address", row.station_address},
                          {"enabled", row.enabled}});
            });
        };
        refusing_conflicts(
            [&] { app_.database().transact(call.scope(row.property), "update_meter", change); });
        app_.live().refresh();
    });
}

grpc::Status DeviceService::SearchMeters(grpc::ServerContext* context, const v1::SearchMetersRequest* request,
                                         v1::ListMetersResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const int limit = request->limit() == 0 ? 50 : request->limit();
        if (limit < 1 || limit > 1'000) {
            throw invalid("limit", "must be from 1 to 1000, or 0 for 50");
        }
        if (request->text().empty() || request->text().size() > 100) {
            throw invalid("text", "must have 1 to 100 bytes");
        }
        const auto rows =
            app_.database().transact(call.scope(property), "search_meters", [&](storage::Transaction& tx) {
                return storage::search_meters(tx, property, request->text(), limit);
            });
        for (const auto& row : rows) {
            fill(row, *response->add_meters());
        }
    });
}

grpc::Status DeviceService::ListProfiles(grpc::ServerContext* context, const v1::ListProfilesRequest*,
                                         v1::ListProfilesResponse* response) {
    return handle(app_, context, [&](CallContext&) {
        for (const auto& [id, profile] : app_.profiles().all()) {
            fill(profile, *response->add_profiles());
        }
    });
}

}  // namespace wutong::server
