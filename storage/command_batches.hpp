#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/command.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Commands that were sent in one call. The collector knows nothing of batches: pausing holds the commands
/// themselves.
namespace wutong::storage {

enum class BatchState { open, paused, stopped };
[[nodiscard]] const char* to_string(BatchState state);

struct NewBatch {
    core::PropertyId property;
    std::string batch_id;  ///< UUID
    core::CommandKind kind = core::CommandKind::read_now;
    std::string arguments = "{}";  ///< JSON
    core::OperatorId operator_id;
    core::Timestamp expires_at;
    int total = 0;
    int skipped_count = 0;
    std::string skipped = "[]";  ///< JSON array for people; kept as it is
    std::string retry_of;        ///< UUID or ""
};
/// Its commands follow by insert_commands.
void insert_batch(Transaction& tx, const NewBatch& batch);

struct StoredBatch {
    core::PropertyId property;
    std::string batch_id;
    std::int64_t number = 0;  ///< for paging
    core::CommandKind kind = core::CommandKind::read_now;
    std::string arguments;
    BatchState state = BatchState::open;
    core::OperatorId operator_id;
    std::string operator_name;
    core::Timestamp created_at, expires_at;
    std::optional<core::Timestamp> started_at;   ///< of its first command
    std::optional<core::Timestamp> finished_at;  ///< of the last one, once all are finished
    /// Waiting is what was not sent yet, whether a collector has it already or not; running is what was.
    int total = 0, waiting = 0, running = 0, done = 0, failed = 0, expired = 0, cancelled = 0;
    int skipped_count = 0;
    std::string skipped;  ///< JSON
    std::string retry_of, retried_by;
    int retryable = 0;  ///< failed or expired, and not tried again by a later batch

    [[nodiscard]] bool finished() const { return waiting + running == 0; }
};

[[nodiscard]] std::optional<StoredBatch> find_batch(Transaction& tx, core::PropertyId property,
                                                    const std::string& batch_id);

struct BatchFilter {
    core::PropertyId property;
    bool unfinished_only = false;
    int meters_min = 0;
    core::OperatorId operator_id;         ///< 0: everybody's
    std::optional<core::Timestamp> from;  ///< of created_at; included
    std::optional<core::Timestamp> to;    ///< excluded
};
/// Newest first. @param before 0, or `number` of the last one of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredBatch> list_batches(Transaction& tx, const BatchFilter& filter,
                                                    std::int64_t before, int limit);

/// Takes the batch's row lock until the transaction ends. @return false: there is no such batch
[[nodiscard]] bool lock_batch(Transaction& tx, core::PropertyId property, const std::string& batch_id);

/// Pausing holds what is unfinished: what was sent goes on, the rest stays in the queue. Opening lets it go.
/// @pre the batch is locked @param state open or paused
void hold_batch(Transaction& tx, core::PropertyId property, const std::string& batch_id, BatchState state);

/// Cancels what was not sent yet. @pre the batch is locked @return how many
int stop_batch(Transaction& tx, core::PropertyId property, const std::string& batch_id,
               const std::string& reason, core::Timestamp now);

/// The meters whose command failed or expired and was not tried again by a later batch.
[[nodiscard]] std::vector<core::MeterId> meters_to_retry(Transaction& tx, core::PropertyId property,
                                                         const std::string& batch_id);

}  // namespace wutong::storage
