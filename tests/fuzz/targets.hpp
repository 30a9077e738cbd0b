#pragma once

#include <span>
#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// What every codec has to hold for any bytes at all. One target a codec; libfuzzer.cpp and replay.cpp feed
/// them.
namespace wutong::fuzz {

struct Target {
    const char* name;
    void (*run)(protocols::ByteView bytes);
};

extern const std::span<const Target> kTargets;
/// Null when there is none of that name.
[[nodiscard]] const Target* find_target(std::string_view name);

/// Says what doesn't hold and aborts, as a fuzzer expects it.
[[noreturn]] void broken(const char* what);
inline void hold(bool holds, const char* what) {
    if (!holds) {
        broken(what);
    }
}

/// A deframer over the whole input: what it tells lies inside the bytes, it never waits for more than its
/// longest frame, and it comes to an end. `each` gets every frame.
template <class Match, class Each>
void walk(protocols::ByteView bytes, std::size_t longest, Match match, Each each) {
    while (!bytes.empty()) {
        const auto told = match(bytes);
        if (const auto* complete = std::get_if<protocols::FrameComplete>(&told)) {
            hold(complete->length > 0 && complete->length <= bytes.size() && complete->length <= longest,
                 "a frame lies inside the bytes");
            each(bytes.first(complete->length));
            bytes = bytes.subspan(complete->length);
        } else if (const auto* skip = std::get_if<protocols::Skip>(&told)) {
            hold(skip->bytes > 0 && skip->bytes <= bytes.size(), "a skip lies inside the bytes");
            bytes = bytes.subspan(skip->bytes);
        } else {
            hold(bytes.size() < longest, "nobody waits for more than the longest frame");
            // More may come, or not: go on as after a time-out.
            bytes = bytes.subspan(1);
        }
    }
}

void modbus(protocols::ByteView bytes);
void acrel(protocols::ByteView bytes);
void dlt645(protocols::ByteView bytes);
void cjt188(protocols::ByteView bytes);
void iec62056(protocols::ByteView bytes);
void dlms_hdlc(protocols::ByteView bytes);
void dlms_wrapper(protocols::ByteView bytes);
void dlms_services(protocols::ByteView bytes);
void dlms_association(protocols::ByteView bytes);
void dlms_security(protocols::ByteView bytes);
void message_json(protocols::ByteView bytes);
void sparkplug(protocols::ByteView bytes);

}  // namespace wutong::fuzz
