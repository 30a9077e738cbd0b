#include "core/channel_share.hpp"

#include <algorithm>
#include <numeric>

namespace wutong::core {

std::optional<Handover> next_handover(const std::string& name, const std::vector<CollectorLoad>& loads,
                                      const ShareRules& rules) {
    const CollectorLoad* own = nullptr;
    const CollectorLoad* least = nullptr;
    for (const auto& load : loads) {
        if (load.name == name) {
            own = &load;
        } else if (load.present_for >= rules.present_for && load.channels < load.channels_max &&
                   (least == nullptr ||
                    std::pair{load.channels, load.name} < std::pair{least->channels, least->name})) {
            least = &load;
        }
    }
    if (own == nullptr || least == nullptr || own->channels - least->channels < 2) {
        return std::nullopt;
    }
    const int all = std::accumulate(loads.begin(), loads.end(), 0,
                                    [](int sum, const auto& load) { return sum + load.channels; });
    const int count = static_cast<int>(loads.size());
    const int most = (all + count - 1) / count;
    const int fewest = all / count;
    // Whoever has more than the mean gives; only when nobody has, whoever is at it, rounded up.
    const bool somebody_above =
        std::any_of(loads.begin(), loads.end(), [&](const auto& load) { return load.channels > most; });
    if (own->channels <= fewest || (own->channels <= most && (somebody_above || least->channels >= fewest))) {
        return std::nullopt;
    }
    // Not below the mean, nor the other above it: what went too far would have to come back.
    const int excess = std::max(own->channels - most, 1);
    const int lack = std::max(fewest - least->channels, 1);
    const int channels = std::min({rules.at_once, excess, lack, (own->channels - least->channels) / 2,
                                   least->channels_max - least->channels});
    return channels < 1 ? std::nullopt : std::optional{Handover{least->name, channels}};
}

}  // namespace wutong::core
