#include "gateway/gateway.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>

#include "gateway/port.hpp"

namespace wutong::gateway {

using boost::asio::ip::tcp;
using collector::Yield;

namespace {

using namespace std::chrono_literals;
/// Certificate, key and hello; a connection that takes longer is not a collector.
constexpr auto kGreetWithin = 10s;
constexpr std::size_t kConnectionsMax = 128;
constexpr auto kBreath = 500ms;

std::string shown(const tcp::endpoint& peer) {
    return peer.address().to_string() + ":" + std::to_string(peer.port());
}

}  // namespace

Gateway::Gateway(boost::asio::io_context& context, Configuration configuration, Log log)
    : context_{context},
      configuration_{std::move(configuration)},
      log_{std::move(log)},
      epochs_{configuration_.state / "epochs"},
      acceptor_{context},
      breath_{context} {
    if (configuration_.suite == collector::LinkSuite::tls) {
        tls_ = collector::tls_context(configuration_.tls, true);
    }
    for (const auto& port : configuration_.ports) {
        ports_[port.name] = std::make_shared<Port>(context.get_executor(), port.name, port.device);
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(configuration_.address, error);
    try {
        if (error) {
            throw boost::system::system_error{error};
        }
        const tcp::endpoint endpoint{address, configuration_.port};
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address{true});
        acceptor_.bind(endpoint);
        acceptor_.listen();
    } catch (const boost::system::system_error& fault) {
        throw std::runtime_error("can't listen on " + configuration_.address + ":" +
                                 std::to_string(configuration_.port) + ": " + fault.code().message());
    }
    if (configuration_.suite == collector::LinkSuite::plain) {
        log_(
            "event=not_encrypted reason=\"suite = plain: whoever is on the network can read and switch the "
            "meters\"");
    }
    accept();
}

Gateway::~Gateway() = default;

void Gateway::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    breath_.cancel();
    for (const auto& [name, port] : ports_) {
        port->close();
    }
}

void Gateway::accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
        if (!acceptor_.is_open()) {
            return;
        }
        if (error) {
            breath_.expires_after(kBreath);
            breath_.async_wait([this](const boost::system::error_code& stopped) {
                if (!stopped) {
                    accept();
                }
            });
            return;
        }
        if (*connections_ < kConnectionsMax) {
            serve(std::move(socket));
        }
        accept();
    });
}

std::unique_ptr<collector::LinkPipe> Gateway::make_pipe(tcp::socket socket) const {
    switch (configuration_.suite) {
        case collector::LinkSuite::tls:
            return collector::tls_server_pipe(std::move(socket), tls_);
        case collector::LinkSuite::triple_des:
            // The name has passed the codec: letters, digits, - and _ only.
            return collector::triple_des_server_pipe(
                std::move(socket), [folder = configuration_.secrets](const std::string& name) {
                    return collector::read_link_secret(folder / name);
                });
        case collector::LinkSuite::plain:
            break;
    }
    return collector::plain_pipe(std::move(socket));
}

void Gateway::serve(tcp::socket socket) {
    boost::system::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) {
        return;
    }
    socket.set_option(tcp::no_delay{true}, error);
    socket.set_option(boost::asio::socket_base::keep_alive{true}, error);
    auto session = std::make_shared<Session>(make_pipe(std::move(socket)), shown(peer));
    ++*connections_;
    boost::asio::spawn(context_, [this, session, counted = connections_](Yield yield) {
        const auto why = run(session, yield);
        log_("event=closed peer=" + session->peer + " port=" + session->hello.port + " reason=\"" + why +
             "\"");
        session->pipe->close();
        --*counted;
    });
}

std::string Gateway::run(const std::shared_ptr<Session>& session, Yield yield) {
    auto& pipe = *session->pipe;
    boost::asio::steady_timer patience{context_, kGreetWithin};
    patience.async_wait([weak = std::weak_ptr{session}](const boost::system::error_code& in_time) {
        const auto late = weak.lock();
        if (!in_time && late) {
            late->pipe->close();
        }
    });
    if (auto why = pipe.handshake(yield); !why.empty()) {
        return why;
    }
    collector::PipeError error;
    const auto line = collector::read_line(pipe, protocols::kHelloMax, yield, error);
    if (error) {
        return "no hello: " + error.message();
    }
    const auto say = [&](const std::string& text) {
        pipe.write(protocols::Bytes{text.begin(), text.end()}, yield, error);
    };
    const auto refuse = [&](const char* code, const std::string& sentence) {
        say(protocols::encode_refusal(code, sentence));
        return std::string{code} + ": " + sentence;
    };
    auto parsed = protocols::parse_hello(line);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) {
        return refuse(protocols::kBadHello, *wrong);
    }
    session->hello = std::get<protocols::GatewayHello>(parsed);
    const auto found = ports_.find(session->hello.port);
    if (found == ports_.end()) {
        return refuse(protocols::kUnknownPort, "there is no port " + session->hello.port + " here");
    }
    if (!epochs_.admit(session->hello.channel, session->hello.epoch)) {
        return refuse(protocols::kStaleEpoch,
                      "epoch " + std::to_string(epochs_.highest(session->hello.channel)) + " of channel " +
                          session->hello.channel + " has been here; yours is " +
                          std::to_string(session->hello.epoch));
    }
    const auto port = found->second;
    if (const auto why = port->take(session); !why.empty()) {
        port->leave(*session);
        return refuse(protocols::kPortUnusable, why);
    }
    patience.cancel();
    say(std::string{protocols::kHelloAccepted} + "\n");
    session->greeted = true;
    log_("event=opened peer=" + session->peer + " port=" + port->name() +
         " channel=" + session->hello.channel + " epoch=" + std::to_string(session->hello.epoch));
    std::array<std::uint8_t, 512> chunk{};
    while (!error) {
        const auto count = pipe.read_some(chunk, yield, error);
        if (!error && !port->write(*session, protocols::ByteView{chunk}.first(count), yield)) {
            return "the port belongs to somebody else now, or is gone";
        }
    }
    port->leave(*session);
    return error.message();
}

}  // namespace wutong::gateway
