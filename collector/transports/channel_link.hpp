#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "collector/platform/serial_port.hpp"
#include "collector/transports/dial_in_hub.hpp"
#include "collector/transports/modbus_client.hpp"
#include "collector/transports/standby_stream.hpp"

namespace wutong::collector {

struct GatewayLinks;

enum class Transport {
    serial,
    modbus_tcp,
    rtu_over_tcp,
    dial_in,        ///< the gateway opens the link: DialInHub
    gateway_tls,    ///< wutong-gateway, TLS 1.3
    gateway_3des,   ///< wutong-gateway, triple-DES suite
    gateway_plain,  ///< wutong-gateway, not encrypted
};
[[nodiscard]] const char* to_string(Transport transport);
[[nodiscard]] std::optional<Transport> parse_transport(const std::string& text);

enum class Driver {
    own,        ///< everything, vendor functions included
    libmodbus,  ///< plain meters on serial ports and Modbus TCP
};

/// All that is needed to talk with the meters behind one channel.
struct LinkSettings {
    Transport transport = Transport::serial;
    /// "/dev/ttyS0", "10.0.0.7:502", for dial_in a core::DialInName, for gateway_* a core::GatewayPortName
    std::string endpoint;
    std::string standby_endpoint;  ///< a second path of the same kind; empty: none
    SerialSettings serial;         ///< also the line behind a serial server (rtu_over_tcp, dial_in)
    Driver driver = Driver::own;
    std::chrono::milliseconds open_timeout{3'000};
    std::chrono::milliseconds late_answer_window{1'500};
    std::chrono::microseconds turnaround{0};
    std::string owner;                             ///< the channel, where two must not use the same link
    std::int64_t epoch = 0;                        ///< of the channel's lease, for gateways that know it
    std::shared_ptr<DialInHub> dial_in;            ///< for dial_in; none: this collector does not listen
    std::shared_ptr<const GatewayLinks> gateways;  ///< for gateway_*
    StandbyRules standby_rules;
    std::function<void(bool on_standby)> path_told;  ///< on each change of the path, from the executor
};

/// @param executor  the strand on which the channel's coroutine runs
/// @param workers   only used by libmodbus; must outlive the client and be joined before the context is
/// destroyed
/// @param tap       sees every byte; refused with libmodbus
/// @throws std::invalid_argument naming the setting that is wrong
[[nodiscard]] std::unique_ptr<ModbusClient> make_modbus_client(const boost::asio::any_io_executor& executor,
                                                               boost::asio::thread_pool& workers,
                                                               const LinkSettings& settings, Tap tap = {});

}  // namespace wutong::collector
