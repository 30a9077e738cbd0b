#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wutong::collector {

struct Message {
    std::string topic;
    std::string payload;
    bool retained = false;  ///< the broker kept it: nobody knows since when
};

/// A line on which meters speak by themselves. It looks after its connection alone, and keeps what has come
/// until it is taken; all calls on its executor.
class MessageLine {
public:
    MessageLine() = default;
    MessageLine(const MessageLine&) = delete;
    MessageLine& operator=(const MessageLine&) = delete;
    virtual ~MessageLine() = default;

    /// Topic filters; replaces what was asked for before. Connects when called for the first time.
    virtual void listen(std::vector<std::string> topics) = 0;
    [[nodiscard]] virtual std::optional<Message> take() = 0;
    /// A message that nobody here wanted: what brought it is given up.
    virtual void unwanted(const std::string& topic) = 0;
    /// At most once, now or never: an order must not arrive when it is no longer wanted.
    /// @return it has left this machine, as far as can be told
    virtual bool publish(const Message& message) = 0;
    /// Connected, and all topics are asked for.
    [[nodiscard]] virtual bool up() const = 0;
    /// Why not.
    [[nodiscard]] virtual const std::string& why_down() const = 0;
    /// Messages that were given up because nobody took them in time, or that were too long.
    [[nodiscard]] virtual std::uint64_t dropped() const = 0;
    virtual void close() = 0;
};

}  // namespace wutong::collector
