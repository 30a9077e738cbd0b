#include "storage/collectors.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

void beat(Transaction& tx, const std::string& collector, const std::string& version,
          core::Timestamp started_at) {
    tx.exec(R"(
        INSERT INTO collector (collector_id, version, started_at, seen_at) VALUES ($1, $2, $3, now())
        ON CONFLICT (collector_id) DO UPDATE SET version = excluded.version, started_at = excluded.started_at, seen_at = excluded.seen_at)",
            collector, version, started_at);
}

}  // namespace wutong::storage
