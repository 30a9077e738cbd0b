#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace wutong::client {

/// Ends the listening when destroyed. May outlive what it listens to.
class [[nodiscard]] Subscription {
public:
    Subscription() = default;
    explicit Subscription(std::shared_ptr<void> slot) : slot_{std::move(slot)} {}
    void end() { slot_.reset(); }

private:
    std::shared_ptr<void> slot_;
};

/// Who wants to be told of something. UI thread only.
///
/// A listener may subscribe and unsubscribe while it is being told; one that was dropped meanwhile is not
/// called any more, one that came meanwhile is called from the next time on.
template <class... Arguments>
class Listeners {
public:
    using Listener = std::function<void(Arguments...)>;

    Subscription add(Listener listener) {
        auto slot = std::make_shared<Listener>(std::move(listener));
        slots_.push_back(slot);
        return Subscription{std::move(slot)};
    }

    void tell(Arguments... arguments) {
        const auto now = slots_;
        for (const auto& weak : now) {
            // Held for the length of the call, since a listener may drop itself.
            if (const auto slot = weak.lock()) {
                (*slot)(arguments...);
            }
        }
        std::erase_if(slots_, [](const auto& weak) { return weak.expired(); });
    }

private:
    std::vector<std::weak_ptr<Listener>> slots_;
};

}  // namespace wutong::client
