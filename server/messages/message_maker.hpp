#pragma once

#include <chrono>

#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/message_causes.hpp"

namespace wutong::server {

/// Alarms to the operators of a property in an hour; what is more is in the list of alarms anyway.
inline constexpr int kOperationsPerHourMax = 20;

/// Takes a cause and queues the messages that follow from it, all in this transaction.
/// @param keep_for a message that could not be sent by then is given up
/// @return how many were queued; -1: somebody else has the cause
int make_messages(storage::Transaction& tx, const storage::MessageCause& cause, core::Timestamp now,
                  std::chrono::seconds keep_for);

/// SMS that a text takes; 1 of a mail. @throws std::invalid_argument when it can't be sent
[[nodiscard]] int message_parts(core::MessageChannel channel, const std::string& body);

}  // namespace wutong::server
