#include "storage/watched.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

std::vector<Mark> marks_of(const pqxx::result& rows) {
    std::vector<Mark> marks;
    marks.reserve(rows.size());
    for (const auto& row : rows) {
        marks.push_back(
            {get<std::int64_t>(row, "id"), get<std::string>(row, "version"), get<bool>(row, "finished")});
    }
    return marks;
}

}  // namespace

// xmin is the transaction that wrote the row's present version: it changes with every update, whoever makes
// it.

std::vector<Mark> delivery_marks(Transaction& tx, core::PropertyId property,
                                 const std::vector<std::int64_t>& deliveries) {
    return marks_of(
        tx.exec("SELECT delivery_id AS id, xmin::text AS version, state IN ('delivered', 'refused', "
                "'quarantined') AS finished "
                "FROM credit_delivery WHERE property_id = $1 AND delivery_id = ANY ($2::bigint[])",
                property, deliveries));
}

std::vector<Mark> command_marks(Transaction& tx, core::PropertyId property,
                                const std::vector<std::int64_t>& commands) {
    return marks_of(tx.exec(
        "SELECT command_id AS id, xmin::text AS version, state NOT IN ('queued', 'running') AS finished "
        "FROM command WHERE property_id = $1 AND command_id = ANY ($2::bigint[])",
        property, commands));
}

std::vector<std::int64_t> commands_of_batch(Transaction& tx, core::PropertyId property,
                                            const std::string& batch, int limit) {
    std::vector<std::int64_t> commands;
    for (const auto& row :
         tx.exec("SELECT command_id FROM command WHERE property_id = $1 AND batch_id = $2::uuid "
                 "ORDER BY command_id LIMIT $3",
                 property, batch, limit)) {
        commands.push_back(get<std::int64_t>(row, "command_id"));
    }
    return commands;
}

}  // namespace wutong::storage
