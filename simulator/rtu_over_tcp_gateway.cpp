#include "simulator/tcp_connection.hpp"
#include "simulator/wire.hpp"

namespace wutong::simulator {
namespace {

/// A transparent serial server. It packs what it hears on the bus: not every byte goes out on its own.
constexpr std::size_t kPackedBytes = 16;

class RtuOverTcpGateway : public TcpGateway {
public:
    RtuOverTcpGateway(const boost::asio::any_io_executor& executor, const LinePlan& plan, Building& building,
                      const SimClock& clock)
        : TcpGateway{executor, plan},
          line_{make_wire(executor, this->plan(), building, clock, kPackedBytes,
                          [this](protocols::ByteView bytes) { put(bytes); })} {
        listen();
    }

    [[nodiscard]] LineStats stats() const override { return with_connections(line_->stats()); }

    void stop() override {
        line_->stop();
        TcpGateway::stop();
    }

private:
    void on_bytes(const ConnectionPtr&, protocols::ByteView bytes) override { line_->receive(bytes); }

    /// The bus has no addressees: whoever is connected hears the answer.
    void put(protocols::ByteView bytes) {
        const auto listeners = connections();
        for (const auto& connection : listeners) {
            send(connection, {bytes.begin(), bytes.end()});
        }
    }

    std::unique_ptr<Wire> line_;
};

}  // namespace

std::unique_ptr<LineEnd> make_rtu_over_tcp_gateway(const boost::asio::any_io_executor& executor,
                                                   const LinePlan& plan, Building& building,
                                                   const SimClock& clock) {
    return std::make_unique<RtuOverTcpGateway>(executor, plan, building, clock);
}

}  // namespace wutong::simulator
