#include <signal.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <chrono>

#include "server/platform/service_host.hpp"

namespace wutong::server::platform {

namespace {

/// The loop that is watched moves every few seconds; so long it may stand still while the database is slow.
constexpr std::chrono::seconds kStandstillMax{60};

sigset_t end_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

class SystemdHost final : public ServiceHost {
public:
    void ready(const std::string& status) override { sd_notifyf(0, "READY=1\nSTATUS=%s", status.c_str()); }
    void status(const std::string& text) override { sd_notifyf(0, "STATUS=%s", text.c_str()); }
    void stopping() override { sd_notify(0, "STOPPING=1"); }
    void end() override { ended_ = true; }

    void wait_for_end(const std::function<std::uint64_t()>& heartbeat) override {
        std::uint64_t watchdog_us = 0;
        const bool watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
        const auto signals = end_signals();
        auto last_beat = heartbeat();
        auto moved_at = std::chrono::steady_clock::now();
        while (!ended_.load()) {
            const timespec pause{.tv_sec = 0, .tv_nsec = 200'000'000};
            if (sigtimedwait(&signals, nullptr, &pause) > 0) {
                return;
            }
            const auto now = std::chrono::steady_clock::now();
            if (const auto beat = heartbeat(); beat != last_beat) {
                last_beat = beat;
                moved_at = now;
            }
            if (watched && now - moved_at < kStandstillMax) {
                sd_notify(0, "WATCHDOG=1");
            }
        }
    }

private:
    std::atomic<bool> ended_{false};
};

}  // namespace

int run_as_service(const std::function<int(ServiceHost&)>& body) {
    // Before any thread is made, so that all inherit it: the signals are for wait_for_end() alone.
    const auto signals = end_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    SystemdHost host;
    return body(host);
}

}  // namespace wutong::server::platform
