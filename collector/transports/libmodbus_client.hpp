#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "collector/platform/serial_port.hpp"
#include "collector/transports/late_answers.hpp"
#include "collector/transports/modbus_client.hpp"
#include "collector/transports/tcp_stream.hpp"

namespace wutong::collector {

struct LibmodbusOptions {
    std::chrono::milliseconds open_timeout{3'000};
    std::chrono::milliseconds late_answer_window{1'500};  ///< serial lines only; see RtuOptions
};

/// The same contract kept by libmodbus, for plain meters on local serial ports and Modbus TCP gateways; an
/// independent second opinion on ours. libmodbus blocks, so each exchange runs on `workers` (one at a time
/// for each client; the pool's size bounds the threads) while the coroutine waits.
///
/// What it can't do: function 20h (it reads 5 of the 15 bytes), a tap, skipping a late answer of another
/// meter (that is a wrong_unit fault here). It uses select(): a descriptor over 1023 is refused, not passed
/// on.
class LibmodbusClient final : public ModbusClient {
public:
    /// @pre `workers` outlives every exchange and is joined before the executor's context is destroyed
    /// (declare it after
    ///      the context): a worker lets go of the strand a moment after the coroutine has gone on
    LibmodbusClient(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& workers,
                    std::string path, SerialSettings settings, LibmodbusOptions options = {});
    /// @param endpoint  must be an address: libmodbus resolves no names here
    LibmodbusClient(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& workers,
                    TcpEndpoint endpoint, LibmodbusOptions options = {});
    ~LibmodbusClient() override;

    ReadOutcome read_registers(std::uint8_t unit, int function, std::uint16_t address, std::uint16_t count,
                               Milliseconds answer_timeout, Yield yield) override;
    WriteOutcome write_registers(std::uint8_t unit, std::uint16_t address, const protocols::Words& words,
                                 Milliseconds answer_timeout, Yield yield) override;
    /// Always `unsupported`; nothing is sent.
    WriteOutcome vendor_write(std::uint8_t unit, const protocols::VendorWriteRequest& request,
                              Milliseconds answer_timeout, Yield yield) override;
    [[nodiscard]] Deadline clear_at(std::uint8_t unit, int function) const override;
    void close() override;
    [[nodiscard]] const std::string& name() const override;

private:
    class Link;  // the libmodbus context; its header's macros stay out of ours
    ReadOutcome run(std::uint8_t unit, const protocols::Request& request, Milliseconds answer_timeout,
                    Yield yield);

    boost::asio::any_io_executor executor_;
    boost::asio::thread_pool& workers_;
    LibmodbusOptions options_;
    std::shared_ptr<Link> link_;
    LateAnswers late_;
    bool busy_ = false;
};

}  // namespace wutong::collector
