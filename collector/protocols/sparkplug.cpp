#include "collector/protocols/sparkplug.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace wutong::protocols::sparkplug {

namespace {

constexpr const char* kNamespace = "spBv1.0";

enum class Wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field after the other of a protobuf message.
class Reader {
public:
    explicit Reader(ByteView bytes) : bytes_{bytes} {}

    struct Field {
        std::uint32_t number = 0;
        Wire wire = Wire::varint;
        std::uint64_t value = 0;  ///< of the three numbers
        ByteView bytes;
    };
    /// False at the end, or when the rest is no protobuf: see ok().
    bool next(Field& field) {
        if (bytes_.empty() || !ok_) {
            return false;
        }
        const auto key = varint();
        field.number = static_cast<std::uint32_t>(key >> 3);
        field.wire = static_cast<Wire>(key & 7U);
        field.bytes = {};
        field.value = 0;
        if (key >> 3 == 0 || key >> 3 > 0x1FFF'FFFF) {
            ok_ = false;
        }
        switch (field.wire) {
            case Wire::varint:
                field.value = varint();
                break;
            case Wire::fixed64:
                field.value = fixed(8);
                break;
            case Wire::fixed32:
                field.value = fixed(4);
                break;
            case Wire::bytes: {
                const auto length = varint();
                if (length > bytes_.size()) {
                    ok_ = false;
                } else {
                    field.bytes = bytes_.first(static_cast<std::size_t>(length));
                    bytes_ = bytes_.subspan(static_cast<std::size_t>(length));
                }
                break;
            }
            default:
                ok_ = false;  // groups were given up long ago
        }
        return ok_;
    }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            if (bytes_.empty()) {
                break;
            }
            const std::uint64_t byte = bytes_.front();
            bytes_ = bytes_.subspan(1);
            if (shift < 64) {
                value |= (byte & 0x7FU) << shift;
            }
            if ((byte & 0x80U) == 0) {
                return value;
            }
        }
        ok_ = false;
        return 0;
    }
    std::uint64_t fixed(std::size_t count) {
        if (bytes_.size() < count) {
            ok_ = false;
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = count; i-- > 0;) {
            value = value << 8 | bytes_[i];
        }
        bytes_ = bytes_.subspan(count);
        return value;
    }

    ByteView bytes_;
    bool ok_ = true;
};

std::string text_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

bool read_metric(ByteView bytes, Metric& metric) {
    Reader reader{bytes};
    Reader::Field field;
    bool null = false;
    while (reader.next(field)) {
        const bool number = field.wire == Wire::varint;
        switch (field.number) {
            case 1:
                if (field.wire != Wire::bytes || field.bytes.size() > kNameBytesMax) {
                    return false;
                }
                metric.name = text_of(field.bytes);
                break;
            case 2:
                metric.alias = field.value;
                break;
            case 3:
                metric.timestamp_ms = field.value;
                break;
            case 4:
                metric.type = static_cast<DataType>(field.value & 0xFFFF'FFFFU);
                break;
            case 5:
                metric.historical = number && field.value != 0;
                break;
            case 7:
                null = number && field.value != 0;
                break;
            case 10:
                metric.value = field.value & 0xFFFF'FFFFU;
                break;
            case 11:
                metric.value = field.value;
                break;
            case 12:
                metric.value =
                    static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(field.value)));
                break;
            case 13:
                metric.value = std::bit_cast<double>(field.value);
                break;
            case 14:
                metric.value = field.value != 0;
                break;
            case 15:
                if (field.bytes.size() > kNameBytesMax) {
                    return false;
                }
                metric.value = text_of(field.bytes);
                break;
            default:
                break;
        }
    }
    if (null) {
        metric.value = std::monostate{};
    }
    if (metric.type) {
        metric.value = typed(metric.value, *metric.type);
    }
    return reader.ok();
}

void put_varint(Bytes& into, std::uint64_t value) {
    while (value >= 0x80) {
        into.push_back(static_cast<std::uint8_t>(value | 0x80U));
        value >>= 7;
    }
    into.push_back(static_cast<std::uint8_t>(value));
}

void put_number(Bytes& into, std::uint32_t field, std::uint64_t value) {
    put_varint(into, field << 3);
    put_varint(into, value);
}

void put_fixed(Bytes& into, std::uint32_t field, Wire wire, std::uint64_t value) {
    put_varint(into, field << 3 | static_cast<std::uint32_t>(wire));
    for (int i = 0; i < (wire == Wire::fixed64 ? 8 : 4); ++i) {
        into.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

template <class Content>
void put_bytes(Bytes& into, std::uint32_t field, const Content& content) {
    put_varint(into, field << 3 | static_cast<std::uint32_t>(Wire::bytes));
    put_varint(into, content.size());
    into.insert(into.end(), content.begin(), content.end());
}

bool is_long(DataType type) {
    return type == DataType::int64 || type == DataType::uint64 || type == DataType::uint32 ||
           type == DataType::date_time;
}

void put_value(Bytes& into, const Metric& metric) {
    const bool wide = is_long(metric.type.value_or(DataType::uint64));
    const auto put_integer = [&](std::uint64_t value) {
        put_number(into, wide ? 11 : 10, wide ? value : value & 0xFFFF'FFFFU);
    };
    if (const auto* number = std::get_if<std::int64_t>(&metric.value)) {
        put_integer(static_cast<std::uint64_t>(*number));
    } else if (const auto* natural = std::get_if<std::uint64_t>(&metric.value)) {
        put_integer(*natural);
    } else if (const auto* real = std::get_if<double>(&metric.value)) {
        if (metric.type == DataType::float32) {
            put_fixed(into, 12, Wire::fixed32, std::bit_cast<std::uint32_t>(static_cast<float>(*real)));
        } else {
            put_fixed(into, 13, Wire::fixed64, std::bit_cast<std::uint64_t>(*real));
        }
    } else if (const auto* truth = std::get_if<bool>(&metric.value)) {
        put_number(into, 14, *truth ? 1 : 0);
    } else if (const auto* text = std::get_if<std::string>(&metric.value)) {
        put_bytes(into, 15, *text);
    } else {
        put_number(into, 7, 1);
    }
}

Bytes encode_metric(const Metric& metric) {
    Bytes bytes;
    if (!metric.name.empty()) {
        put_bytes(bytes, 1, metric.name);
    }
    if (metric.alias) {
        put_number(bytes, 2, *metric.alias);
    }
    if (metric.timestamp_ms) {
        put_number(bytes, 3, *metric.timestamp_ms);
    }
    if (metric.type) {
        put_number(bytes, 4, static_cast<std::uint32_t>(*metric.type));
    }
    if (metric.historical) {
        put_number(bytes, 5, 1);
    }
    put_value(bytes, metric);
    return bytes;
}

template <class Signed>
std::int64_t as_signed(std::uint64_t value) {
    return static_cast<Signed>(value);
}

}  // namespace

Value typed(const Value& value, DataType type) {
    const auto* number = std::get_if<std::uint64_t>(&value);
    if (number == nullptr) {
        return value;
    }
    switch (type) {
        case DataType::int8:
            return as_signed<std::int8_t>(*number);
        case DataType::int16:
            return as_signed<std::int16_t>(*number);
        case DataType::int32:
            return as_signed<std::int32_t>(*number);
        case DataType::int64:
            return as_signed<std::int64_t>(*number);
        case DataType::boolean:
            return *number != 0;
        default:
            return value;
    }
}

std::optional<Payload> decode(ByteView bytes) {
    Payload payload;
    Reader reader{bytes};
    Reader::Field field;
    while (reader.next(field)) {
        if (field.number == 1 && field.wire == Wire::varint) {
            payload.timestamp_ms = field.value;
        } else if (field.number == 3 && field.wire == Wire::varint) {
            payload.sequence = field.value;
        } else if (field.number == 2 && field.wire == Wire::bytes) {
            if (payload.metrics.size() >= kMetricsMax ||
                !read_metric(field.bytes, payload.metrics.emplace_back())) {
                return std::nullopt;
            }
        }
    }
    return reader.ok() ? std::optional{std::move(payload)} : std::nullopt;
}

Bytes encode(const Payload& payload) {
    Bytes bytes;
    if (payload.timestamp_ms) {
        put_number(bytes, 1, *payload.timestamp_ms);
    }
    for (const auto& metric : payload.metrics) {
        put_bytes(bytes, 2, encode_metric(metric));
    }
    if (payload.sequence) {
        put_number(bytes, 3, *payload.sequence);
    }
    return bytes;
}

std::string to_text(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*number);
    }
    if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
        return std::to_string(*natural);
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return std::isfinite(*real) ? fmt::format("{}", *real) : std::string{};
    }
    if (const auto* truth = std::get_if<bool>(&value)) {
        return *truth ? "true" : "false";
    }
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string{} : *text;
}

std::optional<Topic> parse_topic(std::string_view topic) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; parts.size() < 6;) {
        const auto slash = topic.find('/', from);
        parts.emplace_back(topic.substr(from, slash == std::string_view::npos ? slash : slash - from));
        if (slash == std::string_view::npos) {
            break;
        }
        from = slash + 1;
    }
    if (parts.size() < 4 || parts.size() > 5 || parts[0] != kNamespace) {
        return std::nullopt;
    }
    static constexpr std::array<std::pair<const char*, MessageType>, 6> kTypes{
        {{"NBIRTH", MessageType::node_birth},
         {"NDEATH", MessageType::node_death},
         {"NDATA", MessageType::node_data},
         {"DBIRTH", MessageType::device_birth},
         {"DDEATH", MessageType::device_death},
         {"DDATA", MessageType::device_data}}};
    Topic told{MessageType::other, parts[1], parts[3], parts.size() == 5 ? parts[4] : ""};
    for (const auto& [name, type] : kTypes) {
        // N… is of a node, D… of a device.
        if (parts[2] == name && (name[0] == 'D') == (parts.size() == 5)) {
            told.type = type;
        }
    }
    return told;
}

std::string topic_of(std::string_view type, const std::string& group, const std::string& node,
                     const std::string& device) {
    return fmt::format("{}/{}/{}/{}{}{}", kNamespace, group, type, node, device.empty() ? "" : "/", device);
}

}  // namespace wutong::protocols::sparkplug
