#pragma once

#include "collector/transports/libmodbus_client.hpp"

struct _modbus;

namespace wutong::collector {

/// One libmodbus context and its descriptor. Everything here blocks and runs on a worker thread.
class LibmodbusClient::Link {
public:
    Link(std::string path, SerialSettings settings, std::chrono::milliseconds open_timeout);
    Link(TcpEndpoint endpoint, std::chrono::milliseconds open_timeout);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link();

    ReadOutcome exchange(std::uint8_t unit, const protocols::Request& request, Milliseconds answer_timeout);
    void close();
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool serial() const { return !path_.empty(); }

private:
    using MaybeFault = std::optional<ModbusFault>;

    MaybeFault open();
    MaybeFault open_serial();
    MaybeFault open_tcp();
    /// Drops what has come unasked; a connection on which that happened, or that the peer has ended, is
    /// closed.
    void drop_pending();
    [[nodiscard]] ModbusFault failed(int error, bool request_sent);

    std::string path_;
    SerialSettings settings_;
    TcpEndpoint endpoint_;
    std::string name_;
    std::chrono::milliseconds open_timeout_;
    _modbus* context_ = nullptr;
    bool connected_ = false;
    LineTiming timing_;
    Deadline last_activity_{};
};

}  // namespace wutong::collector
