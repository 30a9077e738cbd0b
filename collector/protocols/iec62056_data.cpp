#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "collector/protocols/iec62056.hpp"

/// Messages with a check: read-outs, commands and answers.
namespace wutong::protocols::iec62056 {

namespace {

constexpr std::size_t kCommandName = 2;
constexpr std::array<std::string_view, 6> kNames{"P0", "P1", "P2", "R1", "R5", "B0"};
constexpr std::string_view kBreak{"B0"};

std::uint8_t seven_bits(std::uint8_t byte) {
    return static_cast<std::uint8_t>(byte & 0x7F);
}

bool good_text(std::string_view text, std::size_t longest, std::string_view without) {
    return text.size() <= longest && std::all_of(text.begin(), text.end(), [without](char c) {
               return c >= ' ' && c < 0x7F && without.find(c) == std::string_view::npos;
           });
}

std::uint8_t check_of(ByteView after_start) {
    std::uint8_t check = 0;
    for (const auto byte : after_start) {
        check = static_cast<std::uint8_t>(check ^ byte);
    }
    return check;
}

/// Puts start, ETX and check around it.
Bytes message_of(std::uint8_t start, std::string_view content) {
    if (content.size() > kMessageMax - 3) {
        throw std::invalid_argument("a message of more than " + std::to_string(kMessageMax) + " bytes");
    }
    Bytes message{start};
    message.insert(message.end(), content.begin(), content.end());
    message.push_back(kEtx);
    message.push_back(check_of(ByteView{message}.subspan(1)));
    return message;
}

/// What is between the start and ETX, when parity and check are right.
std::variant<std::string, DecodeFault> content_of(ByteView complete, std::uint8_t start) {
    const auto text = without_parity(complete);
    if (const auto* fault = std::get_if<DecodeFault>(&text)) {
        return *fault;
    }
    const auto& bytes = std::get<Bytes>(text);
    if (bytes[0] != start) {
        return DecodeFault{fmt::format("a message that begins with {:02X}, not {:02X}", bytes[0], start)};
    }
    const auto inside = ByteView{bytes}.subspan(1, bytes.size() - 2);
    if (const auto check = check_of(inside); check != bytes.back()) {
        return DecodeFault{fmt::format("the check is {:02X}, and {:02X} was sent", check, bytes.back())};
    }
    return std::string{bytes.begin() + 1, bytes.end() - 2};
}

void append_set(std::string& to, const DataSet& set) {
    if (!good_text(set.code, kCodeMax, "()/!") || set.values.empty() || set.values.size() > kValuesMax) {
        throw std::invalid_argument("\"" + set.code.substr(0, kCodeMax) +
                                    "\" is no code, or has no or too many values");
    }
    to += set.code;
    for (const auto& value : set.values) {
        if (!good_text(value.text, kValueMax, "()*") || !good_text(value.unit, kUnitMax, "()")) {
            throw std::invalid_argument(set.code +
                                        " has a value or a unit that is too long, or has brackets");
        }
        to += '(' + value.text + (value.unit.empty() ? "" : "*" + value.unit) + ')';
    }
}

/// Reads "CODE(VALUE*UNIT)(VALUE)CODE(…" of one line; a line that begins with a bracket goes on with the
/// code before it, as in load profiles. @return empty, or what is wrong
std::string read_line(std::string_view line, DataSets& into) {
    while (!line.empty()) {
        const auto open = line.find('(');
        const auto close = line.find(')');
        if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
            return "has no value in brackets";
        }
        const auto code = line.substr(0, open);
        const auto inside = line.substr(open + 1, close - open - 1);
        const auto star = inside.find('*');
        const auto text = inside.substr(0, star);
        const auto unit = star == std::string_view::npos ? std::string_view{} : inside.substr(star + 1);
        if (!good_text(code, kCodeMax, "()/!") || !good_text(text, kValueMax, "()*") ||
            !good_text(unit, kUnitMax, "()")) {
            return "has a code, a value or a unit that is too long";
        }
        if (!code.empty() || into.empty()) {
            if (into.size() == kDataSetsMax) {
                return "is one of too many";
            }
            into.push_back({std::string{code}, {}});
        }
        if (into.back().values.size() == kValuesMax) {
            return "has too many values";
        }
        into.back().values.push_back({std::string{text}, std::string{unit}});
        line.remove_prefix(close + 1);
    }
    return {};
}

/// Up to "!", or to the end where there is none.
std::variant<DataSets, DecodeFault> read_lines(std::string_view text) {
    DataSets data;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        if (line == "!") {
            return data;
        }
        if (line.find('\r') != std::string_view::npos) {
            return DecodeFault{"a line has CR in it"};
        }
        if (const auto wrong = read_line(line, data); !wrong.empty()) {
            return DecodeFault{fmt::format("line \"{}\" {}", line.substr(0, kCodeMax + kValueMax), wrong)};
        }
    }
    return data;
}

}  // namespace

std::variant<NeedMore, FrameComplete, Skip> match_message(ByteView received) {
    if (received.empty()) {
        return NeedMore{};
    }
    const auto starts = [](std::uint8_t byte) {
        return seven_bits(byte) == kStx || seven_bits(byte) == kSoh;
    };
    if (!starts(received[0])) {
        const auto next = std::find_if(received.begin() + 1, received.end(), starts);
        return Skip{static_cast<std::size_t>(next - received.begin())};
    }
    const bool command = seven_bits(received[0]) == kSoh;
    for (std::size_t i = 1; i < received.size() && i + 1 < kMessageMax; ++i) {
        const auto byte = seven_bits(received[i]);
        if (byte == kEtx) {
            return i + 1 < received.size() ? std::variant<NeedMore, FrameComplete, Skip>{FrameComplete{i + 2}}
                                           : NeedMore{};
        }
        const bool text = byte == '\r' || byte == '\n' || (byte >= ' ' && byte < 0x7F) ||
                          (command && byte == kStx && i == 1 + kCommandName);
        if (!text) {
            return Skip{i};
        }
    }
    if (received.size() + 1 >= kMessageMax) {
        return Skip{1};
    }
    return NeedMore{};
}

std::variant<DataSets, DecodeFault> decode_data(ByteView complete) {
    auto content = content_of(complete, kStx);
    if (auto* fault = std::get_if<DecodeFault>(&content)) {
        return std::move(*fault);
    }
    return read_lines(std::get<std::string>(content));
}

Bytes encode_data(const DataSets& data, DataEnd end) {
    std::string content;
    for (const auto& set : data) {
        append_set(content, set);
        if (end == DataEnd::readout) {
            content += "\r\n";
        }
    }
    if (end == DataEnd::readout) {
        content += "!\r\n";
    }
    return message_of(kStx, content);
}

std::string_view short_code(std::string_view code) {
    if (const auto colon = code.rfind(':'); colon != std::string_view::npos) {
        code.remove_prefix(colon + 1);
    }
    constexpr std::string_view kNow{"*255"};
    if (code.ends_with(kNow)) {
        code.remove_suffix(kNow.size());
    }
    return code;
}

const DataSet* find_data(const DataSets& data, std::string_view code) {
    // As it stands there first: a meter may tell several channels.
    const auto exact =
        std::find_if(data.begin(), data.end(), [code](const auto& set) { return set.code == code; });
    if (exact != data.end()) {
        return &*exact;
    }
    const auto wanted = short_code(code);
    const bool any_channel = code.find(':') == std::string_view::npos;
    const auto found = std::find_if(data.begin(), data.end(), [&](const auto& set) {
        const bool other_channel =
            !any_channel && set.code.find(':') != std::string::npos &&
            std::string_view{set.code}.substr(0, set.code.find(':')) != code.substr(0, code.find(':'));
        return !other_channel && short_code(set.code) == wanted;
    });
    return found == data.end() ? nullptr : &*found;
}

Bytes encode_command(const Command& command) {
    if (std::find(kNames.begin(), kNames.end(), command.name) == kNames.end()) {
        throw std::invalid_argument("\"" + command.name + "\" is no command that is used here");
    }
    std::string content = command.name;
    if (command.data) {
        content += static_cast<char>(kStx);
        append_set(content, *command.data);
    }
    return message_of(kSoh, content);
}

std::variant<Command, DecodeFault> decode_command(ByteView complete) {
    const auto content = content_of(complete, kSoh);
    if (const auto* fault = std::get_if<DecodeFault>(&content)) {
        return *fault;
    }
    const std::string_view text{std::get<std::string>(content)};
    Command command;
    command.name = text.substr(0, kCommandName);
    if (std::find(kNames.begin(), kNames.end(), command.name) == kNames.end()) {
        return DecodeFault{"a command that is not one of password, read and break"};
    }
    if (text.size() == kCommandName) {
        return command.name == kBreak ? std::variant<Command, DecodeFault>{std::move(command)}
                                      : DecodeFault{command.name + " without data"};
    }
    DataSets data;
    if (text[kCommandName] != static_cast<char>(kStx) ||
        text.find_first_of("\r\n") != std::string_view::npos ||
        !read_line(text.substr(kCommandName + 1), data).empty() || data.size() != 1) {
        return DecodeFault{command.name + " without one data set"};
    }
    command.data = std::move(data.front());
    return command;
}

}  // namespace wutong::protocols::iec62056
