#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace wutong::collector {

/// What the operating system's service manager wants to hear. Without one, nobody listens.
class ServiceHost {
public:
    ServiceHost() = default;
    ServiceHost(const ServiceHost&) = delete;
    ServiceHost& operator=(const ServiceHost&) = delete;
    virtual ~ServiceHost() = default;
    virtual void ready(const std::string& status) = 0;
    virtual void status(const std::string& text) = 0;
    /// To be called at least this often, or the manager restarts us; 0: nobody waits for it.
    [[nodiscard]] virtual std::chrono::microseconds watchdog_period() const = 0;
    virtual void alive() = 0;
    virtual void stopping() = 0;
};

/// Runs `body` under the service manager, or in the foreground when there is none.
/// @param request_stop called, once, from another thread when the service is to end (SIGTERM, SIGINT, or the
/// manager's word)
/// @return the process's exit status
int run_as_service(const std::string& name, const std::function<int(ServiceHost&)>& body,
                   const std::function<void()>& request_stop);

}  // namespace wutong::collector
