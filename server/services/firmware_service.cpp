#include "server/services/firmware_service.hpp"

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "storage/meter_firmware.hpp"

namespace wutong::server {

grpc::Status FirmwareService::ListMeterFirmware(grpc::ServerContext* context,
                                                const v1::ListMeterFirmwareRequest* request,
                                                v1::ListMeterFirmwareResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const auto after = page_key(request->page());
        const auto rows = app_.database().transact(
            call.scope(property), "list_meter_firmware", [&](storage::Transaction& tx) {
                return storage::list_firmware(tx, property, core::MeterId{request->meter_id()},
                                              core::MeterId{after}, size);
            });
        for (const auto& row : rows) {
            auto& out = *response->add_meters();
            out.set_meter_id(row.meter.value);
            out.set_meter_code(row.meter_code);
            out.set_unit_code(row.unit_code);
            out.set_profile(row.profile);
            out.set_version(row.version);
            *out.mutable_read_at() = to_timestamp(row.read_at);
            *out.mutable_since() = to_timestamp(row.since);
            out.set_before(row.before);
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().meter.value));
        }
    });
}

}  // namespace wutong::server
