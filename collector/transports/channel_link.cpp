#include "collector/transports/channel_link.hpp"

#include <stdexcept>

#include "collector/transports/gateway_stream.hpp"
#include "collector/transports/libmodbus_client.hpp"
#include "collector/transports/rtu_client.hpp"
#include "collector/transports/serial_stream.hpp"
#include "collector/transports/tcp_client.hpp"
#include "collector/transports/tcp_stream.hpp"

namespace wutong::collector {
namespace {

TcpEndpoint require_endpoint(const LinkSettings& settings) {
    auto endpoint = parse_tcp_endpoint(settings.endpoint);
    if (!endpoint) {
        throw std::invalid_argument("endpoint \"" + settings.endpoint +
                                    "\" is not host:port, e.g. 10.0.0.7:502");
    }
    return *endpoint;
}

#ifndef _WIN32
std::unique_ptr<ModbusClient> make_libmodbus(const boost::asio::any_io_executor& executor,
                                             boost::asio::thread_pool& workers,
                                             const LinkSettings& settings) {
    const LibmodbusOptions options{settings.open_timeout, settings.late_answer_window};
    switch (settings.transport) {
        case Transport::serial:
            return std::make_unique<LibmodbusClient>(executor, workers, settings.endpoint, settings.serial,
                                                     options);
        case Transport::modbus_tcp:
            return std::make_unique<LibmodbusClient>(executor, workers, require_endpoint(settings), options);
        default:
            break;
    }
    throw std::invalid_argument(
        "libmodbus does neither speak RTU over TCP nor take links that gateways opened: use the driver "
        "\"own\" for " +
        settings.endpoint);
}
#else
std::unique_ptr<ModbusClient> make_libmodbus(const boost::asio::any_io_executor&, boost::asio::thread_pool&,
                                             const LinkSettings& settings) {
    throw std::invalid_argument("the driver \"libmodbus\" is for Linux: use \"own\" for " +
                                settings.endpoint);
}
#endif

/// A serial server keeps the gap on its own line; what we need to know is how long the bytes take there.
LineTiming timing_behind(const SerialSettings& serial) {
    LineTiming timing = serial_timing(serial.baud, bits_per_character(serial));
    timing.gap = timing.turnaround = std::chrono::nanoseconds{0};
    return timing;
}

std::unique_ptr<ByteStream> dialled_in(const boost::asio::any_io_executor& executor,
                                       const LinkSettings& settings) {
    const auto parsed = core::parse_dial_in_name(settings.endpoint);
    if (const auto* bad = std::get_if<core::BadName>(&parsed)) {
        throw std::invalid_argument("endpoint " + bad->why);
    }
    if (!settings.dial_in) {
        throw std::invalid_argument(
            "this collector does not listen for gateways that dial in: give it an "
            "address under [dial_in] listen");
    }
    return settings.dial_in->stream(executor, std::get<core::DialInName>(parsed), settings.owner,
                                    timing_behind(settings.serial));
}

std::unique_ptr<ByteStream> behind_gateway(const boost::asio::any_io_executor& executor,
                                           const LinkSettings& settings, LinkSuite suite) {
    const auto parsed = core::parse_gateway_port_name(settings.endpoint);
    if (const auto* bad = std::get_if<core::BadName>(&parsed)) {
        throw std::invalid_argument("endpoint " + bad->why);
    }
    if (!settings.gateways) {
        throw std::invalid_argument("this collector has no [gateway_link] in its configuration");
    }
    protocols::GatewayHello hello;
    hello.channel = settings.owner;
    hello.epoch = settings.epoch;
    hello.baud = settings.serial.baud;
    hello.parity = parity_letter(settings.serial.parity);
    hello.stop_bits = settings.serial.stop_bits;
    return std::make_unique<GatewayStream>(executor, std::get<core::GatewayPortName>(parsed), suite,
                                           settings.gateways, std::move(hello),
                                           timing_behind(settings.serial));
}

std::unique_ptr<ByteStream> make_path(const boost::asio::any_io_executor& executor,
                                      const LinkSettings& settings) {
    switch (settings.transport) {
        case Transport::serial:
            return std::make_unique<SerialStream>(executor, settings.endpoint, settings.serial,
                                                  settings.turnaround);
        case Transport::rtu_over_tcp:
            return std::make_unique<TcpStream>(executor, require_endpoint(settings),
                                               timing_behind(settings.serial));
        case Transport::dial_in:
            return dialled_in(executor, settings);
        case Transport::gateway_tls:
            return behind_gateway(executor, settings, LinkSuite::tls);
        case Transport::gateway_3des:
            return behind_gateway(executor, settings, LinkSuite::triple_des);
        case Transport::gateway_plain:
            return behind_gateway(executor, settings, LinkSuite::plain);
        case Transport::modbus_tcp:
            break;
    }
    return std::make_unique<TcpStream>(executor, require_endpoint(settings));
}

std::unique_ptr<ByteStream> make_stream(const boost::asio::any_io_executor& executor,
                                        const LinkSettings& settings) {
    auto main = make_path(executor, settings);
    if (settings.standby_endpoint.empty()) {
        return main;
    }
    auto other = settings;
    other.endpoint = settings.standby_endpoint;
    return std::make_unique<StandbyStream>(executor, std::move(main), make_path(executor, other),
                                           settings.standby_rules, settings.path_told);
}

std::unique_ptr<FramedClient> make_own(const boost::asio::any_io_executor& executor,
                                       const LinkSettings& settings) {
    auto stream = make_stream(executor, settings);
    if (settings.transport == Transport::modbus_tcp) {
        return std::make_unique<TcpClient>(executor, std::move(stream),
                                           TcpClientOptions{settings.open_timeout});
    }
    RtuOptions rtu;
    rtu.open_timeout = settings.open_timeout;
    rtu.late_answer_window = settings.late_answer_window;
    return std::make_unique<RtuClient>(executor, std::move(stream), rtu);
}

}  // namespace

const char* to_string(Transport transport) {
    switch (transport) {
        case Transport::serial:
            return "serial";
        case Transport::modbus_tcp:
            return "modbus_tcp";
        case Transport::rtu_over_tcp:
            return "rtu_over_tcp";
        case Transport::dial_in:
            return "dial_in";
        case Transport::gateway_tls:
            return "gateway_tls";
        case Transport::gateway_3des:
            return "gateway_3des";
        case Transport::gateway_plain:
            return "gateway_plain";
    }
    return "unknown";
}

std::optional<Transport> parse_transport(const std::string& text) {
    for (const auto transport :
         {Transport::serial, Transport::modbus_tcp, Transport::rtu_over_tcp, Transport::dial_in,
          Transport::gateway_tls, Transport::gateway_3des, Transport::gateway_plain}) {
        if (text == to_string(transport)) {
            return transport;
        }
    }
    return std::nullopt;
}

std::unique_ptr<ModbusClient> make_modbus_client(const boost::asio::any_io_executor& executor,
                                                 boost::asio::thread_pool& workers,
                                                 const LinkSettings& settings, Tap tap) {
    if (settings.endpoint.empty()) {
        throw std::invalid_argument("a channel needs an endpoint: a serial device or host:port");
    }
    if (settings.serial.baud < 300 || settings.serial.baud > 115'200) {
        throw std::invalid_argument("baud " + std::to_string(settings.serial.baud) + " is out of range");
    }
    if (settings.driver == Driver::libmodbus) {
        if (tap) {
            throw std::invalid_argument("libmodbus channels can't be tapped: use the driver \"own\" for " +
                                        settings.endpoint);
        }
        return make_libmodbus(executor, workers, settings);
    }
    auto client = make_own(executor, settings);
    client->set_tap(std::move(tap));
    return client;
}

}  // namespace wutong::collector
