#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>

#include "storage/database.hpp"
#include "storage/migrations.hpp"
#include "storage/sha256.hpp"

/// A database of its own for one test, with the product's roles, dropped at the end. Needs WUTONG_TEST_PG:
/// the URL of a superuser of a cluster that may be filled with rubbish (./test.sh integration starts one).
namespace wutong::tests {

enum class Role { superuser, owner, server, collector };

class TestDatabase {
public:
    enum class Start { migrated, roles_only };

    /// A migrated database is copied from a template, which is made once per cluster and set of migrations.
    explicit TestDatabase(Start start = Start::migrated) {
        static std::atomic<int> counter{0};
        name_ = "wt_" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
        pqxx::connection admin{cluster_url()};
        const std::string model = start == Start::migrated ? template_of(admin) : std::string{"template0"};
        pqxx::nontransaction tx{admin};
        tx.exec("CREATE DATABASE " + name_ + " TEMPLATE " + model);
        if (start == Start::roles_only) {
            const Lock lock{tx};
            make_roles(name_);
        }
    }
    ~TestDatabase() {
        server_.reset();
        collector_.reset();
        owner_.reset();
        try {
            pqxx::connection admin{cluster_url()};
            pqxx::nontransaction{admin}.exec("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
        } catch (const std::exception&) {
            // Left behind in a cluster that is thrown away.
        }
    }
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string url(Role role) const { return url_of(role, name_); }
    [[nodiscard]] storage::DatabaseOptions options(Role role) const {
        storage::DatabaseOptions options;
        options.url = url(role);
        options.application_name = "wutong-test";
        return options;
    }

    /// Pools made at first use, with the defaults of DatabaseOptions.
    storage::Database& server() { return pool(server_, Role::server); }
    storage::Database& collector() { return pool(collector_, Role::collector); }
    storage::Database& owner() { return pool(owner_, Role::owner); }

    /// What no role of the product may do: one statement (or several, with ;) as a superuser, who sees all
    /// rows.
    pqxx::result as_superuser(const std::string& sql) const {
        pqxx::connection connection{url(Role::superuser) +
                                    "?options=-c%20search_path%3Dwutong,public%20-c%20TimeZone%3DUTC"};
        pqxx::work tx{connection};
        auto result = tx.exec(sql);
        tx.commit();
        return result;
    }

    static std::string migrations() { return WUTONG_SOURCE_DIR "/sql/migrations"; }

private:
    /// Roles and templates belong to the whole cluster: one test process at a time makes them.
    struct Lock {
        explicit Lock(pqxx::nontransaction& of) : tx(of) { tx.exec("SELECT pg_advisory_lock(2411)"); }
        ~Lock() {
            try {
                tx.exec("SELECT pg_advisory_unlock(2411)");
            } catch (const std::exception&) {
                // The session's end unlocks too.
            }
        }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        pqxx::nontransaction& tx;
    };

    static std::string cluster_url() {
        const char* url = std::getenv("WUTONG_TEST_PG");
        if (url == nullptr || *url == '\0') {
            throw std::runtime_error(
                "WUTONG_TEST_PG is not set: it must be the URL of a superuser of a PostgreSQL 15 cluster for "
                "tests, "
                "e.g. postgresql://postgres:PASSWORD@127.0.0.1:5555/postgres. ./test.sh integration starts "
                "one.");
        }
        return url;
    }

    static std::string url_of(Role role, const std::string& database) {
        const std::string cluster = cluster_url();
        const auto at = cluster.rfind('@');
        const auto slash = cluster.find('/', at == std::string::npos ? cluster.find("//") + 2 : at);
        const std::string host = at == std::string::npos ? "" : cluster.substr(at, slash - at);
        const std::string scheme = "postgresql://";
        switch (role) {
            case Role::superuser:
                return cluster.substr(0, slash) + "/" + database;
            case Role::owner:
                return scheme + "wutong_owner:test-owner" + host + "/" + database;
            case Role::server:
                return scheme + "wutong_server:test-server" + host + "/" + database;
            case Role::collector:
                return scheme + "wutong_collector:test-collector" + host + "/" + database;
        }
        throw std::logic_error("no such role");
    }

    static void make_roles(const std::string& database) {
        const std::string command =
            "psql -X -q -v owner_password=test-owner -v server_password=test-server "
            "-v collector_password=test-collector -f '" WUTONG_SOURCE_DIR "/deploy/database/roles.sql' '" +
            url_of(Role::superuser, database) + "' >/dev/null";
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error("deploy/database/roles.sql failed (psql's message is above)");
        }
    }

    static std::string template_of(pqxx::connection& admin) {
        std::string content;
        for (const auto& file : storage::read_migrations(migrations())) {
            content += file.checksum;
        }
        const std::string model = "wt_template_" + storage::hex(storage::sha256(content)).substr(0, 16);
        pqxx::nontransaction tx{admin};
        const Lock lock{tx};
        if (!tx.exec("SELECT FROM pg_database WHERE datistemplate AND datname = '" + model + "'").empty()) {
            return model;
        }
        tx.exec("DROP DATABASE IF EXISTS " + model + " WITH (FORCE)");
        tx.exec("CREATE DATABASE " + model + " TEMPLATE template0");
        make_roles(model);
        storage::DatabaseOptions owner;
        owner.url = url_of(Role::owner, model);
        storage::migrate(owner, migrations());
        tx.exec("ALTER DATABASE " + model + " IS_TEMPLATE true ALLOW_CONNECTIONS false");
        return model;
    }

    /// From any thread: tests begin with several at once.
    storage::Database& pool(std::unique_ptr<storage::Database>& slot, Role role) {
        const std::lock_guard lock{mutex_};
        if (!slot) {
            slot = std::make_unique<storage::Database>(options(role));
        }
        return *slot;
    }

    std::string name_;
    std::mutex mutex_;
    std::unique_ptr<storage::Database> server_;
    std::unique_ptr<storage::Database> collector_;
    std::unique_ptr<storage::Database> owner_;
};

}  // namespace wutong::tests
