#include "collector/transports/gateway_stream.hpp"

#include <array>
#include <stdexcept>

#include "collector/transports/tcp_stream.hpp"

namespace wutong::collector {

using boost::asio::ip::tcp;

namespace {
constexpr std::size_t kPendingMax = 64 * 1024;

/// Ends what waits on the pipe.
auto canceller(std::shared_ptr<LinkPipe> pipe) {
    return [pipe = std::move(pipe)] {
        boost::system::error_code ignored;
        pipe->socket().cancel(ignored);
    };
}
}  // namespace

GatewayStream::GatewayStream(const AnyExecutor& executor, core::GatewayPortName gateway, LinkSuite suite,
                             std::shared_ptr<const GatewayLinks> links, protocols::GatewayHello hello,
                             LineTiming timing)
    : executor_{executor},
      timed_{executor},
      gateway_{std::move(gateway)},
      suite_{suite},
      links_{std::move(links)},
      hello_{std::move(hello)},
      timing_{timing},
      name_{gateway_.host + ":" + std::to_string(gateway_.tcp_port) + "/" + gateway_.serial_port} {
    hello_.port = gateway_.serial_port;
}

GatewayStream::~GatewayStream() = default;

void GatewayStream::close() {
    if (pipe_) {
        pipe_->close();
        pipe_.reset();
    }
}

StreamFault GatewayStream::closed(const std::string& why) {
    close();
    return {StreamFault::Kind::closed, name_ + ": " + why};
}

std::unique_ptr<LinkPipe> GatewayStream::make_pipe(tcp::socket socket) const {
    switch (suite_) {
        case LinkSuite::tls:
            return tls_client_pipe(std::move(socket), tls_context(links_->tls, false), gateway_.host);
        case LinkSuite::triple_des: {
            auto secret = read_link_secret(links_->secrets / gateway_.host);
            if (secret.empty()) {
                throw std::runtime_error("there is no secret of 48 or more hexadecimal digits in " +
                                         (links_->secrets / gateway_.host).string());
            }
            return triple_des_client_pipe(std::move(socket), links_->key_name, std::move(secret));
        }
        case LinkSuite::plain:
            break;
    }
    return plain_pipe(std::move(socket));
}

/// @return empty, or why the gateway can't be used
std::string GatewayStream::greet(LinkPipe& pipe, Yield yield) const {
    if (auto why = pipe.handshake(yield); !why.empty()) {
        return why;
    }
    PipeError error;
    const auto line = protocols::encode_hello(hello_);
    const protocols::Bytes bytes{line.begin(), line.end()};
    pipe.write(bytes, yield, error);
    const auto answer = error ? std::string{} : read_line(pipe, protocols::kHelloMax, yield, error);
    return error ? "no answer to the hello: " + error.message() : protocols::refusal_of(answer);
}

StreamResult GatewayStream::open(Deadline deadline, Yield yield) {
    if (pipe_) {
        return std::size_t{0};
    }
    tcp::socket socket{executor_};
    if (auto why = connect_tcp(socket, timed_, {gateway_.host, gateway_.tcp_port}, deadline, yield);
        !why.empty()) {
        return closed(why);
    }
    try {
        pipe_ = make_pipe(std::move(socket));
    } catch (const std::runtime_error& error) {
        return closed(error.what());
    }
    std::string why;
    boost::system::error_code unused;
    const auto pipe = pipe_;
    timed_.run(
        deadline, yield, unused, [&](auto) { why = greet(*pipe, yield); }, canceller(pipe));
    if (why.empty() && !pipe_) {
        why = "closed";
    }
    if (!why.empty()) {
        return closed(Monotonic::now() >= deadline ? "no greeting in time" : why);
    }
    return std::size_t{0};
}

StreamResult GatewayStream::write(protocols::ByteView bytes, Deadline deadline, Yield yield) {
    if (!pipe_) {
        return closed("not connected");
    }
    tapped(TapDirection::sent, bytes);
    PipeError error;
    const auto pipe = pipe_;
    const bool late = timed_.run(
        deadline, yield, error, [&](auto) { pipe->write(bytes, yield, error); }, canceller(pipe));
    if (error) {
        return closed(late ? "the gateway does not take what is sent" : error.message());
    }
    return bytes.size();
}

StreamResult GatewayStream::read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) {
    if (!pipe_) {
        return closed("not connected");
    }
    PipeError error;
    std::size_t count = 0;
    const auto pipe = pipe_;
    const bool late = timed_.run(
        deadline, yield, error, [&](auto) { count = pipe->read_some(into, yield, error); }, canceller(pipe));
    if (late) {
        return StreamFault{StreamFault::Kind::timeout, name_ + ": no bytes in time"};
    }
    if (error) {
        return closed(error == boost::asio::error::eof ? "closed by the gateway" : error.message());
    }
    tapped(TapDirection::received, into.first(count));
    return count;
}

std::size_t GatewayStream::take_pending(protocols::Bytes* into) {
    std::size_t total = 0;
    std::array<std::uint8_t, 4'096> chunk{};
    while (pipe_ && total < kPendingMax) {
        PipeError error;
        const auto count = pipe_->read_now(chunk, error);
        if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
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
