#include "server/services/command_sending.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/call.hpp"
#include "server/services/meter_settings.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/property_settings.hpp"
#include "storage/command_batches.hpp"

namespace wutong::server {

namespace {

/// So many skipped meters are kept with the batch; the answer names all.
constexpr int kSkippedKept = 200;

struct Skip {
    const char* reason;
    std::string text;
};

/// Why this meter can't take the command; nothing when it can.
std::optional<Skip> skip_meter(const App& app, const CommandWish& wish, core::MeterId id,
                               const storage::MeterFacts* meter) {
    const core::CommandKind kind = wish.kind;
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
    for (const auto& setting : wish.settings) {
        if (const auto why = misfit(*profile, setting.quantity, setting.value); !why.empty()) {
            return Skip{"does_not_fit", fmt::format("Meter {}: {} of {}.", meter->code, setting.name, why)};
        }
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

/// What the answer says of a command that was queued a moment ago, without reading thousands of rows back.
storage::StoredCommand as_queued(const storage::NewCommands& commands, core::CommandId id,
                                 const storage::MeterFacts& meter, core::Timestamp now) {
    storage::StoredCommand queued;
    queued.property = commands.property;
    queued.id = id;
    queued.meter = meter.meter;
    queued.meter_code = meter.code;
    queued.unit_code = meter.unit_code;
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

std::map<core::MeterId, storage::MeterFacts> sort_meters(App& app, storage::Transaction& tx,
                                                         core::PropertyId property, const CommandWish& wish,
                                                         v1::SendCommandResponse& response) {
    auto facts = storage::meter_facts(tx, property, wish.meters);
    int unanswering = 0;
    for (const auto meter : wish.meters) {
        const auto found = facts.find(meter);
        const auto* known = found == facts.end() ? nullptr : &found->second;
        if (const auto skip = skip_meter(app, wish, meter, known)) {
            auto& skipped = *response.add_skipped();
            skipped.set_meter_id(meter.value);
            skipped.set_reason(skip->reason);
            skipped.set_text(skip->text);
            if (known != nullptr) {
                skipped.set_meter_code(known->code);
                skipped.set_unit_code(known->unit_code);
            }
        } else {
            response.add_accepted_meter_ids(meter.value);
            unanswering += known->answering ? 0 : 1;
        }
    }
    response.set_unanswering(unanswering);
    return facts;
}

void send_batch(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                const CommandWish& wish, const std::string& retry_of, v1::SendCommandResponse& response) {
    if (wish.kind == core::CommandKind::switch_off) {
        // Against a sale that is being made right now: it holds the same locks.
        storage::lock_meter_links(tx, property, wish.meters);
    }
    const auto now = app.now();
    const auto facts = sort_meters(app, tx, property, wish, response);
    const auto expiry_s = wish.expires_after_s > 0 ? wish.expires_after_s
                                                   : read_property_settings(tx, property).command_expiry_s;
    storage::NewCommands commands;
    commands.property = property;
    commands.kind = wish.kind;
    commands.arguments = wish.arguments_json;
    commands.expires_at = now + std::chrono::seconds{expiry_s};
    commands.operator_id = call.operator_id();
    commands.request_id = call.request_id();
    // The id that the caller made names the batch as well.
    commands.batch_id = call.request_id();
    for (const auto id : response.accepted_meter_ids()) {
        commands.meters.push_back(core::MeterId{id});
    }
    storage::NewBatch batch;
    batch.property = property;
    batch.batch_id = commands.batch_id;
    batch.kind = commands.kind;
    batch.arguments = commands.arguments;
    batch.operator_id = commands.operator_id;
    batch.expires_at = commands.expires_at;
    batch.total = response.accepted_meter_ids_size();
    batch.skipped_count = response.skipped_size();
    batch.retry_of = retry_of;
    auto skipped = nlohmann::json::array();
    for (int i = 0; i < std::min(response.skipped_size(), kSkippedKept); ++i) {
        const auto& one = response.skipped(i);
        skipped.push_back({{"meter_id", one.meter_id()},
                           {"reason", one.reason()},
                           {"text", one.text()},
                           {"meter_code", one.meter_code()},
                           {"unit_code", one.unit_code()}});
    }
    batch.skipped = skipped.dump();
    storage::insert_batch(tx, batch);
    response.set_batch_id(commands.batch_id);
    if (commands.meters.empty()) {
        return;
    }
    const auto ids = storage::insert_commands(tx, commands);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        auto queued = as_queued(commands, ids[i], facts.at(commands.meters[i]), now);
        queued.operator_name = call.operator_name();
        fill(queued, *response.add_commands());
    }
}

}  // namespace wutong::server
