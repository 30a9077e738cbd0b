#pragma once

#include <map>
#include <optional>

#include "core/daily_use.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// What the wall shows besides the meters' states.
namespace wutong::storage {

struct PropertyFigures {
    int live_alarms = 0;            ///< raised and not cleared
    int unacknowledged_alarms = 0;  ///< of them
    int unfinished_commands = 0;
    int deliveries_under_way = 0;
    int quarantined_deliveries = 0;
    friend bool operator==(const PropertyFigures&, const PropertyFigures&) = default;
};
/// Of all properties in the transaction's scope that have any. Cheap: the small indexes of what is
/// unfinished.
[[nodiscard]] std::map<core::PropertyId, PropertyFigures> property_figures(Transaction& tx);

struct RegisterSpan {
    core::RegisterLook first, last;
};
/// The first and the last register value of each enabled meter since core::kDailyUseDays before today, where
/// the property is.
[[nodiscard]] std::map<core::MeterId, RegisterSpan> register_spans(Transaction& tx, core::PropertyId property,
                                                                   core::Timestamp now);
/// The same of one meter; none when it was never read.
[[nodiscard]] std::optional<RegisterSpan> register_span(Transaction& tx, core::PropertyId property,
                                                        core::MeterId meter, core::Timestamp now);

}  // namespace wutong::storage
