#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <set>

#include "collector/protocols/bytes.hpp"
#include "simulator/building.hpp"
#include "simulator/line_end.hpp"
#include "simulator/sim_clock.hpp"

namespace wutong::simulator {

/// What both kinds of gateway have in common: a port on 127.0.0.1, a few connections, and being dead.
class TcpGateway : public LineEnd {
public:
    /// More are accepted and closed at once, as small gateways do.
    static constexpr std::size_t kConnectionsMax = 8;

    [[nodiscard]] const LinePlan& plan() const override { return plan_; }
    [[nodiscard]] std::string endpoint() const override;
    [[nodiscard]] bool dead() const override { return dead_; }
    void set_dead(bool dead) override;
    void stop() override;

protected:
    class Connection;
    using ConnectionPtr = std::shared_ptr<Connection>;

    TcpGateway(const boost::asio::any_io_executor& executor, LinePlan plan);
    void listen();
    [[nodiscard]] const std::set<ConnectionPtr>& connections() const { return connections_; }
    [[nodiscard]] LineStats with_connections(LineStats stats) const;

    virtual void on_bytes(const ConnectionPtr& from, protocols::ByteView bytes) = 0;
    virtual void on_closed(const ConnectionPtr&) {}
    /// Sends in order. A connection that does not take its data away is closed.
    void send(const ConnectionPtr& to, protocols::Bytes bytes);
    void close(const ConnectionPtr& connection);

private:
    void accept();
    void read(const ConnectionPtr& from);
    void write(const ConnectionPtr& to);
    void close_all();

    boost::asio::any_io_executor executor_;
    LinePlan plan_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::set<ConnectionPtr> connections_;
    bool dead_ = false;
};

/// @throws std::runtime_error when the port is taken
[[nodiscard]] std::unique_ptr<LineEnd> make_modbus_tcp_gateway(const boost::asio::any_io_executor& executor,
                                                               const LinePlan& plan, Building& building,
                                                               const SimClock& clock);
[[nodiscard]] std::unique_ptr<LineEnd> make_rtu_over_tcp_gateway(const boost::asio::any_io_executor& executor,
                                                                 const LinePlan& plan, Building& building,
                                                                 const SimClock& clock);

/// Dials `plan.port` on this machine and names itself by `plan.registration`. @throws std::runtime_error
[[nodiscard]] std::unique_ptr<LineEnd> make_dial_in_gateway(const boost::asio::any_io_executor& executor,
                                                            const LinePlan& plan, Building& building,
                                                            const SimClock& clock);

}  // namespace wutong::simulator
