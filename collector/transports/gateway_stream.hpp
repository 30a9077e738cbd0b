#pragma once

#include <optional>

#include "collector/protocols/gateway_hello.hpp"
#include "collector/transports/link_pipe.hpp"
#include "collector/transports/timed_io.hpp"
#include "core/link_names.hpp"

namespace wutong::collector {

enum class LinkSuite { tls, triple_des, plain };

/// What a collector needs for all its links to gateways. The certificates are read when the first link is
/// opened.
struct GatewayLinks {
    TlsFiles tls;
    std::string key_name = "collector";  ///< under which gateways know our triple-DES secrets
    std::filesystem::path secrets;       ///< a file for each gateway, named as its host in the endpoint
};

/// A serial port behind a wutong-gateway. Each opening says whose port it wants and with which epoch, so that
/// a collector that lost its lease is refused by the gateway itself.
class GatewayStream final : public ByteStream {
public:
    /// @param links  not null
    GatewayStream(const AnyExecutor& executor, core::GatewayPortName gateway, LinkSuite suite,
                  std::shared_ptr<const GatewayLinks> links, protocols::GatewayHello hello,
                  LineTiming timing);
    ~GatewayStream() override;

    StreamResult open(Deadline deadline, Yield yield) override;
    void close() override;
    [[nodiscard]] bool is_open() const override { return pipe_ != nullptr; }
    StreamResult write(protocols::ByteView bytes, Deadline deadline, Yield yield) override;
    StreamResult read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) override;
    std::size_t take_pending(protocols::Bytes* into) override;
    /// The gateway drops what the bus says while nobody is connected.
    [[nodiscard]] bool reopening_discards() const override { return true; }
    [[nodiscard]] LineTiming timing() const override { return timing_; }
    [[nodiscard]] const std::string& name() const override { return name_; }

private:
    std::unique_ptr<LinkPipe> make_pipe(boost::asio::ip::tcp::socket socket) const;
    std::string greet(LinkPipe& pipe, Yield yield) const;
    StreamFault closed(const std::string& why);

    AnyExecutor executor_;
    detail::TimedIo timed_;
    core::GatewayPortName gateway_;
    LinkSuite suite_;
    std::shared_ptr<const GatewayLinks> links_;
    protocols::GatewayHello hello_;
    LineTiming timing_;
    std::string name_;
    /// Shared with the operation under way: close() may come from outside while it waits.
    std::shared_ptr<LinkPipe> pipe_;
};

}  // namespace wutong::collector
