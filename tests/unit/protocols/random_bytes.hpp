#pragma once

#include <random>
#include <variant>
#include <vector>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"
#include "collector/protocols/meter_clock.hpp"

/// Random material for the round trips of the codecs. The seed is fixed: a failure comes back.
namespace wutong::protocols::random {

class Dice {
public:
    explicit Dice(unsigned seed) : source_{seed} {}
    int number(int from, int to) { return std::uniform_int_distribution<int>{from, to}(source_); }
    std::uint32_t number32(std::uint32_t to = 0xFFFFFFFF) {
        return std::uniform_int_distribution<std::uint32_t>{0, to}(source_);
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(number(0, 255)); }
    bool coin() { return number(0, 1) == 1; }
    Bytes bytes(std::size_t count) {
        Bytes all(count);
        for (auto& one : all) {
            one = byte();
        }
        return all;
    }
    Bytes bytes_up_to(int most) { return bytes(static_cast<std::size_t>(number(0, most))); }
    MeterClock clock() {
        return {number(2000, 2099), number(1, 12), number(1, 28),
                number(0, 23),      number(0, 59), number(0, 59)};
    }

private:
    std::mt19937 source_;
};

/// Takes frames out of a stream that arrives in pieces of 1..piece_max bytes, as a driver would.
/// `stuck` means that the buffer grew over `longest` without a word.
struct Harvest {
    std::vector<Bytes> frames;
    std::size_t skipped = 0;
    bool stuck = false;
};
template <class Match>
Harvest harvest(const Bytes& stream, Dice& dice, int piece_max, std::size_t longest, Match match) {
    Harvest got;
    Bytes buffer;
    for (std::size_t at = 0; at < stream.size() && !got.stuck;) {
        const auto piece = std::min(stream.size() - at, static_cast<std::size_t>(dice.number(1, piece_max)));
        buffer.insert(buffer.end(), stream.begin() + static_cast<std::ptrdiff_t>(at),
                      stream.begin() + static_cast<std::ptrdiff_t>(at + piece));
        at += piece;
        while (true) {
            const auto told = match(ByteView{buffer});
            std::size_t used = 0;
            if (const auto* complete = std::get_if<FrameComplete>(&told)) {
                used = complete->length;
                got.frames.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(used));
            } else if (const auto* skip = std::get_if<Skip>(&told)) {
                used = skip->bytes;
                got.skipped += used;
            } else {
                break;
            }
            if (used == 0 || used > buffer.size()) {
                got.stuck = true;
                break;
            }
            buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(used));
        }
        got.stuck = got.stuck || buffer.size() > longest + static_cast<std::size_t>(piece_max);
    }
    return got;
}

}  // namespace wutong::protocols::random
