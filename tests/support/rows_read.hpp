#pragma once

#include <cstdint>
#include <functional>

#include "storage/transaction.hpp"
#include "tests/support/test_database.hpp"

/// How many rows something reads, counted by the database itself: a number that must not grow with the
/// tables, whatever the machine and the text of the plan.
namespace wutong::tests {

class RowsRead {
public:
    explicit RowsRead(TestDatabase& test) : test_{test}, server_{one_connection(test)} {}

    /// The second run counts: by then everything is prepared and the catalogue's caches are filled.
    std::int64_t by(const storage::Scope& scope, const std::function<void(storage::Transaction&)>& body) {
        std::int64_t before = 0;
        for (int run = 0; run < 2; ++run) {
            server_.transact(scope, "flush",
                             [](storage::Transaction& tx) { tx.exec("SELECT pg_stat_force_next_flush()"); });
            before = so_far();
            server_.transact(scope, "counted", [&](storage::Transaction& tx) {
                body(tx);
                tx.exec("SELECT pg_stat_force_next_flush()");
            });
        }
        return so_far() - before;
    }

private:
    /// Counters are flushed by the session that ran the query, so there is but one.
    static storage::DatabaseOptions one_connection(const TestDatabase& test) {
        auto options = test.options(Role::server);
        options.connections_max = 1;
        return options;
    }
    [[nodiscard]] std::int64_t so_far() const {
        return test_
            .as_superuser(
                "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = "
                "'wutong') + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = "
                "'wutong')")[0][0]
            .as<std::int64_t>();
    }

    TestDatabase& test_;
    storage::Database server_;
};

}  // namespace wutong::tests
