#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/plausibility.hpp"
#include "core/time.hpp"

/// Readings are facts: added once, never changed. The same reading again (same meter, same time) is not
/// stored twice.
namespace wutong::storage {

class Database;
class Transaction;

struct ReadingRow {
    core::PropertyId property;
    core::MeterId meter;
    core::Timestamp read_at;
    std::optional<std::int64_t> energy_wh;
    std::optional<std::int64_t> sharp_wh;
    std::optional<std::int64_t> peak_wh;
    std::optional<std::int64_t> flat_wh;
    std::optional<std::int64_t> valley_wh;
    std::optional<std::int64_t> reverse_wh;
    std::optional<std::int64_t> balance_e4;
    std::optional<std::int64_t> purchase_number;
    std::optional<std::int64_t> power_w;
    std::optional<std::int64_t> reactive_var;
    std::optional<std::int64_t> power_factor_e3;
    std::optional<std::int64_t> frequency_mhz;
    std::vector<std::int64_t> voltage_mv;  ///< one or three phases; empty: unknown
    std::vector<std::int64_t> current_ma;
    std::optional<bool> relay_closed;
    std::string source = "scheduled";  ///< scheduled, state, read_now, credit or catch_up
    /// Told once, when the doubt begins. Where it can't be charged by, energy and rates are unknown.
    std::optional<core::DoubtedRegister> doubted;
    friend bool operator==(const ReadingRow&, const ReadingRow&) = default;
};

struct ReadingsStored {
    std::size_t added = 0;
    std::size_t duplicates = 0;
};

/// Stores a batch, all or nothing, and keeps daily_energy up to date in each property's time zone. Loaded
/// with COPY; a batch that meets a duplicate is loaded once more through a staging table. Partitions that are
/// missing are made.
ReadingsStored put_readings(Database& database, const std::vector<ReadingRow>& rows);

/// Makes the partitions of this month and the next ones.
void ensure_reading_partitions(Transaction& tx, int months_ahead);

}  // namespace wutong::storage
