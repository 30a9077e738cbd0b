#include "collector/recording/spool.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>

namespace wutong::collector {

namespace {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

/// So much of the disk is left to others, and to the write-ahead log: even to make room takes some.
constexpr std::uintmax_t kLeaveFree = 16'000'000;
/// Deleted in one transaction; what it changes has to fit into the log.
constexpr std::int64_t kDeletedAtOnce = 500;

Statement prepare(sqlite3* handle, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) != SQLITE_OK) {
        return nullptr;
    }
    return Statement{statement};
}

}  // namespace

Spool::Spool(const std::filesystem::path& file, std::int64_t bytes_max)
    : file_{file.string()}, bytes_max_{bytes_max} {
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    if (sqlite3_open_v2(file_.c_str(), &handle_,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr) != SQLITE_OK) {
        const std::string why = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
        sqlite3_close(handle_);
        throw SpoolError{fmt::format(
            "the spool {} can't be opened: {}; check the directory's owner and the disk", file_, why)};
    }
    try {
        execute("PRAGMA journal_mode = WAL");
        // The log is synced at checkpoints; a power cut costs the last readings at most, never the file.
        execute("PRAGMA synchronous = NORMAL");
        execute("PRAGMA busy_timeout = 2000");
        execute(
            "CREATE TABLE IF NOT EXISTS reading (sequence INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT "
            "NOT NULL)");
        // A log that stays short, so that a disk that fills up does not find most of the spool in it.
        execute("PRAGMA wal_autocheckpoint = 64");
        page_bytes_ = std::max<std::int64_t>(number("PRAGMA page_size"), 512);
        limit_pages();
        depth_ = number("SELECT count(*) FROM reading");
    } catch (...) {
        sqlite3_close(handle_);
        throw;
    }
}

Spool::~Spool() {
    sqlite3_close(handle_);
}

void Spool::fail(const std::string& doing) const {
    throw SpoolError{fmt::format("the spool {} failed {}: {}", file_, doing, sqlite3_errmsg(handle_))};
}

void Spool::execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(fmt::format("at \"{}\"", sql));
    }
}

std::int64_t Spool::number(const char* sql) {
    const Statement statement = prepare(handle_, sql);
    if (!statement || sqlite3_step(statement.get()) != SQLITE_ROW) {
        fail(fmt::format("at \"{}\"", sql));
    }
    return sqlite3_column_int64(statement.get(), 0);
}

void Spool::limit_pages() {
    std::int64_t pages = std::max<std::int64_t>(bytes_max_ / page_bytes_, 16);
    std::error_code unknown;
    const auto disk =
        std::filesystem::space(std::filesystem::absolute(file_, unknown).parent_path(), unknown);
    if (!unknown && disk.available < std::min(kLeaveFree, disk.capacity / 4)) {
        // On a disk that is nearly full the file does not grow any more; what is in it is written anew.
        pages = std::min(pages, std::max<std::int64_t>(number("PRAGMA page_count"), 16));
    }
    execute(fmt::format("PRAGMA max_page_count = {}", pages).c_str());
}

void Spool::make_room() {
    // A tenth at once: room for the new ones, without paying for it with each batch.
    for (std::int64_t left = std::max<std::int64_t>(depth_ / 10, 1); left > 0; left -= kDeletedAtOnce) {
        remove_oldest(std::min(left, kDeletedAtOnce));
    }
}

void Spool::remove_oldest(std::int64_t count) {
    const Statement statement = prepare(
        handle_,
        "DELETE FROM reading WHERE sequence IN (SELECT sequence FROM reading ORDER BY sequence LIMIT ?)");
    if (!statement || sqlite3_bind_int64(statement.get(), 1, count) != SQLITE_OK ||
        sqlite3_step(statement.get()) != SQLITE_DONE) {
        fail("while the oldest readings were to make room");
    }
    const std::int64_t gone = sqlite3_changes(handle_);
    depth_ -= gone;
    dropped_ += gone;
}

void Spool::add(const std::vector<storage::ReadingRow>& readings) {
    constexpr int kRoundsMax = 4;
    limit_pages();
    for (int round = 0;; ++round) {
        execute("BEGIN IMMEDIATE");
        const Statement statement = prepare(handle_, "INSERT INTO reading (content) VALUES (?)");
        int status = statement ? SQLITE_DONE : SQLITE_ERROR;
        for (const auto& reading : readings) {
            if (status != SQLITE_DONE) {
                break;
            }
            const std::string text = to_spool_text(reading);
            sqlite3_bind_text(statement.get(), 1, text.data(), static_cast<int>(text.size()),
                              SQLITE_TRANSIENT);
            status = sqlite3_step(statement.get());
            sqlite3_reset(statement.get());
        }
        if (status == SQLITE_DONE) {
            status = sqlite3_exec(handle_, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK
                         ? SQLITE_DONE
                         : sqlite3_errcode(handle_);
        }
        if (status == SQLITE_DONE) {
            depth_ += static_cast<std::int64_t>(readings.size());
            return;
        }
        const std::string why = sqlite3_errmsg(handle_);
        sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
        // SQLITE_FULL means our own limit as well as a full disk; in both cases room is made by the oldest.
        if (status != SQLITE_FULL || depth_ == 0 || round >= kRoundsMax) {
            throw SpoolError{
                fmt::format("the spool {} can't take {} readings: {}", file_, readings.size(), why)};
        }
        make_room();
    }
}

std::vector<Spool::Entry> Spool::peek(std::size_t count_max) {
    const Statement statement =
        prepare(handle_, "SELECT sequence, content FROM reading ORDER BY sequence LIMIT ?");
    if (!statement ||
        sqlite3_bind_int64(statement.get(), 1, static_cast<std::int64_t>(count_max)) != SQLITE_OK) {
        fail("while it was read");
    }
    std::vector<Entry> entries;
    std::vector<std::int64_t> unreadable;
    int status = SQLITE_ROW;
    while ((status = sqlite3_step(statement.get())) == SQLITE_ROW) {
        const std::int64_t sequence = sqlite3_column_int64(statement.get(), 0);
        const void* content = sqlite3_column_blob(statement.get(), 1);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), 1));
        try {
            entries.push_back(
                {sequence, from_spool_text(std::string{static_cast<const char*>(content), size})});
        } catch (const std::exception&) {
            unreadable.push_back(sequence);
        }
    }
    if (status != SQLITE_DONE) {
        fail("while it was read");
    }
    for (const auto sequence : unreadable) {
        const Statement remove = prepare(handle_, "DELETE FROM reading WHERE sequence = ?");
        if (!remove || sqlite3_bind_int64(remove.get(), 1, sequence) != SQLITE_OK ||
            sqlite3_step(remove.get()) != SQLITE_DONE) {
            fail("while an unreadable record was removed");
        }
        --depth_;
        ++dropped_;
    }
    return entries;
}

void Spool::remove_through(std::int64_t sequence) {
    const Statement statement = prepare(handle_, "DELETE FROM reading WHERE sequence <= ?");
    if (!statement || sqlite3_bind_int64(statement.get(), 1, sequence) != SQLITE_OK ||
        sqlite3_step(statement.get()) != SQLITE_DONE) {
        fail("while delivered readings were removed");
    }
    depth_ -= sqlite3_changes(handle_);
}

}  // namespace wutong::collector
