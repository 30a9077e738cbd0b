#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "collector/transports/message_line.hpp"

namespace wutong::collector {

/// Messages that wait to be taken. When there are too many the oldest are given up: newer ones say more.
class MessageQueue {
public:
    struct Limits {
        std::size_t message_bytes_max = 256 * 1024;
        std::size_t messages_max = 10'000;
        std::size_t bytes_max = 32 * 1024 * 1024;
    };
    explicit MessageQueue(Limits limits) : limits_{limits} {}

    void put(Message message) {
        const auto size = size_of(message);
        if (message.payload.size() > limits_.message_bytes_max) {
            ++dropped_;
            return;
        }
        while (!messages_.empty() &&
               (messages_.size() >= limits_.messages_max || bytes_ + size > limits_.bytes_max)) {
            static_cast<void>(take());
            ++dropped_;
        }
        bytes_ += size;
        messages_.push_back(std::move(message));
    }
    [[nodiscard]] std::optional<Message> take() {
        if (messages_.empty()) {
            return std::nullopt;
        }
        Message message = std::move(messages_.front());
        messages_.pop_front();
        bytes_ -= size_of(message);
        return message;
    }
    [[nodiscard]] bool empty() const { return messages_.empty(); }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

private:
    static std::size_t size_of(const Message& message) {
        return message.topic.size() + message.payload.size();
    }

    Limits limits_;
    std::deque<Message> messages_;
    std::size_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace wutong::collector
