#include "core/meter_profile_fields.hpp"

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr std::int64_t kScaleMax = 1'000'000'000;

constexpr auto kGroups = std::to_array<detail::Name<Block::Group>>({
    {Block::Group::state, "state"},
    {Block::Group::reading, "reading"},
    {Block::Group::settings, "settings"},
});

constexpr auto kProtocols = std::to_array<detail::Name<MeterProtocol>>({
    {MeterProtocol::modbus, "modbus"},
    {MeterProtocol::dlt645_2007, "dlt645_2007"},
    {MeterProtocol::dlt645_1997, "dlt645_1997"},
    {MeterProtocol::dlms, "dlms"},
    {MeterProtocol::cjt188, "cjt188"},
    {MeterProtocol::iec62056_21, "iec62056_21"},
    {MeterProtocol::mqtt_json, "mqtt_json"},
    {MeterProtocol::sparkplug_b, "sparkplug_b"},
});

constexpr auto kDialects = std::to_array<detail::Name<CommandDialect>>({
    {CommandDialect::none, "none"},
    {CommandDialect::acrel_prepaid, "acrel_prepaid"},
    {CommandDialect::dlt645_relay, "dlt645_relay"},
    {CommandDialect::dlms_disconnect, "dlms_disconnect"},
    {CommandDialect::cjt188_valve, "cjt188_valve"},
    {CommandDialect::mqtt_relay, "mqtt_relay"},
});

}  // namespace

const char* to_string(CommandDialect dialect) {
    return detail::name_of(kDialects, dialect, "command dialect");
}

const char* to_string(MeterProtocol protocol) {
    return detail::name_of(kProtocols, protocol, "protocol");
}

namespace detail {

MeterProtocol read_protocol(const std::string& text) {
    return value_of(kProtocols, text, "protocol");
}

CommandDialect read_dialect(const std::string& text) {
    return value_of(kDialects, text, "command dialect");
}

Block::Group read_group(const std::string& text) {
    return value_of(kGroups, text, "group");
}

bool read_quantity(const ProfileTable& table, Field& field) {
    return table.word("quantity", true, [&field](const std::string& text) {
        const auto quantity = parse_quantity(text);
        if (!quantity) {
            throw std::invalid_argument("unknown quantity \"" + text.substr(0, 40) +
                                        "\"; docs/meter-profiles.md lists the known ones");
        }
        field.quantity = *quantity;
    });
}

void read_scale(const ProfileTable& table, Field& field, ProfileFaults& faults) {
    const toml::node* node = table.find("scale", false);
    if (node == nullptr) {
        return;
    }
    std::optional<std::int64_t> num = node->value_exact<std::int64_t>();
    std::optional<std::int64_t> den = 1;
    if (const toml::array* pair = node->as_array()) {
        num = pair->size() == 2 ? pair->get(0)->value_exact<std::int64_t>() : std::nullopt;
        den = pair->size() == 2 ? pair->get(1)->value_exact<std::int64_t>() : std::nullopt;
    }
    if (!num || !den || *num == 0 || *num < -kScaleMax || *num > kScaleMax || *den < 1 || *den > kScaleMax) {
        faults.add(
            line_of(*node),
            "scale must be a whole number other than 0, or [numerator, denominator] with a denominator "
            "above 0, neither beyond " +
                std::to_string(kScaleMax));
        return;
    }
    field.scale_num = *num;
    field.scale_den = *den;
}

}  // namespace detail

}  // namespace wutong::core
