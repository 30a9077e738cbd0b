#include "collector/protocols/dlms_data.hpp"

#include <bit>
#include <limits>
#include <stdexcept>

#include "collector/protocols/byte_cursor.hpp"

namespace wutong::protocols::dlms {
namespace {

/// Bytes of a number; 0 for all other types.
std::size_t number_width(Type type) {
    switch (type) {
        case Type::boolean:
        case Type::bcd:
        case Type::int8:
        case Type::uint8:
        case Type::enumeration:
            return 1;
        case Type::int16:
        case Type::uint16:
            return 2;
        case Type::int32:
        case Type::uint32:
            return 4;
        case Type::int64:
        case Type::uint64:
            return 8;
        default:
            return 0;
    }
}

bool is_signed(Type type) {
    return type == Type::int8 || type == Type::int16 || type == Type::int32 || type == Type::int64 ||
           type == Type::bcd;
}

std::size_t fixed_bytes(Type type) {
    switch (type) {
        case Type::date_time:
            return kDateTimeBytes;
        case Type::date:
            return 5;
        case Type::time:
            return 4;
        default:
            return 0;
    }
}

void append_number(Bytes& to, std::uint64_t bits, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) {
        to.push_back(static_cast<std::uint8_t>(bits >> (8 * i) & 0xFF));
    }
}

std::uint64_t widened(std::uint64_t raw, std::size_t width, bool with_sign) {
    if (with_sign && width < 8 && (raw >> (8 * width - 1) & 1) != 0) {
        return raw | ~std::uint64_t{0} << (8 * width);
    }
    return raw;
}

/// Depth and number of items together bound what a hostile APDU can make us build.
struct Budget {
    std::size_t items = kItemsMax;
    int depth = kDepthMax;
};

std::optional<Data> read_value(ByteCursor& from, Type type, Budget& budget);

std::optional<Data> read_tagged(ByteCursor& from, Budget& budget) {
    const auto tag = from.u8();
    return from.ok() ? read_value(from, static_cast<Type>(tag), budget) : std::nullopt;
}

/// What a compact array says once about all of its items.
struct Description {
    Type type = Type::null;
    std::size_t count = 0;  ///< array
    std::vector<Description> parts;
};

std::optional<Description> read_description(ByteCursor& from, Budget& budget) {
    if (budget.depth == 0 || budget.items == 0) {
        return std::nullopt;
    }
    --budget.items;
    --budget.depth;
    Description told;
    told.type = static_cast<Type>(from.u8());
    std::size_t parts = 0;
    if (told.type == Type::array) {
        told.count = from.u16();
        parts = 1;
    } else if (told.type == Type::structure) {
        parts = read_length(from);
    }
    for (std::size_t i = 0; i < parts && from.ok(); ++i) {
        auto part = read_description(from, budget);
        if (!part) {
            return std::nullopt;
        }
        told.parts.push_back(std::move(*part));
    }
    ++budget.depth;
    return from.ok() ? std::optional{std::move(told)} : std::nullopt;
}

std::optional<Data> read_described(ByteCursor& from, const Description& told, Budget& budget) {
    if (told.type != Type::array && told.type != Type::structure) {
        return read_value(from, told.type, budget);
    }
    Data data;
    data.type = told.type;
    const auto count = told.type == Type::array ? told.count : told.parts.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (budget.items == 0) {
            return std::nullopt;
        }
        --budget.items;
        auto item = read_described(from, told.type == Type::array ? told.parts[0] : told.parts[i], budget);
        if (!item) {
            return std::nullopt;
        }
        data.items.push_back(std::move(*item));
    }
    return data;
}

std::optional<Data> read_compact_array(ByteCursor& from, Budget& budget) {
    const auto told = read_description(from, budget);
    if (!told) {
        return std::nullopt;
    }
    ByteCursor contents{from.take(read_length(from))};
    Data data;
    data.type = Type::array;
    while (from.ok() && contents.left() > 0) {
        // An item without any bytes would never end.
        const auto before = contents.left();
        if (budget.items == 0) {
            return std::nullopt;
        }
        --budget.items;
        auto item = read_described(contents, *told, budget);
        if (!item || contents.left() == before) {
            return std::nullopt;
        }
        data.items.push_back(std::move(*item));
    }
    return from.ok() ? std::optional{std::move(data)} : std::nullopt;
}

std::optional<Data> read_value(ByteCursor& from, Type type, Budget& budget) {
    Data data;
    data.type = type;
    if (const auto width = number_width(type); width != 0) {
        data.bits = widened(from.number(width), width, is_signed(type));
        return from.ok() ? std::optional{std::move(data)} : std::nullopt;
    }
    if (const auto fixed = fixed_bytes(type); fixed != 0) {
        const auto bytes = from.take(fixed);
        data.bytes.assign(bytes.begin(), bytes.end());
        return from.ok() ? std::optional{std::move(data)} : std::nullopt;
    }
    switch (type) {
        case Type::null:
            return data;
        case Type::octet_string:
        case Type::visible_string:
        case Type::utf8_string: {
            const auto bytes = from.take(read_length(from));
            data.bytes.assign(bytes.begin(), bytes.end());
            break;
        }
        case Type::bit_string: {
            data.bits = read_length(from);
            const auto bytes = from.take(static_cast<std::size_t>((data.bits + 7) / 8));
            data.bytes.assign(bytes.begin(), bytes.end());
            break;
        }
        case Type::float32:
            data.real = std::bit_cast<float>(from.u32());
            break;
        case Type::float64:
            data.real = std::bit_cast<double>(from.number(8));
            break;
        case Type::compact_array: {
            auto compact = read_compact_array(from, budget);
            if (!compact) {
                from.fail();
            }
            return compact;
        }
        case Type::array:
        case Type::structure: {
            const auto count = read_length(from);
            if (budget.depth == 0 || count > budget.items || count > from.left()) {
                from.fail();
                return std::nullopt;
            }
            budget.items -= count;
            --budget.depth;
            for (std::size_t i = 0; i < count; ++i) {
                auto item = read_tagged(from, budget);
                if (!item) {
                    from.fail();
                    return std::nullopt;
                }
                data.items.push_back(std::move(*item));
            }
            ++budget.depth;
            break;
        }
        default:
            from.fail();
            break;
    }
    return from.ok() ? std::optional{std::move(data)} : std::nullopt;
}

void append_value(Bytes& to, const Data& data, int depth) {
    const auto refuse = [&](const std::string& why) {
        throw std::invalid_argument("DLMS value of type " + std::to_string(static_cast<int>(data.type)) +
                                    ": " + why);
    };
    to.push_back(static_cast<std::uint8_t>(data.type));
    if (const auto width = number_width(data.type); width != 0) {
        append_number(to, data.bits, width);
        return;
    }
    if (const auto fixed = fixed_bytes(data.type); fixed != 0) {
        if (data.bytes.size() != fixed) {
            refuse("has " + std::to_string(data.bytes.size()) + " bytes, must have " + std::to_string(fixed));
        }
        to.insert(to.end(), data.bytes.begin(), data.bytes.end());
        return;
    }
    switch (data.type) {
        case Type::null:
            return;
        case Type::octet_string:
        case Type::visible_string:
        case Type::utf8_string:
            append_length(to, data.bytes.size());
            to.insert(to.end(), data.bytes.begin(), data.bytes.end());
            return;
        case Type::bit_string:
            if (data.bytes.size() != (data.bits + 7) / 8) {
                refuse("its bits don't fill its bytes");
            }
            append_length(to, static_cast<std::size_t>(data.bits));
            to.insert(to.end(), data.bytes.begin(), data.bytes.end());
            return;
        case Type::float32:
            append_number(to, std::bit_cast<std::uint32_t>(static_cast<float>(data.real)), 4);
            return;
        case Type::float64:
            append_number(to, std::bit_cast<std::uint64_t>(data.real), 8);
            return;
        case Type::array:
        case Type::structure:
            if (depth == 0 || data.items.size() > kItemsMax) {
                refuse("too deep or too long");
            }
            append_length(to, data.items.size());
            for (const auto& item : data.items) {
                append_value(to, item, depth - 1);
            }
            return;
        default:
            refuse("is not written");
    }
}

}  // namespace

Data null_data() {
    return {};
}

Data number(Type type, std::int64_t value) {
    const auto width = number_width(type);
    Data data;
    data.type = type;
    data.bits = static_cast<std::uint64_t>(value);
    const auto back =
        widened(data.bits & (width >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * width) - 1), width,
                is_signed(type));
    const bool too_big = type == Type::boolean && value != 0 && value != 1;
    const bool negative = !is_signed(type) && value < 0;
    if (width == 0 || back != data.bits || too_big || negative) {
        throw std::invalid_argument("DLMS type " + std::to_string(static_cast<int>(type)) +
                                    " doesn't hold the number " + std::to_string(value));
    }
    return data;
}

Data octets(ByteView bytes) {
    Data data;
    data.type = Type::octet_string;
    data.bytes.assign(bytes.begin(), bytes.end());
    return data;
}

Data text(std::string_view value) {
    Data data;
    data.type = Type::visible_string;
    data.bytes.assign(value.begin(), value.end());
    return data;
}

Data structure(std::vector<Data> items) {
    Data data;
    data.type = Type::structure;
    data.items = std::move(items);
    return data;
}

Data array(std::vector<Data> items) {
    Data data;
    data.type = Type::array;
    data.items = std::move(items);
    return data;
}

std::optional<std::int64_t> as_integer(const Data& data) {
    if (number_width(data.type) == 0) {
        return std::nullopt;
    }
    if (!is_signed(data.type) &&
        data.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(data.bits);
}

void append_data(Bytes& to, const Data& data) {
    append_value(to, data, kDepthMax);
}

Bytes encode_data(const Data& data) {
    Bytes bytes;
    append_data(bytes, data);
    return bytes;
}

std::optional<Data> read_data(ByteCursor& from) {
    Budget budget;
    auto data = read_tagged(from, budget);
    if (!data) {
        from.fail();
    }
    return data;
}

std::variant<Data, DecodeFault> decode_data(ByteView bytes) {
    ByteCursor from{bytes};
    auto data = read_data(from);
    if (!data || !from.done()) {
        return DecodeFault{
            "not a DLMS value: " + to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 32))) +
            (bytes.size() > 32 ? " ..." : "")};
    }
    return std::move(*data);
}

void append_length(Bytes& to, std::size_t length) {
    if (length < 0x80) {
        to.push_back(static_cast<std::uint8_t>(length));
    } else if (length <= 0xFF) {
        to.push_back(0x81);
        to.push_back(static_cast<std::uint8_t>(length));
    } else if (length <= 0xFFFF) {
        to.push_back(0x82);
        append_u16(to, static_cast<std::uint16_t>(length));
    } else {
        throw std::invalid_argument("a DLMS length of " + std::to_string(length) + " is over 65535");
    }
}

std::size_t read_length(ByteCursor& from) {
    const auto first = from.u8();
    if (first < 0x80) {
        return first;
    }
    if (first != 0x81 && first != 0x82) {
        from.fail();
        return 0;
    }
    return first == 0x81 ? from.u8() : from.u16();
}

}  // namespace wutong::protocols::dlms
