#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/database.hpp"

/// Numbered SQL files, forward only: sql/migrations/NNNN_what.sql, from 0001 without gaps.
namespace wutong::storage {

/// The files are not what they must be, or the database does not fit them. The message says what to do.
class MigrationError : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// The database is older or newer than this program. The message says what to do.
class SchemaMismatch : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

struct MigrationFile {
    int version = 0;
    std::string name;  ///< "0001_schema.sql"
    std::string sql;
    std::string checksum;  ///< SHA-256, hex
};

/// @throws MigrationError for an unreadable folder, a name that is not NNNN_what.sql, a gap, a number used
/// twice, or a file that begins or ends transactions itself
[[nodiscard]] std::vector<MigrationFile> read_migrations(const std::filesystem::path& directory);

struct MigrationReport {
    int version = 0;                   ///< of the database now
    std::vector<std::string> applied;  ///< files applied by this call, in order
};

/// Brings the database up to the files: each file in one transaction of its own, under an advisory lock, so
/// that two at once are harmless and a failing file leaves nothing behind. Files applied before are compared
/// by checksum.
/// @param owner options with the URL of wutong_owner; its time-outs don't count here
/// @throws MigrationError: a file changed after it was applied, the database is newer than the files, a file
/// failed
MigrationReport migrate(const DatabaseOptions& owner, const std::filesystem::path& directory);

/// The schema that this build was made for.
[[nodiscard]] int expected_schema_version();

/// For daemons at start, with their own role. @throws SchemaMismatch
void check_schema(Transaction& tx);

}  // namespace wutong::storage
