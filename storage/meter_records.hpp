#pragma once

#include <vector>

#include "core/identity.hpp"
#include "core/meter_event.hpp"

/// What happens to meters besides counting: begun, ended, read from their records. Alarms follow.
namespace wutong::storage {

class Transaction;

struct MeterEventsRow {
    core::PropertyId property;
    core::MeterId meter;
    core::EventsReport report;
};

/// An event is stored once, whoever brings it how often, also when a row comes again after later ones; the
/// alarm of its kind is live while it stands, and one that was over when it was read from a record is left
/// for acknowledgement. In the order of the rows. A meter that was deleted meanwhile is left out.
void put_meter_events(Transaction& tx, const std::vector<MeterEventsRow>& rows);

struct MeterRecord {
    std::int64_t id = 0;
    core::MeterId meter;
    std::string meter_code, unit_code;
    core::MeterEventKind kind = core::MeterEventKind::fault;
    core::Timestamp began_at;
    std::optional<core::Timestamp> ended_at;
    bool recorded = false;  ///< by the meter itself
};
struct MeterRecordFilter {
    core::PropertyId property;
    core::MeterId meter{};  ///< 0: any
    bool standing_only = false;
    std::optional<core::MeterEventKind> kind{};
};
/// Last stored first. @param before rows with this number and above are left out; 0: from the last
[[nodiscard]] std::vector<MeterRecord> list_meter_records(Transaction& tx, const MeterRecordFilter& filter,
                                                          std::int64_t before, int limit);

}  // namespace wutong::storage
