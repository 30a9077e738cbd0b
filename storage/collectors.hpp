#pragma once

#include <string>

#include "core/time.hpp"

namespace wutong::storage {

class Transaction;

/// A sign of life, for the list of collectors.
void beat(Transaction& tx, const std::string& collector, const std::string& version,
          core::Timestamp started_at);

}  // namespace wutong::storage
