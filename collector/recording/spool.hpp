#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/meter_records.hpp"
#include "storage/readings.hpp"

struct sqlite3;

namespace wutong::collector {

/// The spool's file can't be written: full disk, wrong owner, damaged. What was to be added is not in it.
class SpoolError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Readings and meter events that wait for the database, each in the order they came, in a SQLite file
/// (write-ahead log). Bounded: when full, the oldest make room and are counted, readings first: of them there
/// are thousands for each event. Used by one thread.
class Spool {
public:
    struct Entry {
        std::int64_t sequence = 0;
        storage::ReadingRow reading;
    };

    struct EventEntry {
        std::int64_t sequence = 0;
        storage::MeterEventsRow events;
    };
    /// More events than these are not kept; the oldest go.
    static constexpr std::int64_t kEventsMax = 100'000;

    /// @param bytes_max about the most that the file may take
    /// @throws SpoolError
    Spool(const std::filesystem::path& file, std::int64_t bytes_max);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// All or nothing. @throws SpoolError
    void add(const std::vector<storage::ReadingRow>& readings);
    /// The oldest, without taking them out. A record that can't be read is skipped and counted as dropped.
    /// @throws SpoolError
    [[nodiscard]] std::vector<Entry> peek(std::size_t count_max);
    /// Takes out all up to and including this one. @throws SpoolError
    void remove_through(std::int64_t sequence);

    // ---- the same with events ----
    void add_events(const std::vector<storage::MeterEventsRow>& rows);
    [[nodiscard]] std::vector<EventEntry> peek_events(std::size_t count_max);
    void remove_events_through(std::int64_t sequence);

    /// Readings.
    [[nodiscard]] std::int64_t depth() const { return readings_.depth; }
    [[nodiscard]] std::int64_t events_depth() const { return events_.depth; }
    /// Given up since the start of the process, because the spool was full or a record could not be read.
    [[nodiscard]] std::int64_t dropped() const { return readings_.dropped; }
    [[nodiscard]] std::int64_t events_dropped() const { return events_.dropped; }

private:
    struct Queue {
        const char* table;
        std::int64_t depth = 0;
        std::int64_t dropped = 0;
    };
    struct Record {
        std::int64_t sequence = 0;
        std::string content;
    };
    void open(Queue& queue);
    void put(Queue& queue, const std::vector<std::string>& contents);
    [[nodiscard]] std::vector<Record> oldest(const Queue& queue, std::size_t count_max);
    void remove(Queue& queue, std::int64_t through);
    void give_up(Queue& queue, const std::vector<std::int64_t>& unreadable);
    void execute(const char* sql);
    [[nodiscard]] std::int64_t number(const char* sql);
    /// How large the file may be: its own limit, or no larger than it is when the disk is nearly full.
    void limit_pages();
    void make_room(Queue& queue);
    void remove_oldest(Queue& queue, std::int64_t count);
    [[noreturn]] void fail(const std::string& doing) const;

    std::string file_;
    sqlite3* handle_ = nullptr;
    std::int64_t bytes_max_;
    std::int64_t page_bytes_ = 4'096;
    Queue readings_{"reading"};
    Queue events_{"event"};
};

/// How a reading is kept in the spool: JSON, so that a newer version can read what an older one left behind.
[[nodiscard]] std::string to_spool_text(const storage::ReadingRow& reading);
/// @throws std::exception for text that is not a reading
[[nodiscard]] storage::ReadingRow from_spool_text(const std::string& text);
[[nodiscard]] std::string to_spool_text(const storage::MeterEventsRow& events);
/// @throws std::exception for text that is no such report
[[nodiscard]] storage::MeterEventsRow events_from_spool_text(const std::string& text);

}  // namespace wutong::collector
