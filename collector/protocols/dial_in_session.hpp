#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/protocols/bytes.hpp"
#include "core/link_names.hpp"

namespace wutong::protocols {

/// What a link needs to know of the outside; nothing here waits.
struct DialInFacts {
    /// The longest registration packet of a gateway we wait for that these bytes begin with (none: empty),
    /// and whether a longer one could still come.
    struct PlainMatch {
        std::string id;
        std::string heartbeat;
        bool may_grow = false;
    };
    std::function<PlainMatch(const std::string& received)> find_plain;
    std::function<std::optional<std::string>(const std::string& gateway_id)> secret;
    std::function<std::string()> new_sequence;  ///< digits that nobody can guess, different each time
    /// Year (2026), month, day, weekday (Sunday 0), hour, minute, second, as on the wall.
    struct LocalTime {
        int year, month, day, weekday, hour, minute, second;
    };
    std::function<LocalTime()> local_time;
};

struct DialInEvents {
    Bytes reply;                                  ///< to be sent at once
    std::vector<std::pair<int, Bytes>> payloads;  ///< serial port (0: the only one) and bytes of its bus
    std::string hang_up;                          ///< not empty: why the link has to be closed
    int heartbeats = 0;
    int uploads = 0;          ///< data that the gateway sent unasked; acknowledged and not used
    std::size_t rubbish = 0;  ///< bytes that belong to nothing
};

/// One link that a gateway opened: finds out who it is, answers and takes out registrations, heartbeats and
/// questions for the time, and hands on what the meters say. Bytes in, bytes out; it owns no socket and no
/// clock.
class DialInSession {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// A link that has not said its name may say no more than this.
    static constexpr std::size_t kUnnamedBytesMax = 1'024;

    explicit DialInSession(const DialInFacts& facts);
    ~DialInSession();
    DialInSession(const DialInSession&) = delete;
    DialInSession& operator=(const DialInSession&) = delete;

    DialInEvents receive(ByteView bytes, Time now);
    /// Now and then: a name that could have gone on but did not counts after a while.
    DialInEvents look_again(Time now);

    /// Who it is, without port and heartbeat; nothing before it has said so, and shown so where it has to.
    [[nodiscard]] const std::optional<core::DialInName>& name() const { return name_; }
    /// Wraps a frame for a meter behind `port`. @pre name() is known
    [[nodiscard]] Bytes request(int port, ByteView frame, Time now);

    class Talk;  ///< one of the three ways to talk

private:
    DialInEvents find_out(Time now, bool settled);

    const DialInFacts& facts_;
    std::optional<core::DialInName> name_;
    std::unique_ptr<Talk> talk_;
    std::string received_;  ///< while nobody knows who it is
    Time heard_at_{};
};

}  // namespace wutong::protocols
