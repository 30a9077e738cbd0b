#pragma once

#include <wutong/v1/upkeep_service.pb.h>

#include "core/time.hpp"
#include "storage/channel_loads.hpp"

namespace wutong::server {

class Profiles;

/// Computes what the bus needs (core/bus_model.hpp) and says where it is too slow.
void fill_load(const storage::ChannelLoadRow& row, const Profiles& profiles, std::chrono::seconds freshness,
               core::Timestamp now, v1::ChannelLoad& out);

}  // namespace wutong::server
