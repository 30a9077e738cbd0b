#include "simulator/tcp_gateway.hpp"

#include <fmt/format.h>

#include <boost/asio/write.hpp>
#include <stdexcept>
#include <utility>

#include "simulator/tcp_connection.hpp"

namespace wutong::simulator {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
constexpr std::size_t kOutgoingBytesMax = 64 * 1024;
}

TcpGateway::TcpGateway(const asio::any_io_executor& executor, LinePlan plan)
    : executor_{executor}, plan_{std::move(plan)}, acceptor_{executor} {}

std::string TcpGateway::endpoint() const {
    return fmt::format("127.0.0.1:{}", plan_.port);
}

void TcpGateway::listen() {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), plan_.port};
    boost::system::error_code fault;
    acceptor_.open(endpoint.protocol(), fault);
    if (!fault) {
        acceptor_.set_option(tcp::acceptor::reuse_address{true}, fault);
    }
    if (!fault) {
        acceptor_.bind(endpoint, fault);
    }
    if (!fault) {
        acceptor_.listen(asio::socket_base::max_listen_connections, fault);
    }
    if (fault) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        throw std::runtime_error(
            fmt::format("gateway {}: can't listen on {}: {}", plan_.name, this->endpoint(), fault.message()));
    }
    plan_.port = acceptor_.local_endpoint().port();
    accept();
}

void TcpGateway::set_dead(bool dead) {
    if (dead == dead_) {
        return;
    }
    if (dead) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        close_all();
    } else {
        listen();
    }
    dead_ = dead;
}

void TcpGateway::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    close_all();
}

void TcpGateway::close_all() {
    const auto all = connections_;
    for (const auto& connection : all) {
        close(connection);
    }
}

LineStats TcpGateway::with_connections(LineStats stats) const {
    stats.connections = connections_.size();
    return stats;
}

void TcpGateway::accept() {
    acceptor_.async_accept([this](const boost::system::error_code& fault, tcp::socket socket) {
        if (fault == asio::error::operation_aborted || !acceptor_.is_open()) {
            return;
        }
        if (!fault && connections_.size() < kConnectionsMax) {
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay{true}, ignored);
            auto connection = std::make_shared<Connection>(std::move(socket));
            connections_.insert(connection);
            read(connection);
        }
        accept();
    });
}

void TcpGateway::read(const ConnectionPtr& from) {
    from->socket.async_read_some(asio::buffer(from->buffer),
                                 [this, from](const boost::system::error_code& fault, std::size_t length) {
                                     if (!from->open) {
                                         return;
                                     }
                                     if (fault) {
                                         close(from);
                                         return;
                                     }
                                     on_bytes(from, {from->buffer.data(), length});
                                     if (from->open) {
                                         read(from);
                                     }
                                 });
}

void TcpGateway::send(const ConnectionPtr& to, protocols::Bytes bytes) {
    if (!to->open) {
        return;
    }
    to->outgoing_bytes += bytes.size();
    if (to->outgoing_bytes > kOutgoingBytesMax) {
        close(to);
        return;
    }
    to->outgoing.push_back(std::move(bytes));
    if (to->outgoing.size() == 1) {
        write(to);
    }
}

void TcpGateway::write(const ConnectionPtr& to) {
    asio::async_write(to->socket, asio::buffer(to->outgoing.front()),
                      [this, to](const boost::system::error_code& fault, std::size_t length) {
                          if (!to->open) {
                              return;
                          }
                          if (fault) {
                              close(to);
                              return;
                          }
                          to->outgoing_bytes -= length;
                          to->outgoing.pop_front();
                          if (!to->outgoing.empty()) {
                              write(to);
                          }
                      });
}

void TcpGateway::close(const ConnectionPtr& connection) {
    if (!connection->open) {
        return;
    }
    connection->open = false;
    boost::system::error_code ignored;
    connection->socket.close(ignored);
    connections_.erase(connection);
    on_closed(connection);
}

}  // namespace wutong::simulator
