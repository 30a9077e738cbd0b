#include "storage/collectors.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

void beat(Transaction& tx, const std::string& collector, const std::string& version,
          core::Timestamp started_at, int channels_max) {
    tx.exec(R"(
        INSERT INTO collector (collector_id, version, started_at, seen_at, channels_max) VALUES ($1, $2, $3, now(), $4)
        ON CONFLICT (collector_id) DO UPDATE SET version = excluded.version, started_at = excluded.started_at, seen_at = excluded.seen_at, channels_max = excluded.channels_max)",
            collector, version, started_at, channels_max);
}

}  // namespace wutong::storage
