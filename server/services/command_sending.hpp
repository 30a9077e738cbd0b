#pragma once

#include <wutong/v1/control_service.pb.h>

#include <string>

#include "core/identity.hpp"
#include "server/services/command_request.hpp"
#include "storage/commands.hpp"
#include "storage/database.hpp"
#include "storage/meter_facts.hpp"

namespace wutong::server {

class App;
class CallContext;

/// Who gets the command, and who is skipped and why. Fills accepted_meter_ids, skipped and unanswering.
/// @return what is known of the meters, by their ids
[[nodiscard]] std::map<core::MeterId, storage::MeterFacts> sort_meters(App& app, storage::Transaction& tx,
                                                                       core::PropertyId property,
                                                                       const CommandWish& wish,
                                                                       v1::SendCommandResponse& response);

/// Queues the command for those that can take it, and keeps the batch with who was skipped. Part of the
/// request's transaction; its request_id names the batch.
/// @param retry_of the batch whose failures are repeated; "" for none
void send_batch(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                const CommandWish& wish, const std::string& retry_of, v1::SendCommandResponse& response);

}  // namespace wutong::server
