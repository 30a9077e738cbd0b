#include "storage/migrations.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include "storage/sha256.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// One lock for all migrations of a database; the number is the word "wutong" in ASCII.
const char* kLock = "SELECT pg_advisory_xact_lock(131364119801447)";

const char* kMakeTable = R"(
    CREATE TABLE IF NOT EXISTS wutong.schema_migration (
        version    int PRIMARY KEY CHECK (version > 0),
        name       text NOT NULL,
        checksum   text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
        applied_at timestamptz NOT NULL DEFAULT now()))";

std::string first_lines(const std::string& text) {
    return text.substr(0, 600);
}

struct Applied {
    std::string name;
    std::string checksum;
};

std::map<int, Applied> read_applied(Transaction& tx) {
    std::map<int, Applied> applied;
    for (const auto& row : tx.exec("SELECT version, name, checksum FROM schema_migration ORDER BY version")) {
        applied[get<int>(row, "version")] = {get<std::string>(row, "name"),
                                             get<std::string>(row, "checksum")};
    }
    return applied;
}

void compare(const std::map<int, Applied>& applied, const std::vector<MigrationFile>& files) {
    for (const auto& [version, was] : applied) {
        if (version > static_cast<int>(files.size())) {
            throw MigrationError(
                "the database is newer than this program: it has migration " + was.name +
                ", the files end with " + files.back().name +
                "; install the version of Wutong that the database belongs to, or a newer one");
        }
        const MigrationFile& file = files[static_cast<std::size_t>(version - 1)];
        if (file.checksum != was.checksum) {
            throw MigrationError("migration " + file.name +
                                 " was changed after it had been applied (applied: SHA-256 " +
                                 was.checksum.substr(0, 12) + "…, file: " + file.checksum.substr(0, 12) +
                                 "…); put the original file back and write what is new as migration number " +
                                 std::to_string(files.size() + 1));
        }
    }
}

}  // namespace

std::vector<MigrationFile> read_migrations(const std::filesystem::path& directory) {
    static const std::regex kName{"([0-9]{4})_[a-z0-9_]+\\.sql"};
    static const std::regex kTransaction{"(^|\n)\\s*(BEGIN|COMMIT|ROLLBACK|START\\s+TRANSACTION)\\s*;",
                                         std::regex::icase};
    std::vector<MigrationFile> files;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(directory, problem)) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".sql") {
            continue;
        }
        std::smatch match;
        if (!std::regex_match(name, match, kName)) {
            throw MigrationError(entry.path().string() +
                                 ": a migration is named NNNN_what.sql (small letters, digits, _)");
        }
        std::ifstream in{entry.path(), std::ios::binary};
        std::string sql{std::istreambuf_iterator<char>{in}, {}};
        if (!in || sql.empty()) {
            throw MigrationError(entry.path().string() + ": can't be read, or is empty");
        }
        if (std::regex_search(sql, kTransaction)) {
            throw MigrationError(
                entry.path().string() +
                ": begins or ends a transaction; each file runs in one transaction as a whole");
        }
        const std::string checksum = hex(sha256(sql));
        files.push_back({std::stoi(match[1].str()), name, std::move(sql), checksum});
    }
    if (problem) {
        throw MigrationError("migrations in " + directory.string() + " can't be read: " + problem.message());
    }
    if (files.empty()) {
        throw MigrationError("no migrations (NNNN_what.sql) in " + directory.string());
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].version != static_cast<int>(i) + 1) {
            throw MigrationError("migrations in " + directory.string() + ": found " + files[i].name +
                                 " where number " + std::to_string(i + 1) +
                                 " was expected; numbers start at 0001, without gaps or doubles");
        }
    }
    return files;
}

MigrationReport migrate(const DatabaseOptions& owner, const std::filesystem::path& directory) {
    const auto files = read_migrations(directory);
    DatabaseOptions options = owner;
    options.connections_max = 1;
    options.application_name = "wutong-migrate";
    // Building an index on a large table takes as long as it takes; waiting for a lock does not.
    options.statement_timeout = std::chrono::milliseconds{0};
    options.idle_in_transaction_timeout = std::chrono::milliseconds{0};
    options.lock_timeout = std::chrono::minutes{1};
    Database database{options};
    MigrationReport report;
    for (;;) {
        // One file per transaction. What was applied is read again under the lock each time: somebody else
        // may be at it.
        const auto step = [&](Transaction& tx) -> const MigrationFile* {
            tx.exec(kLock);
            tx.work().exec(kMakeTable);
            const auto applied = read_applied(tx);
            compare(applied, files);
            report.version = applied.empty() ? 0 : applied.rbegin()->first;
            if (report.version == static_cast<int>(files.size())) {
                return nullptr;
            }
            const MigrationFile& file = files[static_cast<std::size_t>(report.version)];
            try {
                tx.work().exec(file.sql);
            } catch (const pqxx::transaction_rollback&) {
                throw;  // a deadlock with the daemons: tried again
            } catch (const pqxx::sql_error& error) {
                throw MigrationError("migration " + file.name +
                                     " failed, nothing of it was kept: " + first_lines(error.what()));
            }
            tx.exec("INSERT INTO wutong.schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
                    file.version, file.name, file.checksum);
            return &file;
        };
        const MigrationFile* applied = nullptr;
        try {
            applied = database.transact(Scope::none(), "migrate", step);
        } catch (const StatementFailed& error) {
            throw MigrationError(
                std::string(error.what()) +
                (error.sqlstate() == "3F000" || error.sqlstate() == "42501"
                     ? "; run deploy/database/roles.sql in this database as a superuser first, and "
                       "migrate as wutong_owner"
                     : ""));
        }
        if (applied == nullptr) {
            return report;
        }
        report.version = applied->version;
        report.applied.push_back(applied->name);
    }
}

int expected_schema_version() {
    return WUTONG_SCHEMA_VERSION;
}

void check_schema(Transaction& tx) {
    const std::string how = "run: wutong-server --migrate --database-url URL (of wutong_owner)";
    const auto table = tx.exec1(
        // Looked up in the catalogue: before the first migration the daemons' roles may not even enter the
        // schema.
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'wutong' AND c.relname = 'schema_migration')"
        " AND has_schema_privilege('wutong', 'USAGE') AS there");
    if (!get<bool>(table, "there")) {
        throw SchemaMismatch("the database has no Wutong schema yet; " + how);
    }
    const auto row = tx.exec1("SELECT COALESCE(max(version), 0) AS version FROM wutong.schema_migration");
    const int found = get<int>(row, "version");
    const std::string versions = "schema " + std::to_string(found) + ", this program needs " +
                                 std::to_string(expected_schema_version());
    if (found < expected_schema_version()) {
        throw SchemaMismatch("the database is behind this program (" + versions + "); " + how);
    }
    if (found > expected_schema_version()) {
        throw SchemaMismatch("the database is ahead of this program (" + versions +
                             "); install the newer version of this program too");
    }
}

}  // namespace wutong::storage
