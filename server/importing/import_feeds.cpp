#include "server/importing/import_feeds.hpp"

#include <fmt/format.h>

#include <set>
#include <string>

namespace wutong::server {

std::vector<storage::FeedByCode> take_feeds(const std::vector<PlannedMeter>& meters, const Existing& existing,
                                            std::vector<ImportFault>& faults) {
    std::set<std::string> codes;
    for (const auto& meter : meters) {
        codes.insert(meter.code);
    }
    std::vector<storage::FeedByCode> taken;
    for (const auto& meter : meters) {
        const auto fault = [&](const std::string& text) {
            faults.push_back({meter.place.file, meter.place.line, "feeds", text});
        };
        for (const auto& fed : meter.feeds) {
            if (!codes.contains(fed) && !existing.serial_of_code.contains(fed)) {
                fault(fmt::format("there is no meter \"{}\"", fed));
            } else if (fed == meter.code) {
                fault("a feeder does not feed itself");
            }
            taken.push_back({meter.code, fed});
        }
        const auto known = existing.feeds.find(meter.code);
        if (known != existing.feeds.end() && !meter.feeds.empty() &&
            known->second != std::set<std::string>{meter.feeds.begin(), meter.feeds.end()}) {
            fault(fmt::format("meter {} is there already and feeds {}; an import changes nothing",
                              meter.serial, fmt::join(known->second, " ")));
        }
    }
    return taken;
}

}  // namespace wutong::server
