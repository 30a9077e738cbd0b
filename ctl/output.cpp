#include "ctl/output.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/quantities.hpp"

namespace wutong::ctl {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;

namespace {

// METER_STATUS_ALARM_1 of enum MeterStatus becomes "alarm_1".
std::string enum_word(const pb::EnumValueDescriptor* value) {
    std::string prefix;
    for (const char c : value->type()->name()) {
        if (c >= 'A' && c <= 'Z' && !prefix.empty()) {
            prefix += '_';
        }
        prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    prefix += '_';
    std::string word = value->name();
    if (word.rfind(prefix, 0) == 0) {
        word.erase(0, prefix.size());
    }
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
}

Json sub_message(const pb::Message& message) {
    if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
        const auto& time = static_cast<const pb::Timestamp&>(message);
        return pb::util::TimeUtil::ToString(time);
    }
    return to_json(message);
}

// `index` < 0: the single value. The two accessor families of Reflection differ in nothing else.
Json value_of(const pb::Message& m, const pb::FieldDescriptor* f, int index) {
    const pb::Reflection* r = m.GetReflection();
    const bool one = index < 0;
    switch (f->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_INT32:
            return one ? r->GetInt32(m, f) : r->GetRepeatedInt32(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_INT64:
            return one ? r->GetInt64(m, f) : r->GetRepeatedInt64(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_UINT32:
            return one ? r->GetUInt32(m, f) : r->GetRepeatedUInt32(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_UINT64:
            return one ? r->GetUInt64(m, f) : r->GetRepeatedUInt64(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_DOUBLE:
            return one ? r->GetDouble(m, f) : r->GetRepeatedDouble(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_FLOAT:
            return one ? r->GetFloat(m, f) : r->GetRepeatedFloat(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            return one ? r->GetBool(m, f) : r->GetRepeatedBool(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_ENUM:
            return enum_word(one ? r->GetEnum(m, f) : r->GetRepeatedEnum(m, f, index));
        case pb::FieldDescriptor::CPPTYPE_STRING:
            return one ? r->GetString(m, f) : r->GetRepeatedString(m, f, index);
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            return sub_message(one ? r->GetMessage(m, f) : r->GetRepeatedMessage(m, f, index));
    }
    return nullptr;
}

// Evidence, arguments and results travel as JSON text; in JSON output they are JSON.
Json embedded_or_text(const pb::FieldDescriptor* field, Json value) {
    static constexpr std::string_view suffix = "_json";
    const std::string& name = field->name();
    if (value.is_string() && name.size() > suffix.size() &&
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) {
        Json parsed = Json::parse(value.get<std::string>(), nullptr, false);
        if (!parsed.is_discarded()) {
            return parsed;
        }
    }
    return value;
}

// Columns that a terminal needs for UTF-8 text: CJK and full-width forms take two.
std::size_t display_width(const std::string& text) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        char32_t code = byte & (0xFF >> (length + (length > 1 ? 1 : 0)));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
        }
        width +=
            (code >= 0x1100 &&
             (code <= 0x115F || (code >= 0x2E80 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
              (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
              (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x20000 && code <= 0x3FFFD)))
                ? 2
                : 1;
        i += length;
    }
    return width;
}

}  // namespace

Json to_json(const pb::Message& message) {
    Json json = Json::object();
    const pb::Descriptor* descriptor = message.GetDescriptor();
    const pb::Reflection* reflection = message.GetReflection();
    for (int i = 0; i < descriptor->field_count(); ++i) {
        const pb::FieldDescriptor* field = descriptor->field(i);
        if (field->is_repeated()) {
            Json list = Json::array();
            for (int k = 0; k < reflection->FieldSize(message, field); ++k) {
                list.push_back(value_of(message, field, k));
            }
            json[field->name()] = std::move(list);
        } else if (!field->has_presence() || reflection->HasField(message, field)) {
            json[field->name()] = embedded_or_text(field, value_of(message, field, -1));
        }
    }
    return json;
}

void Table::column(std::string title, Align align) {
    columns_.push_back({std::move(title), align});
}

void Table::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t width = display_width(columns_[c].title);
        for (const auto& row : rows_) {
            width = std::max(width, display_width(row[c]));
        }
        widths.push_back(width);
    }
    const auto line = [&](const auto& cell_of) {
        std::string text;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::string& cell = cell_of(c);
            const std::string padding(widths[c] - display_width(cell), ' ');
            text += columns_[c].align == Align::right ? padding + cell : cell + padding;
            text += "  ";
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out << text << '\n';
    };
    line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
    for (const auto& row : rows_) {
        line([&](std::size_t c) -> const std::string& { return row[c]; });
    }
}

std::string money_text(std::int64_t e4) {
    return core::to_string(core::Money{e4});
}

std::string energy_text(std::int64_t wh, const std::string& commodity) {
    return fmt::format("{}{}.{:03} {}", wh < 0 ? "-" : "", std::abs(wh) / 1000, std::abs(wh) % 1000,
                       unit_text(commodity));
}

std::string unit_text(const std::string& commodity) {
    return commodity == "water" ? "m³" : "kWh";
}

}  // namespace wutong::ctl
