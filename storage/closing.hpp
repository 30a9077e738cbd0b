#pragma once

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// What is left of an account's prepaid credit when its last meter has gone. What rounding can explain
/// (core::rounding_at_most) goes to the rounding account, so that the account ends at exactly zero. More than
/// that is nobody's to book away: it stays, and an alarm says so.
/// @pre everything else of the account is booked  @param meter the last one; 0: none
void book_closing_residue(Transaction& tx, core::PropertyId property, core::AccountId account,
                          core::MeterId meter, core::Timestamp now);

/// The meter no longer belongs to the account. Locks the account's row: of two last meters that end at the
/// same time, the second one then sees the first. @return true when that closed an account that was closing
bool end_link_and_close(Transaction& tx, core::PropertyId property, core::AccountId account,
                        core::MeterId meter, core::Timestamp now);

}  // namespace wutong::storage
