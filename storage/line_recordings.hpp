#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// The bytes of a channel for a while, as somebody asked for them. Who asks and who records are two
/// processes: the row is all that they share.
namespace wutong::storage {

class Transaction;

/// Of a request. The last bounds what the database keeps: its table checks it too.
inline constexpr int kRecordingSecondsMax = 3'600;
inline constexpr int kRecordingBytesMax = 8'000'000;
/// Kept for a property; older ones go when another is asked for, and those that are older than a week.
inline constexpr int kRecordingsKept = 20;

/// What a collector has to record.
struct RecordingOrder {
    core::PropertyId property;
    core::ChannelId channel;
    std::int64_t id = 0;
    std::chrono::seconds time{60};
    std::int64_t bytes_max = kRecordingBytesMax;
};

struct LineRecordingRow {
    std::int64_t id = 0;
    core::ChannelId channel;
    std::string channel_code;
    std::string operator_name;
    core::Timestamp requested_at;
    int seconds = 0, bytes_max = 0;
    std::string state;  ///< wanted, running, done, failed
    std::string collector;
    std::optional<core::Timestamp> began_at, ended_at;
    std::string note;  ///< why it failed, or why it is shorter than was asked for
    std::int64_t bytes = 0;
};

// ---- by the server ----
/// @return nothing when one of the channel is under way
[[nodiscard]] std::optional<std::int64_t> order_recording(Transaction& tx, core::PropertyId property,
                                                          core::ChannelId channel, core::OperatorId by,
                                                          int seconds, int bytes_max);
[[nodiscard]] std::optional<LineRecordingRow> find_recording(Transaction& tx, core::PropertyId property,
                                                             std::int64_t id);
/// Newest first, without their bytes; there are kRecordingsKept at most.
[[nodiscard]] std::vector<LineRecordingRow> list_recordings(Transaction& tx, core::PropertyId property);
/// @return at most `most` bytes from `offset` on; empty at the end
[[nodiscard]] std::string recording_part(Transaction& tx, core::PropertyId property, std::int64_t id,
                                         std::int64_t offset, int most);

// ---- by collectors ----
/// Takes at most `most` of what is wanted of channels that `holder` holds, the oldest first, and gives up on
/// what nobody can finish any more.
[[nodiscard]] std::vector<RecordingOrder> claim_recordings(Transaction& tx, const std::string& holder,
                                                           int most);
/// @param note empty when it is all that was asked for
/// @param failed nothing was recorded
/// @return false when it is not ours any more
bool finish_recording(Transaction& tx, const std::string& holder, const RecordingOrder& order,
                      const std::string& content, const std::string& note, bool failed);

}  // namespace wutong::storage
