#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/feeder_loss.hpp"
#include "core/identity.hpp"
#include "storage/energy_rollups.hpp"

/// Energy of many meters over a period, from the days that the rollup job keeps (not from readings), and
/// which meters are behind which feeder.
namespace wutong::storage {

class Transaction;

struct MeterUse {
    core::MeterId meter;
    std::string code, unit_code, role;
    std::optional<std::int64_t> used_wh;                  ///< nothing: no day of the period has a reading
    RateUse rates;                                        ///< of the days that tell them
    int days = 0;                                         ///< that have a reading
    std::optional<core::Timestamp> known_from, known_to;  ///< as of core::UseSpan
    [[nodiscard]] core::UseSpan span() const;
};
/// In the order of their ids, each once. @pre real days, YYYY-MM-DD; both included
[[nodiscard]] std::vector<MeterUse> meter_uses(Transaction& tx, core::PropertyId property,
                                               const std::vector<core::MeterId>& meters,
                                               const std::string& from_day, const std::string& to_day);

/// Of one commodity: litres of water are not added to watt-hours.
/// @param role "": any @param after ids above this one @param limit 1 to 1000
[[nodiscard]] std::vector<core::MeterId> meters_after(Transaction& tx, core::PropertyId property,
                                                      core::Commodity commodity, const std::string& role,
                                                      core::MeterId after, int limit);

struct Feeder {
    core::MeterId feeder;
    std::vector<core::MeterId> meters;
};
/// Meters of the role feeder, with meters of electricity behind them. @param only 0: all @param after ids
/// above this one @param limit 1 to 1000
[[nodiscard]] std::vector<Feeder> list_feeders(Transaction& tx, core::PropertyId property, core::MeterId only,
                                               core::MeterId after, int limit);
struct FedMeter {
    core::MeterId meter;
    std::string code, unit_code;
};
/// Meters behind it, of electricity or not, by id. The import and set_feeds bound how many there can be.
[[nodiscard]] std::vector<FedMeter> list_fed(Transaction& tx, core::PropertyId property,
                                             core::MeterId feeder);
/// From now on the feeder feeds these and no others.
void set_feeds(Transaction& tx, core::PropertyId property, core::MeterId feeder,
               const std::vector<core::MeterId>& meters);

/// Feeder and meter by their codes, as an import names them. A pair that is there already stays.
struct FeedByCode {
    std::string feeder, meter;
};
void insert_feeds(Transaction& tx, core::PropertyId property, const std::vector<FeedByCode>& feeds);
[[nodiscard]] std::vector<FeedByCode> list_feeds(Transaction& tx, core::PropertyId property);

}  // namespace wutong::storage
