#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "simulator/control_api.hpp"

namespace wutong::simulator {

/// The control API on 127.0.0.1: HTTP/1.1, bodies up to 64 KiB, 30 s to send a request.
class ControlPort {
public:
    /// @throws std::runtime_error when the port is taken: most likely by another simulator
    ControlPort(const boost::asio::any_io_executor& executor, std::uint16_t port, ControlApi& api);

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void start() { accept(); }
    void stop();

private:
    void accept();

    boost::asio::ip::tcp::acceptor acceptor_;
    ControlApi& api_;
    std::uint16_t port_;
    std::shared_ptr<int> sessions_;  ///< its use count is the number of sessions + 1
};

}  // namespace wutong::simulator
