#include "collector/drivers/message_router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "collector/protocols/message_values.hpp"

namespace wutong::collector {

namespace spb = protocols::sparkplug;
using protocols::JsonNode;

namespace {

/// "GROUP/NODE" and "DEVICE" of "GROUP/NODE/DEVICE".
std::pair<std::string, std::string> sparkplug_place(const std::string& address) {
    const auto first = address.find('/');
    const auto second = first == std::string::npos ? first : address.find('/', first + 1);
    return second == std::string::npos ? std::pair{address, std::string{}}
                                       : std::pair{address.substr(0, second), address.substr(second + 1)};
}

/// One payload, read once in each way that somebody wants it.
class Payload {
public:
    explicit Payload(const std::string& text) : text_{text} {}

    const JsonNode& plain() {
        if (!plain_) {
            plain_ = protocols::plain_text(text_);
        }
        return *plain_;
    }
    /// Null when it is no JSON.
    const JsonNode* json() {
        if (!parsed_) {
            parsed_ = true;
            json_ = protocols::parse_json(text_, why);
        }
        return json_ ? &*json_ : nullptr;
    }
    /// The element of a list that speaks of this name. Null: none does.
    const JsonNode* element(const core::MessagePlace& place, const std::string& name) {
        auto& names = elements_[{place.each, place.meter}];
        if (names.empty()) {
            list(place, names);
        }
        const auto found = names.find(name);
        return found == names.end() ? nullptr : found->second;
    }

    std::string why;

private:
    using Names = std::unordered_map<std::string, const JsonNode*>;
    void list(const core::MessagePlace& place, Names& names) {
        const JsonNode* all = json() == nullptr ? nullptr : protocols::find(*json(), place.each);
        if (all == nullptr || all->is_leaf()) {
            return;
        }
        for (const auto& [key, node] : all->members) {
            const JsonNode* name = place.meter.empty() ? nullptr : protocols::find(node, place.meter);
            if (place.meter.empty()) {
                names.try_emplace(key, &node);
            } else if (name != nullptr && name->is_leaf()) {
                names.try_emplace(name->text, &node);
            }
        }
    }

    const std::string& text_;
    bool parsed_ = false;
    std::optional<JsonNode> json_, plain_;
    std::map<std::pair<std::string, std::string>, Names> elements_;
};

bool is_plain(const core::Block& block) {
    return block.fields.size() == 1 && block.fields[0].path.empty();
}

std::optional<core::Timestamp> time_of(const core::MessagePlace& place, const JsonNode& element,
                                       const JsonNode& whole, std::chrono::seconds utc_offset) {
    if (place.time.empty()) {
        return std::nullopt;
    }
    for (const JsonNode* node : {&element, &whole}) {
        const JsonNode* leaf = protocols::find(*node, place.time);
        if (leaf != nullptr && leaf->is_leaf()) {
            return protocols::message_time(place.time_format, leaf->text, utc_offset);
        }
    }
    return std::nullopt;
}

std::optional<core::Timestamp> moment(std::optional<std::uint64_t> milliseconds) {
    constexpr std::uint64_t kLatest = 7'258'118'400'000;  // 2200
    return milliseconds && *milliseconds <= kLatest ? std::optional{core::Timestamp{std::chrono::milliseconds{
                                                          static_cast<std::int64_t>(*milliseconds)}}}
                                                    : std::nullopt;
}

/// The values of one moment.
void add_metrics(const FieldMeter& meter, const SparkplugNodes::Told& told, RoutedMessage& routed) {
    std::map<std::optional<core::Timestamp>, core::Values> past;
    MeterNews news;
    news.meter = meter.id;
    news.online = told.online;
    news.told_at = moment(told.timestamp_ms);
    for (const auto& metric : told.metrics) {
        for (const auto& field : meter.profile->blocks.front().fields) {
            if (field.path != metric.name) {
                continue;
            }
            JsonNode leaf;
            leaf.kind = JsonNode::Kind::text;
            leaf.text = spb::to_text(metric.value);
            if (const auto value = protocols::message_value(field, leaf)) {
                auto& values = metric.historical ? past[moment(metric.timestamp_ms)] : news.values;
                values[field.quantity] = *value;
            }
        }
    }
    for (auto& [at, values] : past) {
        if (at) {
            routed.news.push_back({meter.id, std::move(values), at, true, std::nullopt});
        }
    }
    routed.news.push_back(std::move(news));
}

}  // namespace

MessageRouter::MessageRouter(const std::vector<FieldMeter>& meters, SparkplugNodes nodes)
    : meters_{meters}, nodes_{std::move(nodes)} {
    std::set<std::string> topics;
    for (std::size_t i = 0; i < meters_.size(); ++i) {
        add_topics(i);
    }
    for (const auto& [topic, uses] : uses_) {
        topics.insert(topic);
    }
    for (const auto& [node, devices] : sparkplug_) {
        const auto slash = node.find('/');
        // The whole node: the sequence counts its messages of all devices.
        topics.insert(spb::topic_of("+", node.substr(0, slash), node.substr(slash + 1), "#"));
    }
    topics_.assign(topics.begin(), topics.end());
}

void MessageRouter::add_topics(std::size_t index) {
    const FieldMeter& meter = meters_[index];
    const auto fill = [&meter](const std::string& text) {
        return protocols::filled_in(text, meter.station_address, meter.code);
    };
    if (!meter.profile->sends_by_itself()) {
        return;
    }
    if (meter.profile->protocol == core::MeterProtocol::sparkplug_b) {
        const auto [node, device] = sparkplug_place(meter.station_address);
        sparkplug_[node].emplace(device, index);
        return;
    }
    for (const auto& block : meter.profile->blocks) {
        uses_[fill(block.message.topic)].push_back({index, &block});
    }
    if (!meter.profile->habits.online_topic.empty()) {
        uses_[fill(meter.profile->habits.online_topic)].push_back({index, nullptr});
    }
}

RoutedMessage MessageRouter::route(const Message& message, core::Timestamp now) {
    RoutedMessage routed;
    const auto found = uses_.find(message.topic);
    if (found != uses_.end()) {
        routed.known = true;
        route_json(found->second, message, routed);
    } else if (!sparkplug_.empty()) {
        route_sparkplug(message, now, routed);
    }
    return routed;
}

std::vector<Message> MessageRouter::births_wanted(const FieldMeter& meter, core::Timestamp now) {
    auto asks = nodes_.birth_wanted(sparkplug_place(meter.station_address).first, now);
    return asks ? std::vector<Message>{{std::move(asks->first), std::move(asks->second), false}}
                : std::vector<Message>{};
}

void MessageRouter::route_json(const std::vector<Use>& uses, const Message& message,
                               RoutedMessage& routed) const {
    Payload payload{message.payload};
    for (const auto& use : uses) {
        const FieldMeter& meter = meters_[use.meter];
        MeterNews news;
        news.meter = meter.id;
        const auto& habits = meter.profile->habits;
        const bool plain = use.block == nullptr ? habits.online_path.empty() : is_plain(*use.block);
        const JsonNode* whole = plain ? &payload.plain() : payload.json();
        if (whole == nullptr) {
            routed.fault = payload.why;
            continue;
        }
        if (use.block == nullptr) {
            const JsonNode* leaf = plain ? whole : protocols::find(*whole, habits.online_path);
            if (leaf != nullptr && (leaf->text == habits.online || leaf->text == habits.offline)) {
                news.online = leaf->text == habits.online;
                routed.news.push_back(std::move(news));
            }
            continue;
        }
        const auto& place = use.block->message;
        const JsonNode* node = whole;
        if (!place.each.empty()) {
            node = payload.element(place, protocols::filled_in(place.is, meter.station_address, meter.code));
        }
        if (node == nullptr || !protocols::counts(place, *node)) {
            continue;
        }
        protocols::read_values(*use.block, *node, news.values);
        news.told_at = time_of(place, *node, *whole, meter.utc_offset);
        if (!news.values.empty()) {
            routed.news.push_back(std::move(news));
        }
    }
}

void MessageRouter::route_sparkplug(const Message& message, core::Timestamp now, RoutedMessage& routed) {
    const auto place = spb::parse_topic(message.topic);
    const auto node = place ? sparkplug_.find(place->group + '/' + place->node) : sparkplug_.end();
    if (node == sparkplug_.end()) {
        return;
    }
    routed.known = true;
    const auto told = nodes_.hear(message.topic, message.payload, now);
    if (!told) {
        return;  // a command, ours perhaps
    }
    routed.fault = told->fault;
    if (told->ask_for_birth) {
        if (auto asks = nodes_.birth_wanted(told->group_and_node, now)) {
            routed.answers.push_back({std::move(asks->first), std::move(asks->second), false});
        }
    }
    const bool all_gone = told->device.empty() && told->online == false;
    for (const auto& [device, index] : node->second) {
        if (device == told->device) {
            add_metrics(meters_[index], *told, routed);
        } else if (all_gone) {
            routed.news.push_back({meters_[index].id, {}, std::nullopt, false, false});
        }
    }
}

}  // namespace wutong::collector
