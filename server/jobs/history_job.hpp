#pragma once

#include <map>
#include <memory>
#include <string>

#include "server/jobs/worker.hpp"

namespace wutong::server {

class App;

/// What a property keeps, from its parameters.
struct HistoryPolicy {
    int hot_months = 13;     ///< readings lie in the hot table for so many whole months
    int instant_months = 0;  ///< power, voltage and current of archived readings; 0: for ever
    int reading_months = 0;  ///< archived readings; days and months stay; 0: for ever
    int request_days = 90;   ///< answers for callers that ask again; 0: for ever
    int alarm_months = 0;    ///< cleared alarms; 0: for ever
    int event_months = 0;    ///< events of meters that are over; 0: for ever
    bool held = false;       ///< nothing is moved or forgotten
    friend bool operator==(const HistoryPolicy&, const HistoryPolicy&) = default;
};
/// @param parameters as they are set; what is not set or can't be read is as above
[[nodiscard]] HistoryPolicy history_policy(const std::map<std::string, std::string>& parameters);

/// The data-transfer service (storage/history.hpp): moves readings into the archive and forgets what the
/// policy of each property says, in small transactions with a pause after each, so that cashiers and
/// collectors go first. Stopping the server stops it between two of them; the next round goes on.
[[nodiscard]] std::unique_ptr<Worker> make_history_job(App& app);

}  // namespace wutong::server
