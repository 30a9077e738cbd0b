#include "storage/migrations.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/transaction.hpp"
#include "tests/support/test_database.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::Role;
using tests::TestDatabase;

namespace {

/// A folder of migrations that a test may spoil.
class Folder {
public:
    Folder() {
        static int counter = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("wutong-migrations-" + std::to_string(::getpid()) + "-" + std::to_string(++counter));
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    Folder& write(const std::string& name, const std::string& sql) {
        std::ofstream{path_ / name} << sql;
        return *this;
    }
    Folder& with_product() {
        for (const auto& entry : std::filesystem::directory_iterator(TestDatabase::migrations())) {
            std::filesystem::copy(entry.path(), path_ / entry.path().filename());
        }
        return *this;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::string next_name(const char* what) {
    std::string digits = std::to_string(expected_schema_version() + 1);
    return std::string(4 - digits.size(), '0') + digits + "_" + what + ".sql";
}

std::string refusal(const std::function<void()>& action) {
    try {
        action();
    } catch (const MigrationError& error) {
        return error.what();
    }
    return "nothing was refused";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("migrations: gaps, doubles, odd names and transactions of their own are refused", "[migrations]") {
    Folder gap;
    gap.write("0001_a.sql", "SELECT 1;").write("0003_c.sql", "SELECT 1;");
    CHECK(contains(refusal([&] { (void)read_migrations(gap.path()); }),
                   "found 0003_c.sql where number 2 was expected"));

    Folder twice;
    twice.write("0001_a.sql", "SELECT 1;").write("0001_b.sql", "SELECT 1;");
    CHECK(contains(refusal([&] { (void)read_migrations(twice.path()); }), "found 0001_b.sql"));

    Folder name;
    name.write("1_a.sql", "SELECT 1;");
    CHECK(contains(refusal([&] { (void)read_migrations(name.path()); }), "NNNN_what.sql"));

    Folder commits;
    commits.write("0001_a.sql", "CREATE TABLE a (x int);\nCOMMIT;\nCREATE TABLE b (x int);");
    CHECK(contains(refusal([&] { (void)read_migrations(commits.path()); }), "one transaction"));

    Folder empty;
    CHECK(contains(refusal([&] { (void)read_migrations(empty.path()); }), "no migrations"));
    CHECK(contains(refusal([&] { (void)read_migrations(empty.path() / "not-there"); }), "can't be read"));

    Folder plpgsql;  // BEGIN … END of a function is no transaction
    plpgsql.write("0001_a.sql", "DO $$\nBEGIN\n  PERFORM 1;\nEND\n$$;");
    CHECK(read_migrations(plpgsql.path()).size() == 1);
}

TEST_CASE("migrations: applied once, kept with their checksum, a second run does nothing", "[migrations]") {
    TestDatabase test{TestDatabase::Start::roles_only};
    CHECK_THROWS_AS(test.server().transact(Scope::none(), "check", [](Transaction& tx) { check_schema(tx); }),
                    SchemaMismatch);
    const auto report = migrate(test.options(Role::owner), TestDatabase::migrations());
    CHECK(report.version == expected_schema_version());
    CHECK(report.applied.size() == static_cast<std::size_t>(expected_schema_version()));
    CHECK(migrate(test.options(Role::owner), TestDatabase::migrations()).applied.empty());
    const auto rows = test.as_superuser("SELECT name, checksum FROM schema_migration ORDER BY version");
    const auto files = read_migrations(TestDatabase::migrations());
    REQUIRE(rows.size() == files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        CHECK(rows[i]["name"].as<std::string>() == files[i].name);
        CHECK(rows[i]["checksum"].as<std::string>() == files[i].checksum);
    }
    test.server().transact(Scope::none(), "check", [](Transaction& tx) { check_schema(tx); });
    test.collector().transact(Scope::none(), "check", [](Transaction& tx) { check_schema(tx); });
}

TEST_CASE("migrations: a file changed after it was applied is refused", "[migrations]") {
    TestDatabase test;
    Folder folder;
    folder.with_product();
    std::ofstream{folder.path() / "0001_schema.sql", std::ios::app} << "\n-- an afterthought\n";
    const auto text = refusal([&] { migrate(test.options(Role::owner), folder.path()); });
    CHECK(contains(text, "0001_schema.sql was changed after it had been applied"));
    CHECK(contains(text, "as migration number"));
}

TEST_CASE("migrations: a newer database is refused by the files and by the daemons", "[migrations]") {
    TestDatabase test;
    Folder folder;
    folder.with_product().write(next_name("future"), "CREATE TABLE future (x int);");
    CHECK(migrate(test.options(Role::owner), folder.path()).applied.size() == 1);
    CHECK(contains(refusal([&] { migrate(test.options(Role::owner), TestDatabase::migrations()); }),
                   "the database is newer than this program"));
    try {
        test.collector().transact(Scope::none(), "check", [](Transaction& tx) { check_schema(tx); });
        FAIL("a newer schema was taken");
    } catch (const SchemaMismatch& error) {
        CHECK(contains(error.what(), "ahead of this program"));
    }
    test.as_superuser("DELETE FROM schema_migration");
    try {
        test.server().transact(Scope::none(), "check", [](Transaction& tx) { check_schema(tx); });
        FAIL("an older schema was taken");
    } catch (const SchemaMismatch& error) {
        CHECK(contains(error.what(), "behind this program"));
        CHECK(contains(error.what(), "wutong-server --migrate"));
    }
}

TEST_CASE("migrations: a failing file leaves nothing, the files before it stay", "[migrations]") {
    TestDatabase test;
    Folder folder;
    folder.with_product().write(next_name("broken"),
                                "CREATE TABLE half (x int);\nCREATE TABLE half (x int);");
    CHECK(contains(refusal([&] { migrate(test.options(Role::owner), folder.path()); }),
                   "failed, nothing of it was kept"));
    CHECK(test.as_superuser("SELECT to_regclass('wutong.half') IS NULL")[0][0].as<bool>());
    folder.write(next_name("broken"), "CREATE TABLE half (x int);");
    CHECK(migrate(test.options(Role::owner), folder.path()).applied.size() == 1);
}

TEST_CASE("migrations: two at once apply each file once", "[migrations]") {
    TestDatabase test{TestDatabase::Start::roles_only};
    Folder folder;
    folder.with_product().write(next_name("slow"), "CREATE TABLE slow (x int);\nSELECT pg_sleep(0.3);");
    std::size_t applied[3] = {};
    std::string problems[3];
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            try {
                applied[i] = migrate(test.options(Role::owner), folder.path()).applied.size();
            } catch (const std::exception& error) {
                problems[i] = error.what();
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(problems[0] + problems[1] + problems[2] == "");
    CHECK(applied[0] + applied[1] + applied[2] == static_cast<std::size_t>(expected_schema_version()) + 1);
}

TEST_CASE("migrations: rows from before survive the ones that follow", "[migrations]") {
    TestDatabase test;
    test.as_superuser("INSERT INTO property (code, name) VALUES ('OLD', 'Old tower')");
    Folder folder;
    folder.with_product().write(
        next_name("area"),
        "ALTER TABLE property ADD COLUMN area_m2 int NOT NULL DEFAULT 0 CHECK (area_m2 >= 0);");
    migrate(test.options(Role::owner), folder.path());
    const auto row = test.as_superuser("SELECT name, area_m2 FROM property WHERE code = 'OLD'");
    REQUIRE(row.size() == 1);
    CHECK(row[0]["name"].as<std::string>() == "Old tower");
    CHECK(row[0]["area_m2"].as<int>() == 0);
}

TEST_CASE("migrations: a database without roles.sql is told what is missing", "[migrations]") {
    TestDatabase test{TestDatabase::Start::roles_only};
    test.as_superuser("DROP SCHEMA wutong");
    CHECK(contains(refusal([&] { migrate(test.options(Role::owner), TestDatabase::migrations()); }),
                   "roles.sql"));
}
