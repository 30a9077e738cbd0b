#pragma once

#include <chrono>
#include <thread>

namespace wutong::tests {

/// Waits until it is so. @return false when it never was
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = std::chrono::seconds{8}) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace wutong::tests
