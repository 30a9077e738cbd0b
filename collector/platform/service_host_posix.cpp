#include <systemd/sd-daemon.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <thread>

#include "collector/platform/service_host.hpp"

namespace wutong::collector {

namespace {

class SystemdHost final : public ServiceHost {
public:
    SystemdHost() {
        std::uint64_t period = 0;
        if (::sd_watchdog_enabled(0, &period) > 0) {
            watchdog_ = std::chrono::microseconds{static_cast<std::int64_t>(period)};
        }
    }
    void ready(const std::string& text) override { ::sd_notify(0, ("READY=1\nSTATUS=" + text).c_str()); }
    void status(const std::string& text) override { ::sd_notify(0, ("STATUS=" + text).c_str()); }
    [[nodiscard]] std::chrono::microseconds watchdog_period() const override { return watchdog_; }
    void alive() override { ::sd_notify(0, "WATCHDOG=1"); }
    void stopping() override { ::sd_notify(0, "STOPPING=1"); }

private:
    std::chrono::microseconds watchdog_{0};
};

}  // namespace

int run_as_service(const std::string&, const std::function<int(ServiceHost&)>& body,
                   const std::function<void()>& request_stop) {
    // Blocked before any thread starts, so that only ours takes them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    std::atomic<bool> ended{false};
    std::thread listener{[&] {
        bool requested = false;
        const timespec patience{0, 200'000'000};
        while (!ended) {
            const int signal = ::sigtimedwait(&signals, nullptr, &patience);
            // Nothing is read again on SIGHUP, but a closed terminal must not kill a daemon in mid-delivery
            // either.
            if ((signal == SIGTERM || signal == SIGINT) && !requested) {
                requested = true;
                request_stop();
            }
        }
    }};
    SystemdHost host;
    int status = 1;
    try {
        status = body(host);
    } catch (...) {
        ended = true;
        listener.join();
        throw;
    }
    host.stopping();
    ended = true;
    listener.join();
    return status;
}

}  // namespace wutong::collector
