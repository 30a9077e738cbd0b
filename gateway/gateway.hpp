#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "collector/transports/link_pipe.hpp"
#include "gateway/configuration.hpp"
#include "gateway/epochs.hpp"

namespace wutong::gateway {

class Port;
class Session;

/// Offers serial ports over the network: one collector at a time for each port, the one with the highest
/// lease epoch. Everything runs on the one thread of `context`.
class Gateway {
public:
    using Log = std::function<void(const std::string&)>;

    /// @throws std::runtime_error when a certificate, the state or the port can't be used
    Gateway(boost::asio::io_context& context, Configuration configuration, Log log);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void stop();

private:
    void accept();
    void serve(boost::asio::ip::tcp::socket socket);
    [[nodiscard]] std::unique_ptr<collector::LinkPipe> make_pipe(boost::asio::ip::tcp::socket socket) const;
    /// Greeting and then bytes, until the connection ends. @return why it ended
    std::string run(const std::shared_ptr<Session>& session, collector::Yield yield);

    boost::asio::io_context& context_;
    Configuration configuration_;
    Log log_;
    Epochs epochs_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer breath_;
    std::map<std::string, std::shared_ptr<Port>> ports_;
    std::shared_ptr<std::size_t> connections_ = std::make_shared<std::size_t>(0);
};

}  // namespace wutong::gateway
