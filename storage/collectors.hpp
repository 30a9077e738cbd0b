#pragma once

#include <string>

#include "core/time.hpp"

namespace wutong::storage {

class Transaction;

/// A sign of life, for the list of collectors.
/// @param channels_max it takes no more than these; others give it none above
void beat(Transaction& tx, const std::string& collector, const std::string& version,
          core::Timestamp started_at, int channels_max);

}  // namespace wutong::storage
