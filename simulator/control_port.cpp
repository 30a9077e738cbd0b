#include "simulator/control_port.hpp"

#include <fmt/format.h>

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <stdexcept>

namespace wutong::simulator {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr std::uint64_t kBodyMax = 64 * 1024;
constexpr std::uint32_t kHeaderMax = 8 * 1024;
constexpr std::chrono::seconds kRequestMax{30};
constexpr long kSessionsMax = 64;

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, ControlApi& api, std::shared_ptr<int> counted)
        : stream_{std::move(socket)}, api_{api}, counted_{std::move(counted)} {}

    void read() {
        parser_.emplace();
        parser_->body_limit(kBodyMax);
        parser_->header_limit(kHeaderMax);
        stream_.expires_after(kRequestMax);
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](const beast::error_code& fault, std::size_t) {
                             self->on_read(fault);
                         });
    }

private:
    void on_read(const beast::error_code& fault) {
        if (fault == http::error::body_limit) {
            write(413, R"({"error":"body larger than 65536 bytes"})", false);
        } else if (fault == http::error::end_of_stream || fault == beast::error::timeout ||
                   fault == asio::error::operation_aborted) {
            close();
        } else if (fault.category() == make_error_code(http::error::bad_method).category()) {
            write(400, fmt::format(R"({{"error":"not a HTTP request: {}"}})", fault.message()), false);
        } else if (fault) {
            close();
        } else {
            const auto& request = parser_->get();
            const auto answer = api_.handle(std::string{request.method_string()},
                                            std::string{request.target()}, request.body());
            write(answer.status, answer.body, request.keep_alive());
        }
    }

    void write(int status, std::string body, bool keep_alive) {
        response_ = {};
        response_.version(11);
        response_.result(static_cast<unsigned>(status));
        response_.set(http::field::content_type, "application/json");
        response_.set(http::field::server, "wutong-sim");
        response_.keep_alive(keep_alive);
        response_.body() = std::move(body);
        response_.body() += '\n';
        response_.prepare_payload();
        http::async_write(
            stream_, response_,
            [self = shared_from_this(), keep_alive](const beast::error_code& fault, std::size_t) {
                if (!fault && keep_alive) {
                    self->read();
                } else {
                    self->close();
                }
            });
    }

    void close() {
        beast::error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.close();
    }

    beast::tcp_stream stream_;
    ControlApi& api_;
    std::shared_ptr<int> counted_;
    beast::flat_buffer buffer_{kBodyMax + kHeaderMax};
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
};

}  // namespace

ControlPort::ControlPort(const asio::any_io_executor& executor, std::uint16_t port, ControlApi& api)
    : acceptor_{executor}, api_{api}, port_{port}, sessions_{std::make_shared<int>(0)} {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port};
    beast::error_code fault;
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
        throw std::runtime_error(
            fmt::format("control port 127.0.0.1:{}: {}; is another wutong-sim running? Choose another with "
                        "--control-port",
                        port, fault.message()));
    }
    port_ = acceptor_.local_endpoint().port();
}

void ControlPort::accept() {
    acceptor_.async_accept([this](const beast::error_code& fault, tcp::socket socket) {
        if (fault == asio::error::operation_aborted || !acceptor_.is_open()) {
            return;
        }
        if (!fault && sessions_.use_count() <= kSessionsMax) {
            std::make_shared<Session>(std::move(socket), api_, sessions_)->read();
        }
        accept();
    });
}

void ControlPort::stop() {
    beast::error_code ignored;
    acceptor_.close(ignored);
}

}  // namespace wutong::simulator
