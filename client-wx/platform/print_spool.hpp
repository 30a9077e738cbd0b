#pragma once

#include <chrono>
#include <string>

namespace wutong::client {

/// Where a print job goes: "cups:QUEUE", "tcp:HOST:PORT" (a roll printer on the net, usually port 9100) or
/// "file:PATH" (a roll printer at /dev/usb/lp0).
struct PrintTarget {
    enum class Kind { none, queue, network, file };
    Kind kind{Kind::none};
    std::string name;  ///< queue, host:port or path

    [[nodiscard]] static PrintTarget parse(const std::string& text);
    /// Roll printers are sent dots, queues a PDF.
    [[nodiscard]] bool takes_dots() const { return kind == Kind::network || kind == Kind::file; }
};

/// Hands the job over and waits until it is taken, `most` at the longest. Not for the UI thread.
/// @return why not; empty when it was taken
[[nodiscard]] std::string hand_to_printer(const PrintTarget& target, const std::string& job,
                                          std::chrono::seconds most);

}  // namespace wutong::client
