#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/time.hpp"

/// Measured consumption, replayed. What the files hold, where they come from and which premises plays
/// which unit is written in data/README.md.
namespace wutong::simulator {

enum class Use { apartment, shop, office };

[[nodiscard]] const char* to_string(Use use);

/// One premises over 52 whole weeks, hour by hour, in watt-hours (= mean watts of the hour).
///
/// A gap in the measurement is not zero consumption. It is filled with the same hour of the nearest
/// week that has a reading (earlier before later); only a premises without any such hour is refused.
struct LoadCurve {
    static constexpr std::size_t kHours = 364 * 24;

    std::string premises_id;
    Use use = Use::apartment;
    int share_permille = 1000;        ///< a shop or office is this part of the building that was measured
    std::vector<std::int32_t> watts;  ///< kHours values, gaps filled, share not yet applied
    int gap_hours = 0;                ///< how many of them were filled

    /// Mean watts of the hour that `at` lies in, share applied.
    /// @param local_offset  local standard time minus UTC of the building
    /// @param shift_weeks   lets two units replay the same premises without moving in step
    [[nodiscard]] std::int64_t watts_at(core::Timestamp at, std::chrono::minutes local_offset,
                                        int shift_weeks) const;
};

class LoadCurves {
public:
    /// Reads premises.csv and load-curves.csv.gz of `folder`.
    /// @throws std::runtime_error naming file, line and what is wrong there
    explicit LoadCurves(const std::filesystem::path& folder);

    [[nodiscard]] const std::vector<LoadCurve>& all() const { return curves_; }
    [[nodiscard]] std::vector<const LoadCurve*> of_use(Use use) const;
    [[nodiscard]] const LoadCurve* find(const std::string& premises_id) const;

private:
    std::vector<LoadCurve> curves_;
};

/// The folder with the curves: `given` if not empty, else ../share/wutong/sim-data seen from the executable,
/// else simulator/data of the source tree that the executable was built in.
/// @throws std::runtime_error listing the places that were tried
[[nodiscard]] std::filesystem::path find_data_folder(const std::filesystem::path& given,
                                                     const std::filesystem::path& executable);

}  // namespace wutong::simulator
