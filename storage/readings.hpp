#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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

/// What the recorder stores in one transaction: a commit waits for the disk, so that fewer are faster.
inline constexpr std::size_t kReadingsPerBatch = 10'000;

struct ReadingsStored {
    std::size_t added = 0;
    std::size_t duplicates = 0;
};

/// Brings readings into the database, as one collector does. Remembers the newest reading of each meter that
/// it has stored: what is newer is copied straight into the table, what is not is looked up first, so that a
/// reading that comes twice costs one look and not the batch. Where another collector was faster, or nothing
/// is remembered yet, the batch is looked up as a whole and stored once more.
class ReadingWriter {
public:
    explicit ReadingWriter(Database& database);
    ~ReadingWriter();
    ReadingWriter(const ReadingWriter&) = delete;
    ReadingWriter& operator=(const ReadingWriter&) = delete;

    /// Stores a batch, all or nothing; says in the same transaction which days of which meters have to be
    /// told again (energy_due, see storage/energy_rollups.hpp) and whom the server has to charge. Partitions
    /// that are missing are made. One thread at a time.
    /// @throws StatementFailed as a whole when one row can't be stored
    ReadingsStored put(const std::vector<ReadingRow>& rows);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// One batch, by a writer that remembers nothing.
ReadingsStored put_readings(Database& database, const std::vector<ReadingRow>& rows);

/// Makes the partitions of this month and the next ones.
void ensure_reading_partitions(Transaction& tx, int months_ahead);

}  // namespace wutong::storage
