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
/// Fewer may not free a single page.
constexpr std::int64_t kGivenUpAtLeast = 64;

Statement prepare(sqlite3* handle, const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        return nullptr;
    }
    return Statement{statement};
}

template <class Row>
std::vector<std::string> texts_of(const std::vector<Row>& rows) {
    std::vector<std::string> texts;
    texts.reserve(rows.size());
    for (const auto& row : rows) {
        texts.push_back(to_spool_text(row));
    }
    return texts;
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
        // A log that stays short, so that a disk that fills up does not find most of the spool in it.
        execute("PRAGMA wal_autocheckpoint = 64");
        page_bytes_ = std::max<std::int64_t>(number("PRAGMA page_size"), 512);
        limit_pages();
        open(readings_);
        open(events_);
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

void Spool::open(Queue& queue) {
    execute(
        fmt::format("CREATE TABLE IF NOT EXISTS {} (sequence INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT "
                    "NOT NULL)",
                    queue.table)
            .c_str());
    queue.depth = number(fmt::format("SELECT count(*) FROM {}", queue.table).c_str());
}

void Spool::make_room(Queue& queue) {
    // A tenth at once: room for the new ones, without paying for it with each batch.
    for (std::int64_t left = std::max(queue.depth / 10, kGivenUpAtLeast); left > 0; left -= kDeletedAtOnce) {
        remove_oldest(queue, std::min(left, kDeletedAtOnce));
    }
}

void Spool::remove_oldest(Queue& queue, std::int64_t count) {
    const Statement statement =
        prepare(handle_, fmt::format("DELETE FROM {0} WHERE sequence IN (SELECT sequence FROM {0} ORDER BY "
                                     "sequence LIMIT ?)",
                                     queue.table));
    if (!statement || sqlite3_bind_int64(statement.get(), 1, count) != SQLITE_OK ||
        sqlite3_step(statement.get()) != SQLITE_DONE) {
        fail("while the oldest were to make room");
    }
    const std::int64_t gone = sqlite3_changes(handle_);
    queue.depth -= gone;
    queue.dropped += gone;
}

void Spool::put(Queue& queue, const std::vector<std::string>& contents) {
    constexpr int kRoundsMax = 4;
    limit_pages();
    for (int round = 0;; ++round) {
        execute("BEGIN IMMEDIATE");
        const Statement statement =
            prepare(handle_, fmt::format("INSERT INTO {} (content) VALUES (?)", queue.table));
        int status = statement ? SQLITE_DONE : SQLITE_ERROR;
        for (const auto& text : contents) {
            if (status != SQLITE_DONE) {
                break;
            }
            sqlite3_bind_text(statement.get(), 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
            status = sqlite3_step(statement.get());
            sqlite3_reset(statement.get());
        }
        if (status == SQLITE_DONE) {
            status = sqlite3_exec(handle_, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK
                         ? SQLITE_DONE
                         : sqlite3_errcode(handle_);
        }
        if (status == SQLITE_DONE) {
            queue.depth += static_cast<std::int64_t>(contents.size());
            return;
        }
        const std::string why = sqlite3_errmsg(handle_);
        sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
        // SQLITE_FULL means our own limit as well as a full disk; in both cases room is made by the oldest.
        Queue& gives = readings_.depth > 0 ? readings_ : events_;
        if (status != SQLITE_FULL || gives.depth == 0 || round >= kRoundsMax) {
            throw SpoolError{
                fmt::format("the spool {} can't take {} {}s: {}", file_, contents.size(), queue.table, why)};
        }
        make_room(gives);
    }
}

std::vector<Spool::Record> Spool::oldest(const Queue& queue, std::size_t count_max) {
    const Statement statement = prepare(
        handle_, fmt::format("SELECT sequence, content FROM {} ORDER BY sequence LIMIT ?", queue.table));
    if (!statement ||
        sqlite3_bind_int64(statement.get(), 1, static_cast<std::int64_t>(count_max)) != SQLITE_OK) {
        fail("while it was read");
    }
    std::vector<Record> records;
    int status = SQLITE_ROW;
    while ((status = sqlite3_step(statement.get())) == SQLITE_ROW) {
        const void* content = sqlite3_column_blob(statement.get(), 1);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), 1));
        records.push_back(
            {sqlite3_column_int64(statement.get(), 0), std::string{static_cast<const char*>(content), size}});
    }
    if (status != SQLITE_DONE) {
        fail("while it was read");
    }
    return records;
}

void Spool::give_up(Queue& queue, const std::vector<std::int64_t>& unreadable) {
    for (const auto sequence : unreadable) {
        const Statement statement =
            prepare(handle_, fmt::format("DELETE FROM {} WHERE sequence = ?", queue.table));
        if (!statement || sqlite3_bind_int64(statement.get(), 1, sequence) != SQLITE_OK ||
            sqlite3_step(statement.get()) != SQLITE_DONE) {
            fail("while an unreadable record was removed");
        }
        --queue.depth;
        ++queue.dropped;
    }
}

void Spool::remove(Queue& queue, std::int64_t through) {
    const Statement statement =
        prepare(handle_, fmt::format("DELETE FROM {} WHERE sequence <= ?", queue.table));
    if (!statement || sqlite3_bind_int64(statement.get(), 1, through) != SQLITE_OK ||
        sqlite3_step(statement.get()) != SQLITE_DONE) {
        fail("while what was delivered was removed");
    }
    queue.depth -= sqlite3_changes(handle_);
}

void Spool::add(const std::vector<storage::ReadingRow>& readings) {
    put(readings_, texts_of(readings));
}

std::vector<Spool::Entry> Spool::peek(std::size_t count_max) {
    std::vector<Entry> entries;
    std::vector<std::int64_t> unreadable;
    for (const auto& record : oldest(readings_, count_max)) {
        try {
            entries.push_back({record.sequence, from_spool_text(record.content)});
        } catch (const std::exception&) {
            unreadable.push_back(record.sequence);
        }
    }
    give_up(readings_, unreadable);
    return entries;
}

void Spool::remove_through(std::int64_t sequence) {
    remove(readings_, sequence);
}

void Spool::add_events(const std::vector<storage::MeterEventsRow>& rows) {
    put(events_, texts_of(rows));
    if (events_.depth > kEventsMax) {
        remove_oldest(events_, events_.depth - kEventsMax);
    }
}

std::vector<Spool::EventEntry> Spool::peek_events(std::size_t count_max) {
    std::vector<EventEntry> entries;
    std::vector<std::int64_t> unreadable;
    for (const auto& record : oldest(events_, count_max)) {
        try {
            entries.push_back({record.sequence, events_from_spool_text(record.content)});
        } catch (const std::exception&) {
            unreadable.push_back(record.sequence);
        }
    }
    give_up(events_, unreadable);
    return entries;
}

void Spool::remove_events_through(std::int64_t sequence) {
    remove(events_, sequence);
}

}  // namespace wutong::collector
