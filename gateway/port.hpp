#pragma once

#include <memory>
#include <optional>

#include "collector/platform/serial_port.hpp"
#include "collector/protocols/gateway_hello.hpp"
#include "collector/transports/link_pipe.hpp"

namespace wutong::gateway {

/// One connection after its greeting.
class Session {
public:
    Session(std::unique_ptr<collector::LinkPipe> carried_by, std::string from)
        : pipe{std::move(carried_by)}, peer{std::move(from)} {}
    const std::unique_ptr<collector::LinkPipe> pipe;
    const std::string peer;
    protocols::GatewayHello hello;
    bool greeted = false;  ///< before that nobody but the greeting writes
};

/// A serial port and who has it. A newer session takes it from an older one.
class Port : public std::enable_shared_from_this<Port> {
public:
    Port(collector::AnyExecutor executor, std::string name, std::string device);

    [[nodiscard]] const std::string& name() const { return name_; }
    /// The session gets the port, opened with the settings of its hello; whoever had it is hung up.
    /// @return empty, or why the port can't be used
    std::string take(const std::shared_ptr<Session>& session);
    /// Keeps the silence that frames need between them. Bytes of somebody who has lost the port are dropped.
    /// @return false when the port is gone
    bool write(const Session& from, protocols::ByteView bytes, collector::Yield yield);
    void leave(const Session& session);
    void close();

private:
    /// The opened device. Read and written at the same time, by a coroutine each.
    struct Line {
        explicit Line(const collector::AnyExecutor& executor) : device{executor} {}
        collector::SerialIo device;
        collector::LineTiming timing;
        bool writing = false;
    };
    void listen(std::shared_ptr<Line> line);
    void close_line();

    collector::AnyExecutor executor_;
    std::string name_;
    std::string device_;
    std::shared_ptr<Line> line_;
    std::optional<protocols::GatewayHello> opened_for_;
    std::shared_ptr<Session> session_;
    collector::Deadline last_byte_{};
};

}  // namespace wutong::gateway
