#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocols/sparkplug.hpp"
#include "core/time.hpp"

namespace wutong::collector {

/// What edge nodes have told in their births, without which their data can't be read: names behind aliases,
/// types, and where the sequence of messages stands.
class SparkplugNodes {
public:
    struct Told {
        std::string group_and_node;
        std::string device;
        /// The node or device is there (birth), or gone (death); a node's death is that of all its devices.
        std::optional<bool> online;
        std::vector<protocols::sparkplug::Metric> metrics;  ///< with names and types
        std::optional<std::uint64_t> timestamp_ms;
        bool ask_for_birth = false;  ///< something is missing
        std::string fault;
    };
    /// Nothing for what is no message of an edge node.
    [[nodiscard]] std::optional<Told> hear(const std::string& topic, const std::string& payload,
                                           core::Timestamp now);

    /// The message that makes a node tell everything again; not more often than each half minute.
    [[nodiscard]] std::optional<std::pair<std::string, std::string>> birth_wanted(
        const std::string& group_and_node, core::Timestamp now);

private:
    struct Known {
        std::string device;
        std::string name;
        protocols::sparkplug::DataType type{};
    };
    struct Node {
        bool born = false;
        std::map<std::uint64_t, Known> aliases;
        std::map<std::pair<std::string, std::string>, protocols::sparkplug::DataType> types;
        std::optional<std::uint64_t> birth_death_sequence;
        std::optional<std::uint64_t> sequence;
        std::optional<core::Timestamp> asked_at;
    };
    void learn(Node& node, const std::string& device,
               const std::vector<protocols::sparkplug::Metric>& metrics);
    static bool in_sequence(Node& node, const protocols::sparkplug::Payload& payload);
    static bool complete(Node& node, const std::string& device,
                         std::vector<protocols::sparkplug::Metric>& metrics);

    std::map<std::string, Node> nodes_;
};

}  // namespace wutong::collector
