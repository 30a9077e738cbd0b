#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "collector/protocols/triple_des_link.hpp"
#include "collector/transports/byte_stream.hpp"

/// What carries the bytes between collector and wutong-gateway: TLS 1.3, the triple-DES suite, or nothing at
/// all. Both ends use it. Functions run in a coroutine, end early when the socket is cancelled, and are
/// called one at a time for each direction.
namespace boost::asio::ssl {
class context;  // its header is heavy, and only one file needs it
}

namespace wutong::collector {

using PipeError = boost::system::error_code;

class LinkPipe {
public:
    LinkPipe() = default;
    LinkPipe(const LinkPipe&) = delete;
    LinkPipe& operator=(const LinkPipe&) = delete;
    virtual ~LinkPipe() = default;

    /// On the connected socket. @return empty, or why the peer is not who it should be
    virtual std::string handshake(Yield yield) = 0;
    virtual std::size_t read_some(std::span<std::uint8_t> into, Yield yield, PipeError& error) = 0;
    virtual void write(protocols::ByteView bytes, Yield yield, PipeError& error) = 0;
    /// What has come already, without waiting: `would_block` when that is nothing.
    virtual std::size_t read_now(std::span<std::uint8_t> into, PipeError& error) = 0;
    [[nodiscard]] virtual boost::asio::ip::tcp::socket& socket() = 0;
    void close() {
        PipeError ignored;
        socket().close(ignored);
    }
};

/// Certificates in PEM. The peer's has to be signed by `authority`, for its purpose (server or client).
struct TlsFiles {
    std::filesystem::path authority, certificate, key;
};
/// TLS 1.3 and nothing older. @throws std::runtime_error naming the file that can't be used
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> tls_context(const TlsFiles& files, bool server);

using AnyExecutor = boost::asio::any_io_executor;
[[nodiscard]] std::unique_ptr<LinkPipe> plain_pipe(boost::asio::ip::tcp::socket socket);
/// @param peer_name  what the gateway's certificate has to name (address or host)
[[nodiscard]] std::unique_ptr<LinkPipe> tls_client_pipe(boost::asio::ip::tcp::socket socket,
                                                        std::shared_ptr<boost::asio::ssl::context> context,
                                                        const std::string& peer_name);
[[nodiscard]] std::unique_ptr<LinkPipe> tls_server_pipe(boost::asio::ip::tcp::socket socket,
                                                        std::shared_ptr<boost::asio::ssl::context> context);
[[nodiscard]] std::unique_ptr<LinkPipe> triple_des_client_pipe(boost::asio::ip::tcp::socket socket,
                                                               std::string key_name, protocols::Bytes secret);
/// @param secret_of  the secret with this name; empty when there is none
[[nodiscard]] std::unique_ptr<LinkPipe> triple_des_server_pipe(
    boost::asio::ip::tcp::socket socket,
    std::function<protocols::Bytes(const std::string& key_name)> secret_of);

/// The secret in a file: one line of hexadecimal digits. @return empty when there is no usable one
[[nodiscard]] protocols::Bytes read_link_secret(const std::filesystem::path& file);
/// Reads up to a line feed, which is dropped. @return empty with an error when the line is too long or never
/// ends
[[nodiscard]] std::string read_line(LinkPipe& pipe, std::size_t length_max, Yield yield, PipeError& error);

}  // namespace wutong::collector
