#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace wutong::simulation {

/// What happened, as a hash always and as text when somebody wants to read it.
class Trace {
public:
    /// @param all every line is kept, not only the last ones
    explicit Trace(bool readable = false, bool print = false, bool all = false)
        : readable_{readable}, print_{print}, all_{all} {}

    /// @param what constant text: its address never goes into the hash, its characters do
    template <class... Parts>
    void note(const char* what, const Parts&... parts) {
        for (const char* c = what; *c != '\0'; ++c) {
            mix(static_cast<std::uint64_t>(static_cast<unsigned char>(*c)));
        }
        (mix(static_cast<std::uint64_t>(parts)), ...);
        if (readable_) {
            std::string line = fmt::format("{:5}  {}", step_, what);
            ((line += fmt::format(" {}", parts)), ...);
            keep(std::move(line));
        }
    }
    /// For people alone.
    void say(const std::string& text) {
        if (readable_) {
            keep(fmt::format("{:5}      {}", step_, text));
        }
    }
    [[nodiscard]] bool readable() const { return readable_; }
    void step(int number) { step_ = number; }
    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] const std::deque<std::string>& last() const { return last_; }

private:
    static constexpr std::size_t kKept = 60;

    void mix(std::uint64_t part) {
        hash_ = (hash_ ^ part) * 0x100000001B3U;
        hash_ ^= hash_ >> 29U;
    }
    void keep(std::string line) {
        if (print_) {
            fmt::print("{}\n", line);
        }
        last_.push_back(std::move(line));
        if (last_.size() > kKept && !all_) {
            last_.pop_front();
        }
    }

    bool readable_;
    bool print_;
    bool all_;
    int step_ = 0;
    std::uint64_t hash_ = 0xCBF29CE484222325U;
    std::deque<std::string> last_;
};

}  // namespace wutong::simulation
