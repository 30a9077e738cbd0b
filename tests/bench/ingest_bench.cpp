// Readings into the database as the collector's recorder brings them: batch after batch, each a transaction
// that also says which days have to be told again. The peer is `psql \copy` of the very same rows into the
// same table of another database on the same cluster. Measured are batches as they come after the database
// was away (many readings of the 200 meters of a bus), the same with a duplicate in every batch, and a sweep
// (one reading of each of 5 000 meters). Each is done ROUNDS times in turn, the best counts. The daily and
// monthly energy of these readings is told by a job of the server afterwards: its speed is printed beside,
// and what both make together.
//   bench_ingest [ROWS] [BATCH] [ROUNDS]     200 000, as the recorder's, 3; needs WUTONG_TEST_PG
// Prints "NAME value unit (limit or peer value, ratio)".
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/energy_rollups.hpp"
#include "storage/readings.hpp"
#include "storage/sql_value.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

namespace {

using namespace wutong;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kMeters = 200;  // on one bus
constexpr std::size_t kMetersOfSweep = 5'000;

storage::ReadingRow reading(const tests::TestSite& site, std::size_t meters, std::size_t index) {
    const auto meter = index % meters;
    const auto round = static_cast<std::int64_t>(index / meters);
    storage::ReadingRow row;
    row.property = site.property;
    row.meter = core::MeterId{site.meters[0].value + static_cast<std::int64_t>(meter)};
    row.read_at = tests::at(round * 900 + static_cast<std::int64_t>(meter) % 900);
    row.energy_wh = 1'000'000 + round * 250 + static_cast<std::int64_t>(meter);
    row.sharp_wh = 100'000;
    row.peak_wh = 300'000 + round * 100;
    row.flat_wh = 400'000;
    row.valley_wh = 200'000 + round * 150;
    row.balance_e4 = 5'000'000 - round * 2'500;
    row.purchase_number = 7;
    row.power_w = 1'000 + round % 500;
    row.voltage_mv = {230'100};
    row.current_ma = {4'350};
    row.relay_closed = true;
    return row;
}

std::vector<storage::ReadingRow> readings(const tests::TestSite& site, std::size_t meters,
                                          std::size_t count) {
    std::vector<storage::ReadingRow> rows;
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        rows.push_back(reading(site, meters, i));
    }
    return rows;
}

double seconds_since(Steady::time_point begin) {
    return std::chrono::duration<double>(Steady::now() - begin).count();
}

/// Rows a second.
struct Speed {
    double stored = 0;
    double told = 0;  ///< by the job that keeps daily and monthly energy
};

Speed best(Speed one, Speed other) {
    return {std::max(one.stored, other.stored), std::max(one.told, other.told)};
}

/// As the server's job does it.
double tell_days(tests::TestDatabase& database, std::size_t count) {
    const auto begin = Steady::now();
    while (database.server()
               .transact(storage::Scope::none(), "roll_up_energy",
                         [](storage::Transaction& tx) { return storage::roll_up_energy(tx, 20'000); })
               .dues > 0) {
    }
    const auto took = seconds_since(begin);
    const auto wrong = database.as_superuser(
        "SELECT (SELECT sum(used_wh) FROM wutong.monthly_energy) <> (SELECT sum(most - least) FROM (SELECT "
        "max(energy_wh) AS most, min(energy_wh) AS least FROM wutong.reading GROUP BY meter_id) AS m)")[0][0];
    if (wrong.is_null() || wrong.as<bool>()) {
        throw std::runtime_error("the months do not add up to the registers");
    }
    return static_cast<double>(count) / took;
}

/// @param repeat the first row of each batch comes again with the next one
Speed by_recorder(std::size_t count, std::size_t batch, std::size_t meters, bool repeat) {
    tests::TestDatabase database;
    const tests::TestSite site{database, "P1", 1};
    const auto rows = readings(site, meters, count);
    storage::ReadingWriter writer{database.collector()};
    std::size_t added = 0;
    const auto begin = Steady::now();
    for (std::size_t at = 0; at < count; at += batch) {
        std::vector<storage::ReadingRow> part(
            rows.begin() + static_cast<std::ptrdiff_t>(at),
            rows.begin() + static_cast<std::ptrdiff_t>(std::min(at + batch, count)));
        if (repeat && at > 0) {
            part.push_back(rows[at - 1]);
        }
        added += writer.put(part).added;
    }
    const auto took = seconds_since(begin);
    if (added != count) {
        throw std::runtime_error(std::to_string(added) + " rows are there, not " + std::to_string(count));
    }
    return {static_cast<double>(count) / took, tell_days(database, count)};
}

double by_psql(std::size_t count, std::size_t meters) {
    tests::TestDatabase database;
    const tests::TestSite site{database, "P1", 1};
    const std::string file = "/tmp/wutong-ingest-" + std::to_string(::getpid()) + ".tsv";
    {
        std::ofstream out{file};
        for (const auto& row : readings(site, meters, count)) {
            out << row.property.value << '\t' << row.meter.value << '\t' << storage::time_text(row.read_at)
                << '\t' << *row.energy_wh << '\t' << *row.sharp_wh << '\t' << *row.peak_wh << '\t'
                << *row.flat_wh << '\t' << *row.valley_wh << '\t' << *row.balance_e4 << '\t'
                << *row.purchase_number << '\t' << *row.power_w << "\t{230100}\t{4350}\tt\n";
        }
    }
    database.as_superuser(
        "SELECT ensure_reading_partition(d::date) FROM generate_series('2026-03-01'::timestamptz, "
        "'2026-12-01', '1 month') d");
    const std::string command =
        "psql -Xq -v ON_ERROR_STOP=1 -d '" + database.url(tests::Role::superuser) +
        "' -c \"\\copy wutong.reading(property_id, meter_id, read_at, energy_wh, sharp_wh, peak_wh, flat_wh, "
        "valley_wh, balance_e4, purchase_number, power_w, voltage_mv, current_ma, relay_closed) FROM '" +
        file + "'\"";
    const auto begin = Steady::now();
    const int status = std::system(command.c_str());
    const auto took = seconds_since(begin);
    std::remove(file.c_str());
    const auto there = database.as_superuser("SELECT count(*) FROM wutong.reading")[0][0].as<std::size_t>();
    if (status != 0 || there != count) {
        throw std::runtime_error("psql brought " + std::to_string(there) + " rows");
    }
    return static_cast<double>(count) / took;
}

std::size_t number(int argc, char** argv, int place, std::size_t otherwise) {
    return argc > place ? std::strtoul(argv[place], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto count = number(argc, argv, 1, 200'000);
        const auto batch = number(argc, argv, 2, storage::kReadingsPerBatch);
        const auto rounds = number(argc, argv, 3, 3);
        Speed ours, repeated, swept;
        double peer = 0, peer_of_sweep = 0;
        for (std::size_t round = 0; round < rounds; ++round) {
            peer = std::max(peer, by_psql(count, kMeters));
            ours = best(ours, by_recorder(count, batch, kMeters, false));
            repeated = best(repeated, by_recorder(count, batch, kMeters, true));
            peer_of_sweep = std::max(peer_of_sweep, by_psql(count, kMetersOfSweep));
            swept = best(swept, by_recorder(count, batch, kMetersOfSweep, false));
        }
        const auto print = [](const char* name, const Speed& speed, double of_peer) {
            const double both = 1 / (1 / speed.stored + 1 / speed.told);
            std::printf("ingest.%s %.0f rows_per_s (psql \\copy %.0f rows_per_s, %.3f)\n", name, speed.stored,
                        of_peer, speed.stored / of_peer);
            std::printf(
                "ingest.%s.rollup %.0f rows_per_s (daily and monthly energy, by its job afterwards; stored "
                "and "
                "told one after the other %.0f rows_per_s, %.3f)\n",
                name, speed.told, both, both / of_peer);
        };
        print("copy", ours, peer);
        print("with_duplicates", repeated, peer);
        print("sweep", swept, peer_of_sweep);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "bench_ingest: " << error.what() << '\n';
        return 1;
    }
}
