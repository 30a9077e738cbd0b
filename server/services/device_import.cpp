#include <fmt/format.h>

#include <algorithm>

#include "server/call.hpp"
#include "server/importing/import.hpp"
#include "server/live/live_hub.hpp"
#include "server/security/permission_table.hpp"
#include "server/services/device_service.hpp"
#include "server/services/device_shapes.hpp"

namespace wutong::server {

namespace {

constexpr core::PropertyId kInstallation{0};

/// Leaves the transaction without a trace: neither rows, nor a request that could not be tried again with
/// better files.
struct NothingImported {
    ImportResult result;
};

std::vector<ImportSource> sources_of(const v1::ImportRequest& request) {
    if (request.files().empty() || static_cast<std::size_t>(request.files_size()) > kImportFilesMax) {
        throw invalid("files", fmt::format("must be 1 to {} files", kImportFilesMax));
    }
    std::vector<ImportSource> files;
    std::size_t bytes = 0;
    for (const auto& file : request.files()) {
        bytes += file.content().size();
        if (file.name().empty() || file.name().size() > 255) {
            throw invalid("files.name", "must have 1 to 255 bytes");
        }
        files.push_back({file.name(), file.content()});
    }
    if (bytes > kImportBytesMax) {
        throw invalid("files", fmt::format("are {} bytes together; at most {} are taken, split them", bytes,
                                           kImportBytesMax));
    }
    // A site before its meters, whatever the order in which they were named.
    std::stable_partition(files.begin(), files.end(),
                          [](const auto& file) { return file.name.ends_with(".toml"); });
    return files;
}

void fill(const ImportResult& result, v1::ImportResponse& response) {
    for (const auto& fault : result.faults) {
        auto* out = response.add_faults();
        out->set_file(fault.file);
        out->set_line(fault.line);
        out->set_column(fault.column);
        out->set_text(fault.text);
    }
    response.set_property_id(result.property.value);
    response.set_buildings(result.buildings);
    response.set_floors(result.floors);
    response.set_units(result.units);
    response.set_gateways(result.gateways);
    response.set_channels(result.channels);
    response.set_meters(result.meters);
    response.set_unchanged(result.unchanged);
}

}  // namespace

grpc::Status DeviceService::Import(grpc::ServerContext* context, const v1::ImportRequest* request,
                                   v1::ImportResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const auto files = sources_of(*request);
        std::vector<ImportFault> faults;
        const auto plan = read_import(files, faults);
        if (plan.property && !grants(call.caller().permissions, "site.write")) {
            throw Refused{grpc::StatusCode::PERMISSION_DENIED, "permission_denied",
                          "importing a site needs the permission site.write"};
        }
        const auto import = [&](storage::Transaction& tx) {
            auto result =
                apply_import(tx, plan, app_.profiles(), call.operator_id(), faults, request->check_only());
            if (!result.faults.empty() || request->check_only()) {
                throw NothingImported{std::move(result)};
            }
            fill(result, *response);
            call.log(tx, result.property, "device.import", fmt::format("{} files", files.size()),
                     {{"meters", result.meters},
                      {"channels", result.channels},
                      {"gateways", result.gateways},
                      {"units", result.units},
                      {"unchanged", result.unchanged}});
        };
        try {
            refusing_conflicts([&] {
                app_.database().transact(call.installation_scope(), "import", [&](storage::Transaction& tx) {
                    if (request->check_only()) {
                        import(tx);
                    } else {
                        call.once(tx, kInstallation, "Import", *request, *response, [&] { import(tx); });
                    }
                });
            });
        } catch (const NothingImported& nothing) {
            response->Clear();
            fill(nothing.result, *response);
            return;
        }
        app_.sessions().forget_all();
        app_.live().refresh();
    });
}

}  // namespace wutong::server
