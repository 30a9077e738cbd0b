#include "collector/drivers/sparkplug_nodes.hpp"

#include <algorithm>

namespace wutong::collector {

namespace spb = protocols::sparkplug;

namespace {

constexpr std::chrono::seconds kAskEvery{30};
constexpr std::size_t kNodesMax = 10'000;
constexpr std::size_t kMetricsPerNodeMax = 50'000;
constexpr const char* kBirthDeathSequence = "bdSeq";

std::optional<std::uint64_t> birth_death_sequence(const spb::Payload& payload) {
    for (const auto& metric : payload.metrics) {
        if (metric.name == kBirthDeathSequence) {
            if (const auto* number = std::get_if<std::uint64_t>(&metric.value)) {
                return *number;
            }
            if (const auto* number = std::get_if<std::int64_t>(&metric.value)) {
                return static_cast<std::uint64_t>(*number);
            }
        }
    }
    return std::nullopt;
}

}  // namespace

void SparkplugNodes::learn(Node& node, const std::string& device, const std::vector<spb::Metric>& metrics) {
    std::erase_if(node.aliases, [&](const auto& alias) { return alias.second.device == device; });
    std::erase_if(node.types, [&](const auto& type) { return type.first.first == device; });
    for (const auto& metric : metrics) {
        if (metric.name.empty() || node.types.size() >= kMetricsPerNodeMax) {
            continue;
        }
        const auto type = metric.type.value_or(spb::DataType::unknown);
        node.types[{device, metric.name}] = type;
        if (metric.alias && node.aliases.size() < kMetricsPerNodeMax) {
            node.aliases[*metric.alias] = {device, metric.name, type};
        }
    }
}

bool SparkplugNodes::in_sequence(Node& node, const spb::Payload& payload) {
    if (!payload.sequence) {
        return true;
    }
    const bool follows = !node.sequence || *payload.sequence == (*node.sequence + 1) % 256;
    node.sequence = *payload.sequence;
    return follows;
}

/// @return false when a name or a type was never told
bool SparkplugNodes::complete(Node& node, const std::string& device, std::vector<spb::Metric>& metrics) {
    bool all = true;
    for (auto& metric : metrics) {
        if (metric.name.empty() && metric.alias) {
            const auto known = node.aliases.find(*metric.alias);
            if (known == node.aliases.end() || known->second.device != device) {
                all = false;
                continue;
            }
            metric.name = known->second.name;
        }
        if (!metric.type) {
            const auto type = node.types.find({device, metric.name});
            if (type == node.types.end()) {
                all = false;
                metric.value = std::monostate{};  // the wire does not tell -1 from 4 294 967 295
                continue;
            }
            metric.value = spb::typed(metric.value, type->second);
        }
    }
    std::erase_if(metrics, [](const spb::Metric& metric) { return metric.name.empty(); });
    return all;
}

std::optional<SparkplugNodes::Told> SparkplugNodes::hear(const std::string& topic, const std::string& payload,
                                                         core::Timestamp /*now*/) {
    const auto place = spb::parse_topic(topic);
    if (!place || place->type == spb::MessageType::other) {
        return std::nullopt;
    }
    Told told;
    told.group_and_node = place->group + '/' + place->node;
    told.device = place->device;
    const auto* begin = reinterpret_cast<const std::uint8_t*>(payload.data());
    auto decoded = spb::decode({begin, payload.size()});
    if (!decoded) {
        told.fault = "no Sparkplug B payload, or beyond the limits";
        return told;
    }
    if (!nodes_.contains(told.group_and_node) && nodes_.size() >= kNodesMax) {
        told.fault = "more nodes than can be kept";
        return told;
    }
    Node& node = nodes_[told.group_and_node];
    told.timestamp_ms = decoded->timestamp_ms;
    switch (place->type) {
        case spb::MessageType::node_birth:
            node.aliases.clear();
            node.types.clear();
            node.born = true;
            node.birth_death_sequence = birth_death_sequence(*decoded);
            node.sequence = decoded->sequence;
            learn(node, {}, decoded->metrics);
            told.online = true;
            break;
        case spb::MessageType::node_death: {
            // The will of an earlier connection may come after the birth of the next one.
            const auto sequence = birth_death_sequence(*decoded);
            if (node.born && sequence && node.birth_death_sequence &&
                *sequence != *node.birth_death_sequence) {
                return told;
            }
            node.born = false;
            node.sequence.reset();
            told.online = false;
            return told;
        }
        case spb::MessageType::device_birth:
            told.ask_for_birth = !node.born || !in_sequence(node, *decoded);
            learn(node, place->device, decoded->metrics);
            told.online = true;
            break;
        case spb::MessageType::device_death:
            told.ask_for_birth = node.born && !in_sequence(node, *decoded);
            told.online = false;
            return told;
        case spb::MessageType::node_data:
        case spb::MessageType::device_data:
            told.ask_for_birth = !node.born || !in_sequence(node, *decoded);
            break;
        case spb::MessageType::other:
            break;
    }
    if (!complete(node, place->device, decoded->metrics)) {
        told.ask_for_birth = true;
    }
    told.metrics = std::move(decoded->metrics);
    return told;
}

std::optional<std::pair<std::string, std::string>> SparkplugNodes::birth_wanted(
    const std::string& group_and_node, core::Timestamp now) {
    Node& node = nodes_[group_and_node];
    if (node.asked_at && now - *node.asked_at < kAskEvery && now >= *node.asked_at) {
        return std::nullopt;
    }
    node.asked_at = now;
    const auto slash = group_and_node.find('/');
    spb::Payload payload;
    payload.timestamp_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
    spb::Metric metric;
    metric.name = "Node Control/Rebirth";
    metric.type = spb::DataType::boolean;
    metric.value = true;
    payload.metrics.push_back(std::move(metric));
    const auto bytes = spb::encode(payload);
    return std::pair{spb::topic_of("NCMD", group_and_node.substr(0, slash), group_and_node.substr(slash + 1)),
                     std::string{bytes.begin(), bytes.end()}};
}

}  // namespace wutong::collector
