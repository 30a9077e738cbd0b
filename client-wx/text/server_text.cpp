#include "client-wx/text/server_text.hpp"

#include <fmt/args.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

/// xgettext collects these by the name of the function; they are translated when they are shown.
constexpr const char* later(const char* english) {
    return english;
}

/// What the server says, {} where it puts something in.
constexpr auto kKnown = std::to_array<const char*>({
    // Fields and lines of files.
    later("is empty"),
    later("is empty; it must begin with {}"),
    later("must not be empty"),
    later("must have 1 to {} bytes"),
    later("must have 1 to 64 bytes: letters, digits and . _ @ -"),
    later("must be from {} to {}"),
    later("is {}; it must be from {} to {}"),
    later("has more than {} bytes"),
    later("is {} bytes long; at most {} are allowed"),
    later("has a line break or a tab in it"),
    later("has a control character in it"),
    later("is there twice"),
    later("\"{}\" is not a whole number from {} to {}"),
    later("\"{}\" is not a time zone; write it as Asia/Shanghai"),
    later("\"{}\" is not an absolute device path, as /dev/ttyUSB0"),
    later("\"{}\" is not an address with a port, as 192.0.2.10:502"),
    later("\"{}\" is not known; use serial, modbus_tcp, rtu_over_tcp, dial_in, gateway_tls, gateway_3des, "
          "gateway_plain or mqtt"),
    later("\"{}\" is not the address of an MQTT broker, as mqtts://broker.example:8883 or "
          "mqtt://10.0.0.5:1883"),
    later("is the same as the endpoint"),
    later("a gateway that dials in chooses its path itself"),
    later("another channel has this registration already"),
    later("\"{}\" is not host:port/serial-port of a wutong-gateway, as 10.0.0.9:7610/bus1"),
    later("\"{}\" does not say how the gateway names itself; write plain:REGISTRATION, acrel-4g:SERIAL or "
          "acrel-gateway:ID/PORT"),
    later("\"{}\" is not known; use prepaid, monitor or feeder"),
    later("\"{}\" is not known; use N, E or O"),
    later("must be three capital letters, as CNY"),
    later("must be at most {} digits, +, - and spaces"),
    later("there is no profile \"{}\"; known are: {}"),
    later("a meter with the profile {} holds no credit; use monitor or feeder"),
    // Who can charge by a tariff plan, and why not the meter itself.
    later("the meter keeps no credit of its own"),
    later("the meter has no price that can be set"),
    later("the meter has the prices, but its hours can't be set from here"),
    later("the plan has special days, which can't be set from here"),
    later("the plan has {} steps, the meter holds one price"),
    later("the plan has {} steps, the meter holds {}"),
    later("no meter knows it: it is taken out of what is paid, when credit is sold"),
    later("what a month lacks to it is known at the month's end, and taken when credit is sold next"),
    later("it has to be paid when the account is opened, besides the first purchase"),
    later("the meter can't be told an overdraft of {}"),
    later("the meter's register can't hold {}"),
    later("the server would have to switch it off, and it has no relay for that"),
    // What is there already.
    later("a property with this code is there already"),
    later("a building with this code is there already"),
    later("the building has this floor already"),
    later("a unit with this code is there already"),
    later("a gateway with this code is there already"),
    later("a channel with this code is there already"),
    later("a meter with this code is there already"),
    later("a meter with this serial number is there already"),
    later("another meter has this address on the channel"),
    later("an operator with this name is there already"),
    later("there is no such building"),
    later("there is no such floor"),
    later("there is no such gateway"),
    later("there is no such channel"),
    later("there is no such unit"),
    later("there is no role \"{}\"; known are: {}"),
    // Imports.
    later("unknown column; the header is {}"),
    later("column is missing; the header is {}"),
    later("has {} fields, the header has {}"),
    later("needs its building and floor in the same row"),
    later("only a feeder feeds other meters"),
    later("more than 20000 meters; split the file"),
    later("and {} more faults after this one"),
    later("is there already with time zone {} and currency {}"),
    later("there is no property \"{}\"; describe it in a .toml file"),
    later("floor {} is in line {} already"),
    later("is missing: only a serial channel has none"),
    later("gateway {} is there already, as {} at \"{}\"; an import changes nothing"),
    later("channel {} is there already, as {} at \"{}\" with {} 8{}{}; an import changes nothing"),
    later("meter {} is there already with {} \"{}\"; an import changes nothing"),
    later("{} is the port of channel {} already"),
    later("{} \"{}\" is in {}:{} already"),
    later("is in {}:{} already; one import is one property"),
    later("\"{}\" is not \"{}\"; one import is one property"),
    later("there is no building \"{}\""),
    later("there is no channel \"{}\""),
    later("there is no gateway \"{}\""),
    later("there is no meter \"{}\""),
    later("building {} has no floor {}"),
    later("unit {} is on floor {} of building {}"),
    later("\"{}\" is the code of meter {} already"),
    later("{} on channel {} is meter {} already"),
    later("a quotation mark is opened here and never closed"),
    later("after a closing quotation mark only a comma or the line's end may follow"),
    later("either a number of floors, or [[building.floor]] for each, not both"),
    // Why a command failed.
    later("no answer after {} tries"),
    later("no answer"),
    later("no connection in time"),
    later("not connected"),
    later("closed by peer"),
    later("it was too late to send it"),
    later("the tenant has paid meanwhile"),
    later("cancelled by an operator"),
    later("the meter refused: {}"),
    later("the relay is still open"),
    later("the relay is still closed"),
    later("the relay could not be read back: {}"),
    later("the settings could not be read back: {}"),
    later("the present settings could not be read: {}"),
    later("the clock could not be read back: {}"),
    later("the clock is {} s off after it was set"),
    later("the forced state is still in force"),
    later("the forced state is not in force"),
    later("profile {} takes no commands"),
    later("the collector {} has no usable profile {}, so it can't talk to this meter"),
    // Alarms.
    later("balance {}"),
    later("account {} was closed with a prepaid credit of {}; rounding explains {} at most"),
    later("channel {} does not answer"),
    later("gateway {} does not answer"),
});

/// The parts of `text` at the {} of `pattern`, each as short as it can be; nothing when they do not fit.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        const auto hole = pattern.find("{}");
        const auto fixed = pattern.substr(0, hole);
        if (!text.starts_with(fixed)) {
            return std::nullopt;
        }
        text.remove_prefix(fixed.size());
        if (hole == std::string_view::npos) {
            return text.empty() ? std::optional{parts} : std::nullopt;
        }
        pattern.remove_prefix(hole + 2);
        const auto next = pattern.substr(0, pattern.find("{}"));
        const auto end = next.empty() ? text.size()
                         : pattern.size() == next.size() && text.ends_with(next)
                             ? text.size() - next.size()  // the last fixed part ends the text
                             : text.find(next);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::string translated(const std::string& english) {
    for (const auto* known : kKnown) {
        const auto parts = match(known, english);
        if (!parts) {
            continue;
        }
        // "the meter refused: no answer" has a sentence of the server in it again.
        const bool reason_inside = std::string_view{known}.ends_with(": {}");
        fmt::dynamic_format_arg_store<fmt::format_context> arguments;
        for (std::size_t i = 0; i < parts->size(); ++i) {
            const bool inner = reason_inside && i + 1 == parts->size();
            arguments.push_back(inner ? translated((*parts)[i]) : (*parts)[i]);
        }
        try {
            return fmt::vformat(tr(known), arguments);
        } catch (const fmt::format_error&) {
            return english;  // a translation with a wrong placeholder
        }
    }
    return english;
}

}  // namespace

std::string describe_server_text(const std::string& english) {
    auto said = translated(english);
    if (!said.empty() && said.front() >= 'a' && said.front() <= 'z') {
        said.front() = static_cast<char>(said.front() - 'a' + 'A');
    }
    return said;
}

}  // namespace wutong::client
