#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace wutong::simulator {

enum class FaultKind {
    lost_request,           ///< the meter hears nothing
    lost_answer,            ///< the meter acts, its answer is lost
    late_answer,            ///< the answer starts `delay_ms` later
    torn_answer,            ///< only the first half of the answer arrives
    garbled_answer,         ///< bits of the answer are turned over
    repeated_answer,        ///< the answer comes twice
    foreign_answer,         ///< the answer carries another unit's address
    power_cut_after_write,  ///< a write is applied; then the meter is without power for `delay_ms`
};

[[nodiscard]] const char* to_string(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> parse_fault_kind(const std::string& text);

struct Fault {
    std::int64_t id = 0;
    std::string target;  ///< "meter:SERIAL", "bus:NAME" or "gateway:NAME"
    FaultKind kind = FaultKind::lost_request;
    std::optional<int> function;  ///< only requests with this function code
    int count = 1;                ///< so many times, then no more
    double probability = 1.0;
    int delay_ms = 1500;
    int hits = 0;

    [[nodiscard]] bool spent() const { return hits >= count; }
};

/// Faults that were asked for, in order; a request meets the first that fits it.
class FaultBook {
public:
    static constexpr std::size_t kFaultsMax = 1000;

    explicit FaultBook(std::uint64_t seed) : dice_{seed} {}

    /// @throws std::runtime_error when kFaultsMax faults are there already
    std::int64_t add(Fault fault);
    [[nodiscard]] const std::map<std::int64_t, Fault>& all() const { return faults_; }
    bool remove(std::int64_t id) { return faults_.erase(id) > 0; }
    void clear() { faults_.clear(); }

    /// Counts a hit and returns the fault that this request meets.
    /// @param writes does this function change the meter? (power_cut_after_write)
    std::optional<Fault> strike(const std::string& serial, const std::string& line, int function,
                                bool writes);
    /// Modbus: the function says whether it writes.
    std::optional<Fault> strike(const std::string& serial, const std::string& line, int function);

private:
    std::map<std::int64_t, Fault> faults_;
    std::int64_t next_id_ = 1;
    std::mt19937_64 dice_;
};

}  // namespace wutong::simulator
