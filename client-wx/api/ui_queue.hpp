#pragma once

#include <functional>

namespace wutong::client {

/// How other threads reach the UI thread: wxTheApp->CallAfter in the client, a list in tests.
class UiQueue {
public:
    virtual ~UiQueue() = default;
    /// From any thread; runs later on the UI thread, in the order of posting.
    virtual void post(std::function<void()> run) = 0;
};

}  // namespace wutong::client
