#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/sql_value.hpp"

/// Signed-in operators. Only the SHA-256 of a token is stored: who reads the table can't use it to sign in.
namespace wutong::storage {

struct OperatorSessionRow {
    Bytes token_hash;
    core::OperatorId operator_id;
    std::string name;
    std::string full_name;
    bool all_properties = false;
    std::vector<std::string> roles;
    std::vector<std::string> permissions;      ///< of all roles together
    std::vector<core::PropertyId> properties;  ///< with 0, the installation, for those who have all
    core::Timestamp used_at;
    core::Timestamp expires_at;  ///< the absolute end
};

void insert_operator_session(Transaction& tx, const Bytes& token_hash, core::OperatorId who,
                             core::Timestamp now, core::Timestamp expires_at, const std::string& peer);

/// Sessions that are neither past their end nor idle for longer than `idle`, of operators who are enabled.
/// Those found are marked as used now, at most once in ten seconds each.
[[nodiscard]] std::vector<OperatorSessionRow> use_operator_sessions(Transaction& tx,
                                                                    const std::vector<Bytes>& token_hashes,
                                                                    core::Timestamp now,
                                                                    std::chrono::seconds idle);

/// @return how many were ended
int end_operator_session(Transaction& tx, const Bytes& token_hash);
/// @param except this one stays
int end_operator_sessions(Transaction& tx, core::OperatorId who, const std::optional<Bytes>& except);
/// Rows that can't be used any more.
int delete_old_operator_sessions(Transaction& tx, core::Timestamp now, std::chrono::seconds idle);
[[nodiscard]] std::int64_t count_operator_sessions(Transaction& tx, core::Timestamp now,
                                                   std::chrono::seconds idle);

}  // namespace wutong::storage
