#include <windows.h>

#include <algorithm>
#include <array>

#include "collector/platform/serial_port.hpp"

namespace wutong::collector {
namespace {

constexpr std::size_t kPendingMax = 64 * 1024;

std::string last_error_text() {
    const DWORD code = ::GetLastError();
    std::array<char, 512> text{};
    const DWORD length = ::FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                                          code, 0, text.data(), static_cast<DWORD>(text.size()), nullptr);
    std::string message{text.data(), length};
    while (!message.empty() && (message.back() == '\n' || message.back() == '\r' || message.back() == '.')) {
        message.pop_back();
    }
    return message + " (" + std::to_string(code) + ")";
}

void fill(DCB& line, const SerialSettings& settings) {
    line.BaudRate = static_cast<DWORD>(settings.baud);
    line.ByteSize = 8;
    line.StopBits = settings.stop_bits == 2 ? TWOSTOPBITS : ONESTOPBIT;
    line.fBinary = TRUE;
    line.fParity = settings.parity != Parity::none;
    line.Parity = settings.parity == Parity::even  ? EVENPARITY
                  : settings.parity == Parity::odd ? ODDPARITY
                                                   : NOPARITY;
    line.fOutxCtsFlow = FALSE;
    line.fOutxDsrFlow = FALSE;
    line.fDsrSensitivity = FALSE;
    line.fOutX = FALSE;
    line.fInX = FALSE;
    line.fNull = FALSE;
    line.fErrorChar = FALSE;
    line.fAbortOnError = FALSE;
    line.fDtrControl = DTR_CONTROL_ENABLE;
    line.fRtsControl = RTS_CONTROL_ENABLE;
}

}  // namespace

std::variant<SerialIo::native_handle_type, std::string> open_serial_port(const std::string& path,
                                                                         const SerialSettings& settings) {
    const auto fault = [&](const std::string& why) { return path + ": " + why; };
    constexpr std::array kSpeeds{300, 600, 1200, 2400, 4800, 9600, 19'200, 38'400, 57'600, 115'200};
    if (std::find(kSpeeds.begin(), kSpeeds.end(), settings.baud) == kSpeeds.end()) {
        return fault("no such speed: " + std::to_string(settings.baud) + " baud");
    }
    if (settings.stop_bits != 1 && settings.stop_bits != 2) {
        return fault("stop bits must be 1 or 2, not " + std::to_string(settings.stop_bits));
    }
    // Ports from COM10 on are only found with the device prefix; it does no harm to the others.
    const std::string device = path.rfind("\\\\.\\", 0) == 0 ? path : "\\\\.\\" + path;
    // No sharing: Windows refuses a second opening by itself.
    HANDLE port = ::CreateFileA(device.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                                FILE_FLAG_OVERLAPPED, nullptr);
    if (port == INVALID_HANDLE_VALUE) {
        return fault(::GetLastError() == ERROR_ACCESS_DENIED ? "in use by another process"
                                                             : "cannot be opened: " + last_error_text());
    }
    DCB line{};
    line.DCBlength = sizeof line;
    if (!::GetCommState(port, &line)) {
        auto why = "settings cannot be read: " + last_error_text();
        ::CloseHandle(port);
        return fault(why);
    }
    fill(line, settings);
    // A read ends with the first bytes that are there and otherwise waits: deadlines are kept by the caller's
    // timer.
    COMMTIMEOUTS timeouts{};
    timeouts.ReadIntervalTimeout = MAXDWORD;
    timeouts.ReadTotalTimeoutMultiplier = MAXDWORD;
    timeouts.ReadTotalTimeoutConstant = MAXDWORD - 1;
    if (!::SetCommState(port, &line) || !::SetCommTimeouts(port, &timeouts)) {
        auto why = "settings were refused: " + last_error_text();
        ::CloseHandle(port);
        return fault(why);
    }
    ::PurgeComm(port, PURGE_RXCLEAR | PURGE_TXCLEAR);
    return port;
}

std::string set_serial_line(SerialIo& port, const SerialSettings& settings) {
    DCB line{};
    line.DCBlength = sizeof line;
    // FlushFileBuffers waits until all has gone out.
    if (!::FlushFileBuffers(port.native_handle()) || !::GetCommState(port.native_handle(), &line)) {
        return "settings cannot be read: " + last_error_text();
    }
    fill(line, settings);
    return ::SetCommState(port.native_handle(), &line) ? std::string{}
                                                       : "settings were refused: " + last_error_text();
}

PendingInput take_serial_input(SerialIo& port, protocols::Bytes* into) {
    PendingInput pending;
    DWORD errors = 0;
    COMSTAT status{};
    if (!::ClearCommError(port.native_handle(), &errors, &status)) {
        pending.hung_up = true;
        return pending;
    }
    const auto waiting = std::min<std::size_t>(status.cbInQue, kPendingMax);
    if (waiting == 0) {
        return pending;
    }
    protocols::Bytes bytes(waiting);
    OVERLAPPED overlapped{};
    overlapped.hEvent = ::CreateEventA(nullptr, TRUE, FALSE, nullptr);
    if (overlapped.hEvent == nullptr) {
        pending.hung_up = true;
        return pending;
    }
    // The low bit keeps this completion away from the completion port that the handle is bound to.
    const HANDLE event = overlapped.hEvent;
    overlapped.hEvent = reinterpret_cast<HANDLE>(reinterpret_cast<ULONG_PTR>(event) | 1);
    DWORD count = 0;
    const BOOL started = ::ReadFile(port.native_handle(), bytes.data(), static_cast<DWORD>(bytes.size()),
                                    nullptr, &overlapped);
    if (!started && ::GetLastError() != ERROR_IO_PENDING) {
        pending.hung_up = true;
    } else if (!::GetOverlappedResult(port.native_handle(), &overlapped, &count, TRUE)) {
        pending.hung_up = true;
    }
    ::CloseHandle(event);
    pending.count = count;
    if (into != nullptr) {
        into->insert(into->end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return pending;
}

}  // namespace wutong::collector
