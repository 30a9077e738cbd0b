#include "collector/transports/tcp_stream.hpp"

#include <array>
#include <boost/asio/connect.hpp>
#include <charconv>

namespace wutong::collector {
namespace {
using boost::asio::ip::tcp;
/// take_pending() reads no more than this: a peer that never stops talking must not keep us here.
constexpr std::size_t kPendingMax = 64 * 1024;
}  // namespace

std::optional<TcpEndpoint> parse_tcp_endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0 || text.size() > 300) {
        return std::nullopt;
    }
    auto host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']' && host.size() > 2) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find_first_of(":[] \t") != std::string::npos) {
        return std::nullopt;  // an IPv6 address without brackets could be read in two ways
    }
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || stopped != end || port == 0) {
        return std::nullopt;
    }
    return TcpEndpoint{host, port};
}

TcpStream::TcpStream(const boost::asio::any_io_executor& executor, TcpEndpoint endpoint, LineTiming timing)
    : DeviceStream{executor,
                   endpoint.host + ":" + std::to_string(endpoint.port),
                   timing,
                   {"not connected", "peer does not take what is sent", "closed by peer"}},
      endpoint_{std::move(endpoint)} {}

std::string connect_tcp(tcp::socket& socket, detail::TimedIo& timed, const TcpEndpoint& endpoint,
                        Deadline deadline, Yield yield) {
    boost::system::error_code error;
    std::vector<tcp::endpoint> targets;
    const auto address = boost::asio::ip::make_address(endpoint.host, error);
    if (!error) {
        targets.emplace_back(address, endpoint.port);
    } else {
        tcp::resolver resolver{socket.get_executor()};
        tcp::resolver::results_type found;
        timed.run(
            deadline, yield, error,
            [&](auto token) {
                found = resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), token);
            },
            [&resolver] { resolver.cancel(); });
        if (error) {
            return "name not found: " + error.message();
        }
        for (const auto& entry : found) {
            targets.push_back(entry.endpoint());
        }
    }
    boost::system::error_code ignored;
    const bool late = timed.run(
        deadline, yield, error, [&](auto token) { boost::asio::async_connect(socket, targets, token); },
        [&socket] {
            boost::system::error_code unheard;
            socket.close(unheard);
        });
    if (error) {
        socket.close(ignored);
        return late ? "no connection in time" : error.message();
    }
    socket.set_option(tcp::no_delay{true}, ignored);
    socket.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
    return {};
}

StreamResult TcpStream::open(Deadline deadline, Yield yield) {
    if (device_.is_open()) {
        return std::size_t{0};
    }
    if (auto why = connect_tcp(device_, timed_, endpoint_, deadline, yield); !why.empty()) {
        return closed(why);
    }
    return std::size_t{0};
}

std::size_t TcpStream::take_pending(protocols::Bytes* into) {
    std::size_t total = 0;
    std::array<std::uint8_t, 4096> chunk{};
    while (device_.is_open() && total < kPendingMax) {
        boost::system::error_code error;
        device_.non_blocking(true, error);
        const auto count = device_.read_some(boost::asio::buffer(chunk), error);
        if (error == boost::asio::error::would_block) {
            break;
        }
        if (error) {
            close();
            break;
        }
        const protocols::ByteView bytes{chunk.data(), count};
        tapped(TapDirection::received, bytes);
        if (into != nullptr) {
            into->insert(into->end(), bytes.begin(), bytes.end());
        }
        total += count;
    }
    return total;
}

}  // namespace wutong::collector
