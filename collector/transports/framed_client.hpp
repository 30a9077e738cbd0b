#pragma once

#include <memory>
#include <optional>

#include "collector/transports/modbus_client.hpp"

namespace wutong::collector {

/// What our two clients share: requests and replies as PDUs. The framing is in `exchange`.
class FramedClient : public ModbusClient {
public:
    ReadOutcome read_registers(std::uint8_t unit, int function, std::uint16_t address, std::uint16_t count,
                               Milliseconds answer_timeout, Yield yield) final;
    WriteOutcome write_registers(std::uint8_t unit, std::uint16_t address, const protocols::Words& words,
                                 Milliseconds answer_timeout, Yield yield) final;
    WriteOutcome vendor_write(std::uint8_t unit, const protocols::VendorWriteRequest& request,
                              Milliseconds answer_timeout, Yield yield) final;

    /// Every byte with its time, for benches and logs.
    void set_tap(Tap tap) { stream_->set_tap(std::move(tap)); }
    void close() override { stream_->close(); }
    [[nodiscard]] const std::string& name() const final { return stream_->name(); }

protected:
    FramedClient(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream)
        : executor_{executor}, stream_{std::move(stream)} {}

    /// The words of the answer (none for a write), or why there is none. `request_pdu` is `request`, encoded.
    virtual ReadOutcome exchange(std::uint8_t unit, const protocols::Request& request,
                                 protocols::ByteView request_pdu, Milliseconds answer_timeout,
                                 Yield yield) = 0;

    /// Held during an exchange. @throws std::logic_error when one is under way
    class Turn {
    public:
        explicit Turn(FramedClient& client);
        ~Turn() { busy_ = false; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        bool& busy_;
    };

    /// Checks the reply's content.
    [[nodiscard]] ReadOutcome read_reply(protocols::ByteView pdu, const protocols::Request& request) const;
    [[nodiscard]] ModbusFault fault(ModbusFault::Kind kind, bool request_sent, const std::string& what) const;
    /// A closed stream's own words, without naming the peer twice.
    [[nodiscard]] static ModbusFault closed(const StreamFault& why, bool request_sent) {
        return {ModbusFault::Kind::closed, {}, request_sent, why.detail};
    }

    boost::asio::any_io_executor executor_;
    std::unique_ptr<ByteStream> stream_;

private:
    ReadOutcome run(std::uint8_t unit, const protocols::Request& request, Milliseconds answer_timeout,
                    Yield yield);

    bool busy_ = false;
};

/// The fault of a bad reply, for both clients.
[[nodiscard]] ModbusFault::Kind fault_kind(protocols::ReplyFault::Kind kind);

}  // namespace wutong::collector
