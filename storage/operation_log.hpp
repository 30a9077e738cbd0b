#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Who did what. Written in the same transaction as the change; the database lets nobody change or delete it.
namespace wutong::storage {

struct OperationLogEntry {
    std::int64_t log_id = 0;       ///< given by the database
    core::PropertyId property;     ///< 0: the installation itself
    core::Timestamp at;            ///< given by the database
    core::OperatorId operator_id;  ///< 0: the system
    std::string action;            ///< "sale.sell"; 1 to 100 characters
    std::string target;            ///< "meter 1201"; at most 300 characters, cut if longer
    std::string details = "{}";    ///< JSON
    std::string request_id;        ///< UUID or ""
};

/// As much of the text as fits, never half a character.
[[nodiscard]] std::string log_target(const std::string& target);
void append_operation_log(Transaction& tx, const OperationLogEntry& entry);

struct OperationLogFilter {
    core::PropertyId property{};
    core::OperatorId operator_id{};         ///< 0: everybody
    std::string action{};                   ///< "": all
    std::optional<core::Timestamp> from{};  ///< included
    std::optional<core::Timestamp> to{};    ///< excluded
};
/// Newest first. @param before 0, or the last log_id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<OperationLogEntry> list_operation_log(Transaction& tx,
                                                                const OperationLogFilter& filter,
                                                                std::int64_t before, int limit);

}  // namespace wutong::storage
