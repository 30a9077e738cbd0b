#pragma once

#include <cstdint>
#include <functional>
#include <string>

/// How the operating system's service manager and this process talk: systemd on Linux, the Service Control
/// Manager on Windows; from a terminal neither is there and everything still works.
namespace wutong::server::platform {

class ServiceHost {
public:
    virtual ~ServiceHost() = default;

    /// Work has begun. `status` is for people ("waiting for the database").
    virtual void ready(const std::string& status) = 0;
    virtual void status(const std::string& text) = 0;
    virtual void stopping() = 0;

    /// Blocks until somebody asks the process to end, or end() was called. Meanwhile `heartbeat` is asked
    /// again and again; the service manager's watchdog is fed only while its answer changes.
    virtual void wait_for_end(const std::function<std::uint64_t()>& heartbeat) = 0;
    /// Callable from any thread.
    virtual void end() = 0;
};

/// Runs `body` as a service where the process was started as one, and otherwise simply runs it.
/// @return the process's exit status
int run_as_service(const std::function<int(ServiceHost&)>& body);

}  // namespace wutong::server::platform
