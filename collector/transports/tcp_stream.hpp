#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>

#include "collector/transports/device_stream.hpp"

namespace wutong::collector {

struct TcpEndpoint {
    std::string host;  ///< address or name
    std::uint16_t port = 0;
};
/// "10.0.0.7:502", "[fe80::1]:502", "gateway.example:502"; empty when it is none of these.
[[nodiscard]] std::optional<TcpEndpoint> parse_tcp_endpoint(const std::string& text);

/// Connects, and sets what every link here wants: no delay of small packets, dead peers noticed.
/// @return empty, or why not; the socket is closed then
[[nodiscard]] std::string connect_tcp(boost::asio::ip::tcp::socket& socket, detail::TimedIo& timed,
                                      const TcpEndpoint& endpoint, Deadline deadline, Yield yield);

/// A connection to a gateway or serial server. Delays are kept small (TCP_NODELAY) and dead peers noticed
/// (keep-alive). A name is resolved at each opening; the resolver of the system can't be interrupted, so with
/// a name (not with an address) opening can outlast its deadline by the resolver's own limit.
class TcpStream final : public detail::DeviceStream<boost::asio::ip::tcp::socket> {
public:
    /// @param timing  of the serial line behind a serial server, if it is known: it is added to the wait for
    /// an answer
    TcpStream(const boost::asio::any_io_executor& executor, TcpEndpoint endpoint, LineTiming timing = {});

    StreamResult open(Deadline deadline, Yield yield) override;
    std::size_t take_pending(protocols::Bytes* into) override;
    [[nodiscard]] bool reopening_discards() const override { return true; }

private:
    TcpEndpoint endpoint_;
};

}  // namespace wutong::collector
