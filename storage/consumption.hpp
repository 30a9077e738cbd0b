#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// What tenants have used becomes revenue: prepaid credit → revenue, by the meter's energy register. The
/// register value up to which a meter is booked is kept with its account, and so is what was below one
/// ten-thousandth; so booking the same readings again books nothing, and the sum over any number of bookings
/// is exact.
namespace wutong::storage {

/// A meter that could not be booked. Nothing was changed for it.
struct BookingSkipped {
    core::MeterId meter;
    core::AccountId account;
    core::Energy booked, found;
    std::string reason;  ///< "the energy register went backwards", or what else
};

struct BookingReport {
    int meters = 0;   ///< looked at
    int entries = 0;  ///< journal entries made
    core::Energy energy;
    core::Money amount;
    std::vector<BookingSkipped> skipped;
    core::MeterId last;  ///< 0: the last page was done
};

/// Books the newest readings of opened meters that were not booked yet, in the order of their ids.
/// Meters whose link is locked at the moment (a sale, a delivery) are left to the next round.
/// @param after 0, or `last` of the page before @param limit 1 to 1000
BookingReport book_consumption(Transaction& tx, core::PropertyId property, core::MeterId after, int limit);

/// Books one meter up to `energy`, then takes `price` for what comes after. Used when a price was confirmed
/// on the meter. Without an opened account, or with an energy that lies before what was booked, only the
/// price is set. The change is kept in price_change, with the register from before it was sent: in between
/// the meter may have charged either price.
/// @param command that brought it; 0: none  @param sent_at when it was sent first; empty: not known
void change_booked_price(Transaction& tx, core::PropertyId property, core::MeterId meter, core::Price price,
                         std::optional<core::Energy> energy, core::Timestamp at, core::CommandId command = {},
                         std::optional<core::Timestamp> sent_at = {});

/// Books one meter of an account up to `energy` (a clear ends its time on the account). @return the amount
/// booked
core::Money book_meter_up_to(Transaction& tx, core::PropertyId property, core::AccountId account,
                             core::MeterId meter, core::Energy energy, core::Timestamp at);

}  // namespace wutong::storage
