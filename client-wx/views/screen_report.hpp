#pragma once

#include <filesystem>
#include <memory>

/// What is on the screen, as JSON in a file, for tests that drive the program from outside: every visible
/// window with its type, place, texts, value and focus. Off unless the program is started with --status-file;
/// it only reports, and what is typed into password fields is never in it.
namespace wutong::client {

class ScreenReport {
public:
    /// Written, and renamed into place, whenever something has changed.
    explicit ScreenReport(std::filesystem::path file);
    ~ScreenReport();
    ScreenReport(const ScreenReport&) = delete;
    ScreenReport& operator=(const ScreenReport&) = delete;

private:
    class Writer;
    std::unique_ptr<Writer> writer_;
};

}  // namespace wutong::client
