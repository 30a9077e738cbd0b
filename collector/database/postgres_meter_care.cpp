#include "collector/database/postgres_field_store.hpp"
#include "storage/database.hpp"

/// What is written down of a meter besides its readings: how its clock goes, which firmware it runs.
namespace wutong::collector {

using storage::Scope;
using storage::Transaction;

core::ClockDay PostgresFieldStore::clock_day(core::PropertyId property, core::MeterId meter,
                                             core::Timestamp at) {
    return database_.transact(Scope::none(), "look at a clock's day",
                              [&](Transaction& tx) { return storage::clock_day(tx, property, meter, at); });
}

bool PostgresFieldStore::note_clock(const storage::ClockNote& note, const core::ClockRules& rules) {
    return database_.transact(Scope::none(), "note a clock",
                              [&](Transaction& tx) { return storage::note_clock(tx, note, rules); });
}

bool PostgresFieldStore::note_firmware(const storage::FirmwareNote& note) {
    return database_.transact(Scope::none(), "note a version",
                              [&](Transaction& tx) { return storage::note_firmware(tx, note); });
}

}  // namespace wutong::collector
