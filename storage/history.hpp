#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// The data-transfer service: readings of past months move from the hot table into the archive, a meter's
/// month at a time, and what a policy names is forgotten. readings_between() of the schema sees both places;
/// all questions about readings go through it. Each step is a transaction of its own: broken off anywhere,
/// nothing is lost or there twice, and the next run goes on.
namespace wutong::storage {

class Transaction;

/// Months (UTC) whose readings lie in the hot table, as YYYY-MM-01, oldest first.
[[nodiscard]] std::vector<std::string> hot_months(Transaction& tx);

struct ArchiveStep {
    core::MeterId last;         ///< where the next step goes on; none: nothing followed
    int meters = 0;             ///< whose month lies in the archive now
    std::int64_t readings = 0;  ///< that were moved
    bool busy = false;          ///< another server is at it
};
/// Moves what one property has of a month, `meters_max` meters after `after`. What is still needed stays:
/// readings not charged yet by the server, days not told yet, registers that wait for a person's word.
/// @param month YYYY-MM-01, at least 60 days over @throws StatementFailed for a younger one
ArchiveStep archive_readings(Transaction& tx, core::PropertyId property, const std::string& month,
                             core::MeterId after, int meters_max);
/// Takes the partition of the month away when nothing is left in it. @return false: not yet
bool drop_empty_month(Transaction& tx, const std::string& month);

enum class HistoryClass {
    request,  ///< answers kept for callers that ask again
    alarm,    ///< cleared alarms
    instant,  ///< power, voltage, current, frequency of archived readings; their registers stay
    reading,  ///< archived readings; days and months stay
    event,    ///< events of meters that are over
};
/// Forgets at most `most` rows (of `instant` and `reading`: months of meters) of a property from before a
/// time. The ledger, sales and the operation log are never asked. @return how many
/// @throws StatementFailed for a time that is too young for the class
int forget_history(Transaction& tx, core::PropertyId property, HistoryClass what, core::Timestamp before,
                   int most);

/// What was moved of a month, for whoever watches.
struct HistoryMonth {
    std::string month;  ///< YYYY-MM
    core::Timestamp begun_at, moved_at;
    std::optional<core::Timestamp> finished_at;  ///< when nothing was left in the hot table
    std::int64_t meters = 0, readings = 0, bytes_before = 0;
};
[[nodiscard]] std::vector<HistoryMonth> list_history_months(Transaction& tx, int limit);

/// A month of the hot table.
struct HotMonth {
    std::string month;  ///< YYYY-MM
    std::int64_t bytes = 0;
    std::int64_t readings = 0;  ///< the planner's estimate
};
[[nodiscard]] std::vector<HotMonth> hot_month_sizes(Transaction& tx);
/// Of the whole archive.
[[nodiscard]] std::int64_t archive_bytes(Transaction& tx);

/// The last round of the job, whichever server did it.
struct HistoryRound {
    std::optional<core::Timestamp> wanted_at;  ///< somebody asked for a round
    std::optional<core::Timestamp> begun_at, finished_at;
    std::int64_t moved_readings = 0, forgotten = 0;
    std::string error;
};
[[nodiscard]] HistoryRound history_round(Transaction& tx);
void want_history_round(Transaction& tx, core::Timestamp at);
void begin_history_round(Transaction& tx, core::Timestamp at);
/// Of the round under way. @param finished_at nothing: it goes on
void note_history_round(Transaction& tx, std::int64_t moved_readings, std::int64_t forgotten,
                        const std::string& error, std::optional<core::Timestamp> finished_at);

}  // namespace wutong::storage
