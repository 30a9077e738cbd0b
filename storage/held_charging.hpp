#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "core/held_charge.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/cut_off.hpp"
#include "storage/database.hpp"
#include "storage/tariffs.hpp"

/// Charging server-held meters: readings in, journal entry out. The entry, the watermark and what the tariff
/// carries are one transaction under the lock of the meter's link, so that a reading is charged once, however
/// many servers try and whenever one of them is killed.
namespace wutong::storage {

/// Plans made ready, kept by whoever charges many meters. Not for two threads at once.
class PlanCache {
public:
    /// @throws NotFound, core::PlanError
    [[nodiscard]] const core::PreparedPlan& get(Transaction& tx, core::PropertyId property,
                                                TariffPlanId plan);
    /// The property's wall clock for calculations.
    [[nodiscard]] const core::LocalTime& local_time(Transaction& tx, core::PropertyId property,
                                                    core::Timestamp now);
    /// For meters without a plan: everything at one price.
    [[nodiscard]] const core::PreparedPlan& at_price(core::Price price);
    /// Forgets when there is too much of it. What was handed out before is gone then.
    void trim();

private:
    using Key = std::tuple<core::PropertyId, TariffPlanId, std::int64_t>;  ///< with the newest version's id
    struct KnownTime {
        core::LocalTime time;
        core::Timestamp loaded_at;
    };
    std::map<Key, std::unique_ptr<core::PreparedPlan>> plans_;
    std::map<core::Price, std::unique_ptr<core::PreparedPlan>> prices_;
    std::map<core::PropertyId, KnownTime> times_;
};

/// The property's values, for meters that have none of their own.
struct HeldDefaults {
    core::Price price;
    core::Money overdraft;
    AlarmAmounts alarms;
    core::Price water_price{};  ///< of a cubic metre
};

struct HeldOutcome {
    bool charged = false;  ///< readings that were new; false: nothing was
    core::EntryId entry;   ///< 0: nothing to book, or nothing new
    core::Money booked;
    core::Energy energy;
    bool more = false;    ///< there are more readings than one round takes
    std::string stopped;  ///< why it can't be charged; nothing was changed but that
    std::optional<CutOffDone> cut_off;
};

/// Locks the link, charges what is new, and applies the cut-off rules. A meter that nobody is charged for:
/// nothing.
/// @param meter charged when it is run server-held and has an account
[[nodiscard]] HeldOutcome charge_held_meter(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                            const HeldDefaults& defaults, PlanCache& plans,
                                            core::Timestamp now);

struct HeldClosing {
    HeldOutcome last;     ///< `stopped`: it can't be closed yet
    core::Money balance;  ///< below zero: what the tenant owes
    core::EntryId entry;  ///< prepaid credit → refund payable; 0: there was nothing left
    bool account_closed = false;
};
/// The end of the meter's time on the account: the last charge with what is due at the end, credit to what is
/// payable (or debt to what is owed), and the link ended; the account is closed when that was its last meter.
/// @pre the account and the link are locked, the account is closing
[[nodiscard]] HeldClosing close_held_meter(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                           const HeldDefaults& defaults, PlanCache& plans,
                                           core::Timestamp now);

}  // namespace wutong::storage
