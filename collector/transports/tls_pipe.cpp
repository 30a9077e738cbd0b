#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "collector/transports/link_pipe.hpp"

namespace wutong::collector {

namespace {

using boost::asio::ip::tcp;
namespace ssl = boost::asio::ssl;

class TlsPipe final : public LinkPipe {
public:
    TlsPipe(tcp::socket socket, std::shared_ptr<ssl::context> context, bool server,
            const std::string& peer_name)
        : context_{std::move(context)}, stream_{std::move(socket), *context_}, server_{server} {
        stream_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
        if (!server) {
            stream_.set_verify_callback(ssl::host_name_verification{peer_name});
        }
    }

    std::string handshake(Yield yield) override {
        PipeError error;
        stream_.async_handshake(server_ ? ssl::stream_base::server : ssl::stream_base::client, yield[error]);
        return error ? "TLS: " + error.message() : std::string{};
    }
    std::size_t read_some(std::span<std::uint8_t> into, Yield yield, PipeError& error) override {
        return stream_.async_read_some(boost::asio::buffer(into.data(), into.size()), yield[error]);
    }
    void write(protocols::ByteView bytes, Yield yield, PipeError& error) override {
        boost::asio::async_write(stream_, boost::asio::buffer(bytes.data(), bytes.size()), yield[error]);
    }
    std::size_t read_now(std::span<std::uint8_t> into, PipeError& error) override {
        socket().non_blocking(true, error);
        // Whole records may be decrypted already and not on the socket any more; else a look at the socket
        // tells silence and the end apart.
        std::uint8_t peeked = 0;
        if (!error && SSL_pending(stream_.native_handle()) == 0) {
            socket().receive(boost::asio::buffer(&peeked, 1), tcp::socket::message_peek, error);
        }
        if (error) {
            return 0;
        }
        return stream_.read_some(boost::asio::buffer(into.data(), into.size()), error);
    }
    tcp::socket& socket() override { return stream_.next_layer(); }

private:
    std::shared_ptr<ssl::context> context_;
    ssl::stream<tcp::socket> stream_;
    bool server_;
};

}  // namespace

std::shared_ptr<ssl::context> tls_context(const TlsFiles& files, bool server) {
    auto context =
        std::make_shared<ssl::context>(server ? ssl::context::tls_server : ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
    // No resumption: each connection shows its certificate again.
    SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context->native_handle(), 0);
    const auto use = [](const std::filesystem::path& file, auto load) {
        boost::system::error_code error;
        load(error);
        if (error) {
            throw std::runtime_error("the TLS file " + file.string() + " can't be used: " + error.message());
        }
    };
    use(files.authority, [&](auto& error) { context->load_verify_file(files.authority.string(), error); });
    use(files.certificate,
        [&](auto& error) { context->use_certificate_chain_file(files.certificate.string(), error); });
    use(files.key,
        [&](auto& error) { context->use_private_key_file(files.key.string(), ssl::context::pem, error); });
    return context;
}

std::unique_ptr<LinkPipe> tls_client_pipe(tcp::socket socket, std::shared_ptr<ssl::context> context,
                                          const std::string& peer_name) {
    return std::make_unique<TlsPipe>(std::move(socket), std::move(context), false, peer_name);
}
std::unique_ptr<LinkPipe> tls_server_pipe(tcp::socket socket, std::shared_ptr<ssl::context> context) {
    return std::make_unique<TlsPipe>(std::move(socket), std::move(context), true, "");
}

}  // namespace wutong::collector
