#include <windows.h>

#include <atomic>
#include <vector>

#include "collector/platform/service_host.hpp"

namespace wutong::collector {

namespace {

/// The service control manager calls plain functions, so what they need is kept here; there is one service
/// per process.
struct ServiceState {
    std::string name;
    const std::function<int(ServiceHost&)>* body = nullptr;
    const std::function<void()>* request_stop = nullptr;
    SERVICE_STATUS_HANDLE handle = nullptr;
    std::atomic<bool> stop_requested{false};
    int exit_status = 1;
};
ServiceState g_service;

void report(DWORD state, DWORD exit_code = NO_ERROR) {
    if (g_service.handle == nullptr) {
        return;
    }
    SERVICE_STATUS status{};
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = state;
    status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
    status.dwWin32ExitCode = exit_code;
    status.dwWaitHint = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING ? 10'000 : 0;
    ::SetServiceStatus(g_service.handle, &status);
}

class WindowsHost final : public ServiceHost {
public:
    void ready(const std::string&) override { report(SERVICE_RUNNING); }
    void status(const std::string&) override {}
    // The manager has no watchdog; restarts after a failure are set up with the service (sc failure).
    [[nodiscard]] std::chrono::microseconds watchdog_period() const override {
        return std::chrono::microseconds{0};
    }
    void alive() override {}
    void stopping() override { report(SERVICE_STOP_PENDING); }
};

void stop_once() {
    if (!g_service.stop_requested.exchange(true)) {
        (*g_service.request_stop)();
    }
}

DWORD WINAPI on_control(DWORD control, DWORD, LPVOID, LPVOID) {
    switch (control) {
        case SERVICE_CONTROL_STOP:
        case SERVICE_CONTROL_SHUTDOWN:
            report(SERVICE_STOP_PENDING);
            stop_once();
            return NO_ERROR;
        case SERVICE_CONTROL_INTERROGATE:
            return NO_ERROR;
        default:
            return ERROR_CALL_NOT_IMPLEMENTED;
    }
}

BOOL WINAPI on_console(DWORD) {
    stop_once();
    return TRUE;
}

void WINAPI service_main(DWORD, LPSTR*) {
    g_service.handle = ::RegisterServiceCtrlHandlerExA(g_service.name.c_str(), on_control, nullptr);
    if (g_service.handle == nullptr) {
        return;
    }
    report(SERVICE_START_PENDING);
    WindowsHost host;
    try {
        g_service.exit_status = (*g_service.body)(host);
    } catch (...) {
        g_service.exit_status = 1;
    }
    report(SERVICE_STOPPED, g_service.exit_status == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR);
}

}  // namespace

int run_as_service(const std::string& name, const std::function<int(ServiceHost&)>& body,
                   const std::function<void()>& request_stop) {
    g_service.name = name;
    g_service.body = &body;
    g_service.request_stop = &request_stop;
    std::vector<char> writable(name.begin(), name.end());
    writable.push_back('\0');
    const SERVICE_TABLE_ENTRYA table[] = {{writable.data(), service_main}, {nullptr, nullptr}};
    if (::StartServiceCtrlDispatcherA(table) != 0) {
        return g_service.exit_status;
    }
    if (::GetLastError() != ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
        return 1;
    }
    // Not started by the manager: in the foreground, Ctrl-C ends it.
    ::SetConsoleCtrlHandler(on_console, TRUE);
    WindowsHost host;
    return body(host);
}

}  // namespace wutong::collector
