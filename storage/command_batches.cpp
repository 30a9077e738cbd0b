#include "storage/command_batches.hpp"

#include <stdexcept>

#include "core/names.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr auto kStates = std::to_array<core::detail::Name<BatchState>>({
    {BatchState::open, "open"},
    {BatchState::paused, "paused"},
    {BatchState::stopped, "stopped"},
});

// A command of this batch that a later batch for the same meter has taken up.
// clang-format off
#define WUTONG_TRIED_AGAIN                                                                                        \
    "EXISTS (SELECT FROM command_batch r JOIN command again ON again.property_id = r.property_id "                \
    "AND again.batch_id = r.batch_id AND again.meter_id = k.meter_id "                                            \
    "WHERE r.property_id = k.property_id AND r.retry_of = k.batch_id) "
#define WUTONG_BATCHES                                                                                            \
    "SELECT b.property_id, b.batch_id::text AS batch_id, b.number, b.kind, b.arguments::text AS arguments, "      \
    "b.state, b.operator_id, COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name, b.created_at, "      \
    "b.expires_at, b.total, b.skipped_count, b.skipped::text AS skipped, "                                        \
    "COALESCE(b.retry_of::text, '') AS retry_of, "                                                                \
    "COALESCE((SELECT r.batch_id::text FROM command_batch r WHERE r.property_id = b.property_id "                 \
    "AND r.retry_of = b.batch_id ORDER BY r.number DESC LIMIT 1), '') AS retried_by, n.* FROM page b "            \
    "LEFT JOIN operator o ON o.operator_id = b.operator_id "                                                      \
    "CROSS JOIN LATERAL (SELECT min(k.started_at) AS started_at, max(k.finished_at) AS finished_at, "             \
    "count(*) FILTER (WHERE k.state = 'queued' OR (k.state = 'running' AND k.sent_at IS NULL)) AS waiting, "                                                     \
    "count(*) FILTER (WHERE k.state = 'running' AND k.sent_at IS NOT NULL) AS running, "                                                    \
    "count(*) FILTER (WHERE k.state = 'done') AS done, "                                                          \
    "count(*) FILTER (WHERE k.state = 'failed') AS failed, "                                                      \
    "count(*) FILTER (WHERE k.state = 'expired') AS expired, "                                                    \
    "count(*) FILTER (WHERE k.state = 'cancelled') AS cancelled, "                                                \
    "count(*) FILTER (WHERE k.state IN ('failed', 'expired') AND NOT " WUTONG_TRIED_AGAIN ") AS retryable "       \
    "FROM command k WHERE k.property_id = b.property_id AND k.batch_id = b.batch_id) AS n "                       \
    "ORDER BY b.number DESC"
// clang-format on

StoredBatch read(const pqxx::row& row) {
    StoredBatch batch;
    batch.property = get<core::PropertyId>(row, "property_id");
    batch.batch_id = get<std::string>(row, "batch_id");
    batch.number = get<std::int64_t>(row, "number");
    batch.kind = core::parse_command_kind(get<std::string>(row, "kind"));
    batch.arguments = get<std::string>(row, "arguments");
    batch.state = core::detail::value_of(kStates, get<std::string>(row, "state"), "batch state");
    batch.operator_id = get<core::OperatorId>(row, "operator_id");
    batch.operator_name = get<std::string>(row, "operator_name");
    batch.created_at = get<core::Timestamp>(row, "created_at");
    batch.expires_at = get<core::Timestamp>(row, "expires_at");
    batch.started_at = get<std::optional<core::Timestamp>>(row, "started_at");
    batch.total = get<int>(row, "total");
    batch.waiting = get<int>(row, "waiting");
    batch.running = get<int>(row, "running");
    batch.done = get<int>(row, "done");
    batch.failed = get<int>(row, "failed");
    batch.expired = get<int>(row, "expired");
    batch.cancelled = get<int>(row, "cancelled");
    batch.skipped_count = get<int>(row, "skipped_count");
    batch.skipped = get<std::string>(row, "skipped");
    batch.retry_of = get<std::string>(row, "retry_of");
    batch.retried_by = get<std::string>(row, "retried_by");
    batch.retryable = get<int>(row, "retryable");
    if (batch.finished()) {
        batch.finished_at = get<std::optional<core::Timestamp>>(row, "finished_at");
    }
    return batch;
}

}  // namespace

const char* to_string(BatchState state) {
    return core::detail::name_of(kStates, state, "batch state");
}

void insert_batch(Transaction& tx, const NewBatch& batch) {
    tx.exec(
        "INSERT INTO command_batch (property_id, batch_id, kind, arguments, operator_id, expires_at, total, "
        "skipped_count, skipped, retry_of) "
        "VALUES ($1, $2::uuid, $3, $4::jsonb, $5, $6, $7, $8, $9::jsonb, $10::uuid)",
        batch.property, batch.batch_id, core::to_string(batch.kind), batch.arguments,
        null_if_none(batch.operator_id), batch.expires_at, batch.total, batch.skipped_count, batch.skipped,
        batch.retry_of.empty() ? SqlValue(nullptr) : SqlValue(batch.retry_of));
}

std::optional<StoredBatch> find_batch(Transaction& tx, core::PropertyId property,
                                      const std::string& batch_id) {
    const auto rows = tx.exec(
        "WITH page AS MATERIALIZED (SELECT * FROM command_batch WHERE property_id = $1 AND batch_id = "
        "$2::uuid) " WUTONG_BATCHES,
        property, batch_id);
    return rows.empty() ? std::nullopt : std::optional(read(rows[0]));
}

std::vector<StoredBatch> list_batches(Transaction& tx, const BatchFilter& filter, std::int64_t before,
                                      int limit) {
    std::vector<StoredBatch> batches;
    for (const auto& row :
         // From what is unfinished (little) to its batches, or down the batches by their number.
         tx.exec(filter.unfinished_only
                     ? "WITH open AS MATERIALIZED (SELECT DISTINCT k.batch_id FROM command k WHERE "
                       "k.property_id = $1 AND k.state IN ('queued', 'running') AND k.batch_id IS NOT NULL), "
                       "page AS MATERIALIZED (SELECT c.* FROM command_batch c JOIN open USING (batch_id) "
                       "WHERE c.property_id = $1 AND c.number < $2 AND c.total >= $3 AND ($4::bigint IS NULL "
                       "OR c.operator_id = $4) AND ($5::timestamptz IS NULL OR c.created_at >= $5) "
                       "AND ($6::timestamptz IS NULL OR c.created_at < $6) ORDER BY c.number DESC LIMIT "
                       "$7) " WUTONG_BATCHES
                     : "WITH page AS MATERIALIZED (SELECT * FROM command_batch c "
                       "WHERE c.property_id = $1 AND c.number < $2 AND c.total >= $3 AND ($4::bigint IS NULL "
                       "OR c.operator_id = $4) AND ($5::timestamptz IS NULL OR c.created_at >= $5) "
                       "AND ($6::timestamptz IS NULL OR c.created_at < $6) ORDER BY c.number DESC LIMIT "
                       "$7) " WUTONG_BATCHES,
                 filter.property, below(before), filter.meters_min, null_if_none(filter.operator_id),
                 filter.from, filter.to, checked_limit(limit))) {
        batches.push_back(read(row));
    }
    return batches;
}

bool lock_batch(Transaction& tx, core::PropertyId property, const std::string& batch_id) {
    return !tx.exec(
                  "SELECT 1 FROM command_batch WHERE property_id = $1 AND batch_id = $2::uuid "
                  "FOR NO KEY UPDATE",
                  property, batch_id)
                .empty();
}

void hold_batch(Transaction& tx, core::PropertyId property, const std::string& batch_id, BatchState state) {
    if (state == BatchState::stopped) {
        throw std::logic_error("a batch is stopped by stop_batch");
    }
    tx.exec(
        "WITH b AS (UPDATE command_batch SET state = $3 WHERE property_id = $1 AND batch_id = $2::uuid) "
        "UPDATE command SET held = $3 = 'paused' WHERE property_id = $1 AND batch_id = $2::uuid "
        "AND state IN ('queued', 'running') AND held <> ($3 = 'paused')",
        property, batch_id, to_string(state));
}

int stop_batch(Transaction& tx, core::PropertyId property, const std::string& batch_id,
               const std::string& reason, core::Timestamp now) {
    const auto stopped = tx.exec(
        "WITH b AS (UPDATE command_batch SET state = 'stopped' WHERE property_id = $1 AND batch_id = "
        "$2::uuid) "
        "UPDATE command SET state = 'cancelled', held = false, finished_at = $4, reason = left($3, 2000) "
        "WHERE property_id = $1 AND batch_id = $2::uuid "
        "AND state IN ('queued', 'running') AND sent_at IS NULL",
        property, batch_id, reason, now);
    return static_cast<int>(stopped.affected_rows());
}

std::vector<core::MeterId> meters_to_retry(Transaction& tx, core::PropertyId property,
                                           const std::string& batch_id) {
    std::vector<core::MeterId> meters;
    for (const auto& row :
         tx.exec("SELECT DISTINCT k.meter_id FROM command k WHERE k.property_id = $1 AND k.batch_id = "
                 "$2::uuid AND k.state IN ('failed', 'expired') AND NOT " WUTONG_TRIED_AGAIN
                 "ORDER BY k.meter_id",
                 property, batch_id)) {
        meters.push_back(get<core::MeterId>(row, "meter_id"));
    }
    return meters;
}

}  // namespace wutong::storage
