#include "collector/protocols/dlms_profile.hpp"

#include <algorithm>

namespace wutong::protocols::dlms {
namespace {

constexpr std::uint8_t kByRange = 1;
constexpr std::uint8_t kByEntry = 2;

Data encode_capture_object(const CaptureObject& object) {
    return structure({number(Type::uint16, object.class_id), octets(object.object.code),
                      number(Type::int8, object.attribute), number(Type::uint16, object.data_index)});
}

std::optional<CaptureObject> decode_capture_object(const Data& data) {
    if (data.type != Type::structure || data.items.size() != 4) {
        return std::nullopt;
    }
    const auto class_id = as_integer(data.items[0]);
    const auto& name = data.items[1];
    const auto attribute = as_integer(data.items[2]);
    const auto index = as_integer(data.items[3]);
    CaptureObject object;
    if (!class_id || *class_id < 0 || *class_id > 0xFFFF || name.type != Type::octet_string ||
        name.bytes.size() != object.object.code.size() || !attribute || *attribute < -128 ||
        *attribute > 127 || !index || *index < 0 || *index > 0xFFFF) {
        return std::nullopt;
    }
    object.class_id = static_cast<std::uint16_t>(*class_id);
    std::copy(name.bytes.begin(), name.bytes.end(), object.object.code.begin());
    object.attribute = static_cast<std::int8_t>(*attribute);
    object.data_index = static_cast<std::uint16_t>(*index);
    return object;
}

bool is_moment(const Data& data) {
    return (data.type == Type::octet_string || data.type == Type::date_time) &&
           data.bytes.size() == kDateTimeBytes;
}

MeterClock later(const MeterClock& clock, std::chrono::seconds by) {
    using namespace std::chrono;
    const auto date = year{clock.year} / clock.month / clock.day;
    const auto moment =
        sys_days{date} + hours{clock.hour} + minutes{clock.minute} + seconds{clock.second} + by;
    const auto day = floor<days>(moment);
    const year_month_day then{day};
    const hh_mm_ss time{moment - day};
    return {static_cast<int>(then.year()),
            static_cast<int>(static_cast<unsigned>(then.month())),
            static_cast<int>(static_cast<unsigned>(then.day())),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count())};
}

std::variant<RangeSelection, EntrySelection, DecodeFault> decode_range(const Data& data) {
    RangeSelection range;
    const auto column = decode_capture_object(data.items[0]);
    if (!column || !is_moment(data.items[1]) || !is_moment(data.items[2])) {
        return DecodeFault{"a range has a column and two moments"};
    }
    range.column = *column;
    const auto from = decode_date_time(data.items[1].bytes);
    const auto to = decode_date_time(data.items[2].bytes);
    for (const auto* moment : {&from, &to}) {
        if (const auto* fault = std::get_if<DecodeFault>(moment)) {
            return *fault;
        }
    }
    range.from = std::get<DateTime>(from);
    range.to = std::get<DateTime>(to);
    auto columns = decode_capture_objects(data.items[3]);
    if (auto* fault = std::get_if<DecodeFault>(&columns)) {
        return std::move(*fault);
    }
    range.columns = std::get<std::vector<CaptureObject>>(std::move(columns));
    return range;
}

std::variant<RangeSelection, EntrySelection, DecodeFault> decode_entries(const Data& data) {
    std::array<std::int64_t, 4> fields{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = as_integer(data.items[i]);
        if (!field || *field < 0 || *field > (i < 2 ? 0xFFFFFFFFLL : 0xFFFFLL)) {
            return DecodeFault{"a selection by entries has four numbers"};
        }
        fields[i] = *field;
    }
    return EntrySelection{static_cast<std::uint32_t>(fields[0]), static_cast<std::uint32_t>(fields[1]),
                          static_cast<std::uint16_t>(fields[2]), static_cast<std::uint16_t>(fields[3])};
}

ActionRequest disconnect_control(std::uint8_t method) {
    ActionRequest action;
    action.class_id = kClassDisconnect;
    action.object = kDisconnectObject;
    action.method = method;
    action.parameters = number(Type::int8, 0);
    return action;
}

}  // namespace

Data encode_capture_objects(const std::vector<CaptureObject>& objects) {
    std::vector<Data> list;
    list.reserve(objects.size());
    for (const auto& object : objects) {
        list.push_back(encode_capture_object(object));
    }
    return array(std::move(list));
}

std::variant<std::vector<CaptureObject>, DecodeFault> decode_capture_objects(const Data& list) {
    if (list.type != Type::array) {
        return DecodeFault{"a list of capture objects is an array"};
    }
    std::vector<CaptureObject> objects;
    for (const auto& item : list.items) {
        const auto object = decode_capture_object(item);
        if (!object) {
            return DecodeFault{"capture object " + std::to_string(objects.size() + 1) +
                               " is not (class, name, attribute, index)"};
        }
        objects.push_back(*object);
    }
    return objects;
}

Selection encode_selection(const RangeSelection& range) {
    return {kByRange, structure({encode_capture_object(range.column), octets(encode_date_time(range.from)),
                                 octets(encode_date_time(range.to)), encode_capture_objects(range.columns)})};
}

Selection encode_selection(const EntrySelection& entries) {
    return {kByEntry, structure({number(Type::uint32, entries.first), number(Type::uint32, entries.last),
                                 number(Type::uint16, entries.first_column),
                                 number(Type::uint16, entries.last_column)})};
}

std::variant<RangeSelection, EntrySelection, DecodeFault> decode_selection(const Selection& selection) {
    const auto& data = selection.parameters;
    if (data.type != Type::structure || data.items.size() != 4) {
        return DecodeFault{"a selection is a structure of four"};
    }
    if (selection.selector == kByRange) {
        return decode_range(data);
    }
    if (selection.selector == kByEntry) {
        return decode_entries(data);
    }
    return DecodeFault{"selector " + std::to_string(selection.selector) + " is not 1 (range) or 2 (entries)"};
}

std::variant<std::vector<ProfileRow>, DecodeFault> decode_profile(const Data& buffer, std::size_t time_column,
                                                                  std::chrono::seconds period) {
    if (buffer.type != Type::array) {
        return DecodeFault{"a profile's buffer is an array of rows"};
    }
    std::vector<ProfileRow> rows;
    rows.reserve(buffer.items.size());
    for (const auto& item : buffer.items) {
        const auto where = "row " + std::to_string(rows.size() + 1);
        if (item.type != Type::structure || time_column >= item.items.size()) {
            return DecodeFault{where + " is not a structure that holds column " +
                               std::to_string(time_column + 1)};
        }
        ProfileRow row;
        row.values = item.items;
        const auto& time = item.items[time_column];
        if (time.type == Type::null) {
            if (rows.empty() || period <= std::chrono::seconds{0}) {
                return DecodeFault{where + " has no time, and there is nothing to count it from"};
            }
            row.at = rows.back().at;
            row.at.clock = later(row.at.clock, period);
            row.at.weekday.reset();
        } else if (is_moment(time)) {
            const auto moment = decode_date_time(time.bytes);
            if (const auto* fault = std::get_if<DecodeFault>(&moment)) {
                return DecodeFault{where + ": " + fault->reason};
            }
            row.at = std::get<DateTime>(moment);
        } else {
            return DecodeFault{where + ": column " + std::to_string(time_column + 1) + " is no time"};
        }
        if (auto fault = clock_fault(row.at.clock); !fault.empty()) {
            return DecodeFault{where + ": " + fault};
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::variant<ScalerUnit, DecodeFault> decode_scaler_unit(const Data& data) {
    if (data.type == Type::structure && data.items.size() == 2) {
        const auto scaler = as_integer(data.items[0]);
        const auto unit = as_integer(data.items[1]);
        if (scaler && *scaler >= -128 && *scaler <= 127 && unit && *unit >= 0 && *unit <= 255) {
            return ScalerUnit{static_cast<int>(*scaler), static_cast<int>(*unit)};
        }
    }
    return DecodeFault{"scaler and unit are a structure of two small numbers"};
}

Data encode_scaler_unit(const ScalerUnit& scaler_unit) {
    return structure({number(Type::int8, scaler_unit.scaler), number(Type::enumeration, scaler_unit.unit)});
}

ActionRequest disconnect_request() {
    return disconnect_control(1);
}
ActionRequest reconnect_request() {
    return disconnect_control(2);
}

}  // namespace wutong::protocols::dlms
