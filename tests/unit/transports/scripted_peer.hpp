#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "collector/protocols/modbus_rtu.hpp"
#include "collector/protocols/modbus_tcp.hpp"

namespace wutong::tests {

enum class Wire { pty, rtu_over_tcp, modbus_tcp };

struct Asked {
    std::uint8_t unit = 0;
    protocols::Bytes pdu;
    std::uint16_t transaction = 0;
};

/// Frames of a protocol that is not Modbus, as small as can be: '#', a unit, a length, that many bytes, their
/// sum. Only on the wires of RTU.
[[nodiscard]] protocols::Bytes tiny_frame(std::uint8_t unit, protocols::ByteView content);

/// The other end of a real pseudo-terminal or a real socket, in a thread of its own. Each request takes the
/// next action of the script; without one it is answered well.
class ScriptedPeer {
public:
    using Action = std::function<void(ScriptedPeer&, const Asked&)>;

    explicit ScriptedPeer(Wire wire);
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;
    ~ScriptedPeer();

    [[nodiscard]] Wire wire() const { return wire_; }
    /// Path of the terminal or host:port; the same after hang_up() and come_back().
    [[nodiscard]] std::string endpoint() const;
    void script(std::vector<Action> actions);
    [[nodiscard]] std::vector<Asked> asked() const;

    void hang_up();
    void come_back();

    // For actions, in the peer's thread:
    void send(protocols::ByteView bytes);
    [[nodiscard]] protocols::Bytes envelope(const Asked& asked, std::uint8_t unit,
                                            protocols::ByteView pdu) const;
    void answer(const Asked& asked, protocols::ByteView pdu) { send(envelope(asked, asked.unit, pdu)); }

private:
    void serve();
    void handle(const Asked& asked);
    bool await_peer();

    Wire wire_;
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int line_ = -1;      ///< the terminal's master, or the connection
    int terminal_ = -1;  ///< the slave, held open so that the line outlives a client
    std::thread thread_;
    std::atomic<bool> stop_{false};
    mutable std::mutex mutex_;
    std::deque<Action> actions_;
    std::vector<Asked> asked_;
};

/// The good answer: each register holds `first` + its place.
[[nodiscard]] protocols::Bytes good_pdu(const Asked& asked, std::uint16_t first);
[[nodiscard]] protocols::Words counting(std::uint16_t first, std::size_t count);

namespace actions {
ScriptedPeer::Action good(std::uint16_t first);
ScriptedPeer::Action silence();
ScriptedPeer::Action late(std::uint16_t first, std::chrono::milliseconds delay);
ScriptedPeer::Action late_exception(std::chrono::milliseconds delay);
ScriptedPeer::Action exception(protocols::ExceptionCode code);
ScriptedPeer::Action torn(std::uint16_t first, std::chrono::milliseconds rest_after);
ScriptedPeer::Action garbled(std::uint16_t first);
ScriptedPeer::Action twice(std::uint16_t first);
ScriptedPeer::Action single_bytes(std::uint16_t first);
ScriptedPeer::Action foreign(std::uint16_t first);
ScriptedPeer::Action pdu(protocols::Bytes pdu);
}  // namespace actions

}  // namespace wutong::tests
