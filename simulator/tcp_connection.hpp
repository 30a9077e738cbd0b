#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <deque>

#include "collector/protocols/modbus_tcp.hpp"
#include "simulator/tcp_gateway.hpp"

namespace wutong::simulator {

class TcpGateway::Connection {
public:
    explicit Connection(boost::asio::ip::tcp::socket connected) : socket{std::move(connected)} {}

    boost::asio::ip::tcp::socket socket;
    std::array<std::uint8_t, 1024> buffer{};
    std::deque<protocols::Bytes> outgoing;
    std::size_t outgoing_bytes = 0;
    protocols::TcpDeframer deframer;  ///< used by Modbus TCP only
    bool open = true;
};

}  // namespace wutong::simulator
