#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "collector/protocols/bytes.hpp"

/// Sparkplug B (Eclipse, specification 3.0): topics, and as much of the protobuf payload as meters use. The
/// message format is written down in sparkplug_b.proto; it is read and written here without the protobuf
/// library, so that every length and count has a limit of ours.
namespace wutong::protocols::sparkplug {

inline constexpr std::size_t kMetricsMax = 5'000;
inline constexpr std::size_t kNameBytesMax = 1'024;

/// What a metric's value is; the numbers are Sparkplug's own.
enum class DataType : std::uint32_t {
    unknown = 0,
    int8 = 1,
    int16 = 2,
    int32 = 3,
    int64 = 4,
    uint8 = 5,
    uint16 = 6,
    uint32 = 7,
    uint64 = 8,
    float32 = 9,
    float64 = 10,
    boolean = 11,
    string = 12,
    date_time = 13,
    text = 14,
};

/// Nothing: null, or of a kind that no meter value has (data sets, templates, bytes).
using Value = std::variant<std::monostate, std::int64_t, std::uint64_t, double, bool, std::string>;

struct Metric {
    std::string name;  ///< empty where the birth told it and an alias stands for it
    std::optional<std::uint64_t> alias;
    std::optional<std::uint64_t> timestamp_ms;
    std::optional<DataType> type;
    bool historical = false;  ///< of the past, told now
    Value value;
    friend bool operator==(const Metric&, const Metric&) = default;
};

struct Payload {
    std::optional<std::uint64_t> timestamp_ms;
    std::optional<std::uint64_t> sequence;  ///< 0 to 255
    std::vector<Metric> metrics;
    friend bool operator==(const Payload&, const Payload&) = default;
};

/// Nothing for what is no such payload, or beyond the limits. A signed value without its type, as data
/// messages may leave it out, comes as unsigned: `typed` makes it right once the birth has told the type.
[[nodiscard]] std::optional<Payload> decode(ByteView bytes);
[[nodiscard]] Bytes encode(const Payload& payload);
/// The value read as that type: the wire has signed numbers as unsigned ones.
[[nodiscard]] Value typed(const Value& value, DataType type);
/// As decimal digits, "true", or the text itself; empty for none.
[[nodiscard]] std::string to_text(const Value& value);

enum class MessageType { node_birth, node_death, node_data, device_birth, device_death, device_data, other };

struct Topic {
    MessageType type = MessageType::other;
    std::string group;
    std::string node;
    std::string device;  ///< empty: the node itself
};
/// "spBv1.0/PLANT/DDATA/GW1/METER7"
[[nodiscard]] std::optional<Topic> parse_topic(std::string_view topic);
/// @param type NBIRTH, DDATA, …
[[nodiscard]] std::string topic_of(std::string_view type, const std::string& group, const std::string& node,
                                   const std::string& device = {});

}  // namespace wutong::protocols::sparkplug
