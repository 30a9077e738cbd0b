#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/drivers/field_meter.hpp"
#include "collector/drivers/sparkplug_nodes.hpp"
#include "collector/transports/message_line.hpp"
#include "core/time.hpp"

namespace wutong::collector {

/// What one message says of one meter.
struct MeterNews {
    core::MeterId meter;
    core::Values values;
    std::optional<core::Timestamp> told_at;  ///< by the meter's or its gateway's clock
    bool historical = false;                 ///< the sender says that it is of the past
    std::optional<bool> online;              ///< a birth or a will
};

struct RoutedMessage {
    bool known = false;  ///< somebody here listens to that topic
    std::vector<MeterNews> news;
    std::vector<Message> answers;  ///< to be published
    std::string fault;             ///< what is wrong with the message, for a log
};

/// Knows by the meters' profiles which topics to listen to, and what a message says of which meter. Pure but
/// for what Sparkplug nodes have told before.
class MessageRouter {
public:
    MessageRouter() = default;
    /// @param nodes what was known so far
    explicit MessageRouter(const std::vector<FieldMeter>& meters, SparkplugNodes nodes = {});

    [[nodiscard]] const std::vector<std::string>& topics() const { return topics_; }
    [[nodiscard]] RoutedMessage route(const Message& message, core::Timestamp now);
    /// What makes the meter's Sparkplug node tell everything again; nothing when it was asked just now.
    [[nodiscard]] std::vector<Message> births_wanted(const FieldMeter& meter, core::Timestamp now);
    [[nodiscard]] SparkplugNodes take_nodes() { return std::move(nodes_); }

private:
    /// A meter that a topic speaks of: by a block of its profile, or by its birth and will.
    struct Use {
        std::size_t meter = 0;
        const core::Block* block = nullptr;
    };
    void add_topics(std::size_t index);
    void route_json(const std::vector<Use>& uses, const Message& message, RoutedMessage& routed) const;
    void route_sparkplug(const Message& message, core::Timestamp now, RoutedMessage& routed);

    std::vector<FieldMeter> meters_;
    std::unordered_map<std::string, std::vector<Use>> uses_;
    /// "GROUP/NODE" to its meters, and those by device ("" is the node).
    std::map<std::string, std::multimap<std::string, std::size_t>> sparkplug_;
    std::vector<std::string> topics_;
    SparkplugNodes nodes_;
};

}  // namespace wutong::collector
