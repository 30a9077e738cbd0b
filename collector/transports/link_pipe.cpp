#include "collector/transports/link_pipe.hpp"

#include <openssl/rand.h>

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <stdexcept>

namespace wutong::collector {

namespace {

using boost::asio::ip::tcp;
namespace des = protocols::triple_des;

class PlainPipe final : public LinkPipe {
public:
    explicit PlainPipe(tcp::socket socket) : socket_{std::move(socket)} {}

    std::string handshake(Yield) override { return {}; }
    std::size_t read_some(std::span<std::uint8_t> into, Yield yield, PipeError& error) override {
        return socket_.async_read_some(boost::asio::buffer(into.data(), into.size()), yield[error]);
    }
    void write(protocols::ByteView bytes, Yield yield, PipeError& error) override {
        boost::asio::async_write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), yield[error]);
    }
    std::size_t read_now(std::span<std::uint8_t> into, PipeError& error) override {
        socket_.non_blocking(true, error);
        return error ? 0 : socket_.read_some(boost::asio::buffer(into.data(), into.size()), error);
    }
    tcp::socket& socket() override { return socket_; }

private:
    tcp::socket socket_;
};

void random_bytes(std::span<std::uint8_t> into) {
    if (RAND_bytes(into.data(), static_cast<int>(into.size())) != 1) {
        throw std::runtime_error("the system has no randomness to give");
    }
}

des::Nonce nonce() {
    des::Nonce fresh{};
    random_bytes(fresh);
    return fresh;
}

/// The triple-DES suite over a plain socket, for both ends.
class TripleDesPipe : public LinkPipe {
public:
    std::size_t read_some(std::span<std::uint8_t> into, Yield yield, PipeError& error) override {
        while (plain_.empty()) {
            const auto count = socket_.async_read_some(boost::asio::buffer(raw_), yield[error]);
            if (error || !open(count, error)) {
                return 0;
            }
        }
        return hand_out(into);
    }
    void write(protocols::ByteView bytes, Yield yield, PipeError& error) override {
        const auto records = sealer_->seal(bytes, Monotonic::now());
        boost::asio::async_write(socket_, boost::asio::buffer(records), yield[error]);
    }
    std::size_t read_now(std::span<std::uint8_t> into, PipeError& error) override {
        if (plain_.empty()) {
            socket_.non_blocking(true, error);
            const auto count = error ? 0 : socket_.read_some(boost::asio::buffer(raw_), error);
            if (error || !open(count, error)) {
                return 0;
            }
        }
        if (plain_.empty()) {
            error = boost::asio::error::would_block;
            return 0;
        }
        return hand_out(into);
    }
    tcp::socket& socket() override { return socket_; }

protected:
    explicit TripleDesPipe(tcp::socket socket) : socket_{std::move(socket)} {}

    void start(protocols::ByteView secret, const des::Nonce& collector, const des::Nonce& gateway,
               bool at_gateway) {
        const auto down = des::direction_secret(secret, collector, gateway, des::Direction::to_gateway);
        const auto up = des::direction_secret(secret, collector, gateway, des::Direction::to_collector);
        sealer_ = std::make_unique<des::Sealer>(at_gateway ? up : down, random_bytes, des::RekeyRules{},
                                                Monotonic::now());
        opener_ = std::make_unique<des::Opener>(at_gateway ? down : up);
    }

    tcp::socket socket_;

private:
    bool open(std::size_t count, PipeError& error) {
        auto opened = opener_->open(protocols::ByteView{raw_.data(), count});
        if (opened.broken) {
            error = boost::system::errc::make_error_code(boost::system::errc::bad_message);
            return false;
        }
        plain_.insert(plain_.end(), opened.plain.begin(), opened.plain.end());
        return true;
    }
    std::size_t hand_out(std::span<std::uint8_t> into) {
        const auto count = std::min(into.size(), plain_.size());
        std::copy_n(plain_.begin(), count, into.begin());
        plain_.erase(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    }

    std::unique_ptr<des::Sealer> sealer_;
    std::unique_ptr<des::Opener> opener_;
    std::array<std::uint8_t, 2'048> raw_{};
    protocols::Bytes plain_;
};

class TripleDesClient final : public TripleDesPipe {
public:
    TripleDesClient(tcp::socket socket, std::string key_name, protocols::Bytes secret)
        : TripleDesPipe{std::move(socket)}, key_name_{std::move(key_name)}, secret_{std::move(secret)} {}

    std::string handshake(Yield yield) override {
        const des::ClientHello hello{key_name_, nonce()};
        PipeError error;
        boost::asio::async_write(socket_, boost::asio::buffer(des::encode(hello)), yield[error]);
        protocols::Bytes answer(des::kServerHelloBytes);
        if (!error) {
            boost::asio::async_read(socket_, boost::asio::buffer(answer), yield[error]);
        }
        if (error) {
            return error.message();
        }
        const auto theirs = des::read_server_hello(answer);
        if (!theirs) {
            return "does not answer as a wutong-gateway with the triple-DES suite";
        }
        start(secret_, hello.nonce, *theirs, false);
        return {};
    }

private:
    std::string key_name_;
    protocols::Bytes secret_;
};

class TripleDesServer final : public TripleDesPipe {
public:
    TripleDesServer(tcp::socket socket, std::function<protocols::Bytes(const std::string&)> secret_of)
        : TripleDesPipe{std::move(socket)}, secret_of_{std::move(secret_of)} {}

    std::string handshake(Yield yield) override {
        protocols::Bytes received;
        des::FoundClientHello found;
        PipeError error;
        while (!found.hello) {
            // Byte for byte: what comes behind the hello is under keys that don't exist yet.
            std::uint8_t byte = 0;
            socket_.async_read_some(boost::asio::buffer(&byte, 1), yield[error]);
            if (error) {
                return error.message();
            }
            received.push_back(byte);
            found = des::find_client_hello(received);
            if (found.broken) {
                return "does not speak the triple-DES suite";
            }
        }
        const auto secret = secret_of_(found.hello->key_name);
        if (secret.size() < des::kSecretBytesMin) {
            return "there is no secret named " + found.hello->key_name;
        }
        const auto mine = nonce();
        start(secret, found.hello->nonce, mine, true);
        boost::asio::async_write(socket_, boost::asio::buffer(des::encode_server_hello(mine)), yield[error]);
        return error ? error.message() : std::string{};
    }

private:
    std::function<protocols::Bytes(const std::string&)> secret_of_;
};

}  // namespace

std::unique_ptr<LinkPipe> plain_pipe(tcp::socket socket) {
    return std::make_unique<PlainPipe>(std::move(socket));
}
std::unique_ptr<LinkPipe> triple_des_client_pipe(tcp::socket socket, std::string key_name,
                                                 protocols::Bytes secret) {
    return std::make_unique<TripleDesClient>(std::move(socket), std::move(key_name), std::move(secret));
}
std::unique_ptr<LinkPipe> triple_des_server_pipe(
    tcp::socket socket, std::function<protocols::Bytes(const std::string&)> secret_of) {
    return std::make_unique<TripleDesServer>(std::move(socket), std::move(secret_of));
}

protocols::Bytes read_link_secret(const std::filesystem::path& file) {
    constexpr std::size_t kLineMax = 1'024;
    std::ifstream in{file, std::ios::binary};
    std::string line;
    if (!in || !std::getline(in, line) || line.size() > kLineMax) {
        return {};
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
        line.pop_back();
    }
    try {
        auto secret = protocols::from_hex(line);
        return secret.size() < des::kSecretBytesMin ? protocols::Bytes{} : secret;
    } catch (const std::invalid_argument&) {
        return {};
    }
}

std::string read_line(LinkPipe& pipe, std::size_t length_max, Yield yield, PipeError& error) {
    std::string line;
    while (line.size() <= length_max) {
        std::uint8_t byte = 0;
        if (pipe.read_some({&byte, 1}, yield, error) == 0 || error) {
            return {};
        }
        if (byte == '\n') {
            return line;
        }
        line.push_back(static_cast<char>(byte));
    }
    error = boost::system::errc::make_error_code(boost::system::errc::message_size);
    return {};
}

}  // namespace wutong::collector
