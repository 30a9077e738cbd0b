#include <windows.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "server/platform/service_host.hpp"

namespace wutong::server::platform {

namespace {

constexpr wchar_t kServiceName[] = L"wutong-server";
constexpr std::chrono::milliseconds kPause{200};

class WindowsHost final : public ServiceHost {
public:
    void ready(const std::string&) override { report(SERVICE_RUNNING); }
    /// The Service Control Manager has no place for a text.
    void status(const std::string&) override {}
    void stopping() override { report(SERVICE_STOP_PENDING); }
    void stopped(DWORD exit_code) {
        exit_code_ = exit_code;
        report(SERVICE_STOPPED);
    }
    void end() override {
        {
            const std::lock_guard lock{mutex_};
            ended_ = true;
        }
        changed_.notify_all();
    }
    /// The manager has no watchdog; its recovery settings restart a process that ended.
    void wait_for_end(const std::function<std::uint64_t()>&) override {
        std::unique_lock lock{mutex_};
        while (!ended_) {
            changed_.wait_for(lock, kPause);
        }
    }
    void attach(SERVICE_STATUS_HANDLE handle) { handle_ = handle; }

private:
    void report(DWORD state) {
        if (handle_ == nullptr) {
            return;
        }
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = state;
        status.dwControlsAccepted =
            state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
        status.dwWin32ExitCode = exit_code_ == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
        status.dwServiceSpecificExitCode = exit_code_;
        status.dwWaitHint = state == SERVICE_STOP_PENDING ? 10'000 : 0;
        SetServiceStatus(handle_, &status);
    }

    SERVICE_STATUS_HANDLE handle_ = nullptr;
    DWORD exit_code_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
};

// The manager calls back with nothing but the name: what it needs has to be found here.
WindowsHost* the_host = nullptr;
const std::function<int(ServiceHost&)>* the_body = nullptr;
std::atomic<int> the_exit_status{0};

DWORD WINAPI on_control(DWORD control, DWORD, void*, void*) {
    if (control == SERVICE_CONTROL_STOP || control == SERVICE_CONTROL_SHUTDOWN) {
        the_host->stopping();
        the_host->end();
        return NO_ERROR;
    }
    return control == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

void WINAPI service_main(DWORD, wchar_t**) {
    the_host->attach(RegisterServiceCtrlHandlerExW(kServiceName, on_control, nullptr));
    the_exit_status = (*the_body)(*the_host);
    the_host->stopped(static_cast<DWORD>(the_exit_status.load()));
}

BOOL WINAPI on_console(DWORD event) {
    if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT || event == CTRL_CLOSE_EVENT) {
        the_host->end();
        return TRUE;
    }
    return FALSE;
}

}  // namespace

int run_as_service(const std::function<int(ServiceHost&)>& body) {
    WindowsHost host;
    the_host = &host;
    the_body = &body;
    wchar_t name[] = L"wutong-server";
    const SERVICE_TABLE_ENTRYW table[] = {{name, service_main}, {nullptr, nullptr}};
    if (StartServiceCtrlDispatcherW(table) != 0) {
        return the_exit_status;
    }
    // Not started by the manager: a console.
    SetConsoleCtrlHandler(on_console, TRUE);
    return body(host);
}

}  // namespace wutong::server::platform
