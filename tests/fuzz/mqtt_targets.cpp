#include <algorithm>
#include <cmath>

#include "collector/protocols/message_values.hpp"
#include "collector/protocols/sparkplug.hpp"
#include "fuzz/targets.hpp"

namespace wutong::fuzz {

using namespace protocols;

namespace {

/// A profile as gateways of many meters need it: every kind of path, scale and time.
core::Block block() {
    core::Block block;
    const auto add = [&block](const char* path, std::int64_t num, std::int64_t den, const char* on) {
        core::Field field{};
        field.path = path;
        field.scale_num = num;
        field.scale_den = den;
        field.on = on;
        field.off = "OFF";
        block.fields.push_back(field);
    };
    add("wh", 1, 1, "");
    add("/v/0", 1'000, 1, "");
    add("a.b", -1'000'000'000, 7, "");
    add("POWER", 1, 1, "ON");
    add("", 1, 1'000'000'000, "");
    block.message.when = "status";
    block.message.equals = "ok";
    return block;
}

std::size_t nodes(const JsonNode& node, std::size_t depth) {
    hold(depth <= kJsonDepthMax, "no deeper than the limit");
    std::size_t count = 1;
    for (const auto& [name, member] : node.members) {
        count += nodes(member, depth + 1);
    }
    return count;
}

void look(const JsonNode& node) {
    static const core::Block kBlock = block();
    core::Values values;
    if (counts(kBlock.message, node)) {
        read_values(kBlock, node, values);
    }
    for (const auto format : {core::TimeFormat::epoch_s, core::TimeFormat::epoch_ms,
                              core::TimeFormat::iso8601, core::TimeFormat::digits}) {
        if (const auto at = message_time(format, node.text, std::chrono::hours{8})) {
            const auto since_1999 =
                *at - core::Timestamp{std::chrono::sys_days{std::chrono::year{1999} / 1 / 1}};
            hold(since_1999.count() > 0 && since_1999 < std::chrono::hours{24 * 366 * 202},
                 "a time of these centuries");
        }
    }
    for (const auto& [name, member] : node.members) {
        hold(node.kind == JsonNode::Kind::object || name.empty(), "elements of a list have no names");
        look(member);
    }
}

}  // namespace

void message_json(ByteView bytes) {
    const std::string text{bytes.begin(), bytes.end()};
    std::string why;
    if (const auto root = parse_json(text, why)) {
        hold(nodes(*root, 0) <= kJsonNodesMax, "no more values than the limit");
        look(*root);
        // The bytes as a path, too.
        static_cast<void>(find(*root, text));
    } else {
        hold(!why.empty(), "a refusal says why");
    }
    look(plain_text(text));
    static_cast<void>(filled_in(text, "GROUP/NODE/DEVICE", "K1"));
}

void sparkplug(ByteView bytes) {
    namespace spb = protocols::sparkplug;
    const auto payload = spb::decode(bytes);
    if (payload) {
        hold(payload->metrics.size() <= spb::kMetricsMax, "no more metrics than the limit");
        const auto not_a_number =
            std::any_of(payload->metrics.begin(), payload->metrics.end(), [](const auto& metric) {
                const auto* real = std::get_if<double>(&metric.value);
                return real != nullptr && std::isnan(*real);
            });
        const auto again = spb::decode(spb::encode(*payload));
        hold(again && again->metrics.size() == payload->metrics.size(), "what was read can be written");
        for (std::size_t i = 0; i < payload->metrics.size() && !not_a_number; ++i) {
            hold(again->metrics[i].name == payload->metrics[i].name &&
                     again->metrics[i].alias == payload->metrics[i].alias,
                 "a metric is written as it was read");
            static_cast<void>(spb::to_text(payload->metrics[i].value));
            static_cast<void>(spb::typed(payload->metrics[i].value, spb::DataType::int8));
        }
    }
    static_cast<void>(spb::parse_topic(std::string{bytes.begin(), bytes.end()}));
}

}  // namespace wutong::fuzz
