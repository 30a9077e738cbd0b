#pragma once

#include <string>
#include <vector>

#include "collector/transports/byte_stream.hpp"
#include "core/time.hpp"
#include "storage/polled_meters.hpp"

/// How a recording is written (docs/line-recordings.md), whoever keeps it.
namespace wutong::collector {

/// What stands about the line at the beginning, without "#".
[[nodiscard]] std::vector<std::string> recording_title(const storage::PolledChannel& channel);
/// The first lines. @param begins the time that all others count from
[[nodiscard]] std::string recording_head(const std::vector<std::string>& title, core::Timestamp begins);
/// One line. @param confidential what is sent is told by its length only
[[nodiscard]] std::string recording_line(TapDirection direction, protocols::ByteView bytes,
                                         Monotonic::duration since, bool confidential);

}  // namespace wutong::collector
