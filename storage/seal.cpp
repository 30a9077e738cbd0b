#include "storage/seal.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "storage/paging.hpp"
#include "storage/sha256.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// What is sealed, as one text. Numbers in decimal, times as time_text() writes them, absent keys as 0, the
/// memo with its length in bytes before it, so that no memo can look like postings.
struct SealedEntry {
    bool there = false;
    std::string text;
};

std::map<core::EntryId, SealedEntry> canonical(Transaction& tx, core::PropertyId property,
                                               const std::vector<core::EntryId>& ids) {
    std::map<core::EntryId, SealedEntry> entries;
    for (const auto& row :
         tx.exec("SELECT entry_id, kind, booked_at, account_id, meter_id, operator_id, "
                 "COALESCE(request_id::text, '') AS request_id, memo, shift_id FROM journal_entry "
                 "WHERE property_id = $1 AND entry_id = ANY ($2::bigint[])",
                 property, ids)) {
        const auto id = get<core::EntryId>(row, "entry_id");
        const auto memo = get<std::string>(row, "memo");
        entries[id] = {true, "wutong journal 1\nproperty " + std::to_string(property.value) + "\nentry " +
                                 std::to_string(id.value) + "\nkind " + get<std::string>(row, "kind") +
                                 "\nbooked " + time_text(get<core::Timestamp>(row, "booked_at")) +
                                 "\naccount " +
                                 std::to_string(get<core::AccountId>(row, "account_id").value) + "\nmeter " +
                                 std::to_string(get<core::MeterId>(row, "meter_id").value) + "\noperator " +
                                 std::to_string(get<core::OperatorId>(row, "operator_id").value) +
                                 "\nrequest " + get<std::string>(row, "request_id") + "\nmemo " +
                                 std::to_string(memo.size()) + " " + memo + "\n"};
        if (const auto shift = get<core::ShiftId>(row, "shift_id")) {
            entries[id].text += "shift " + std::to_string(shift.value) + "\n";
        }
    }
    for (const auto& row :
         tx.exec("SELECT entry_id, line, account, owner_id, amount_e4 FROM posting "
                 "WHERE property_id = $1 AND entry_id = ANY ($2::bigint[]) ORDER BY entry_id, line",
                 property, ids)) {
        auto& entry = entries[get<core::EntryId>(row, "entry_id")];
        entry.text += "posting " + std::to_string(get<int>(row, "line")) + " " +
                      get<std::string>(row, "account") + " " +
                      std::to_string(get<std::int64_t>(row, "owner_id")) + " " +
                      std::to_string(get<core::Money>(row, "amount_e4").ten_thousandths()) + "\n";
    }
    return entries;
}

std::string link(const std::string& before, std::int64_t position, const std::string& text) {
    return sha256(before + "position " + std::to_string(position) + "\n" + text);
}

const std::string& first_hash() {
    static const std::string zeros(32, '\0');
    return zeros;
}

struct Head {
    std::int64_t position = 0;
    std::string hash;
};

Head head_of(Transaction& tx, core::PropertyId property) {
    const auto rows = tx.exec(
        "SELECT position, hash FROM journal_chain WHERE property_id = $1 ORDER BY position DESC LIMIT 1",
        property);
    if (rows.empty()) {
        return {0, first_hash()};
    }
    return {get<std::int64_t>(rows[0], "position"), get<Bytes>(rows[0], "hash").data};
}

/// One page of the walk: what the chain says after `position`, compared with the journal.
struct Walk {
    VerifyResult result;
    std::string hash = first_hash();
    bool end = false;

    void page(Transaction& tx, core::PropertyId property) {
        const auto rows = tx.exec(
            "SELECT position, entry_id, hash FROM journal_chain WHERE property_id = $1 AND position > $2 "
            "ORDER BY position LIMIT $3",
            property, result.checked, kPageMax);
        std::vector<core::EntryId> ids;
        for (const auto& row : rows) {
            ids.push_back(get<core::EntryId>(row, "entry_id"));
        }
        const auto entries = canonical(tx, property, ids);
        for (const auto& row : rows) {
            const auto position = get<std::int64_t>(row, "position");
            const auto id = get<core::EntryId>(row, "entry_id");
            const auto entry = entries.find(id);
            const std::string named =
                "entry " + std::to_string(id.value) + " at position " + std::to_string(position);
            if (position != result.checked + 1) {
                return fail(ChainFault::Kind::unlinked, result.checked + 1, {},
                            "position " + std::to_string(result.checked + 1) + " of the chain is missing");
            }
            if (entry == entries.end() || !entry->second.there) {
                return fail(ChainFault::Kind::missing, position, id,
                            named + " was sealed, and is no longer in the journal");
            }
            std::string expected = link(hash, position, entry->second.text);
            if (expected != get<Bytes>(row, "hash").data) {
                return fail(ChainFault::Kind::changed, position, id,
                            named + " is not what was sealed, or its hash was changed");
            }
            hash = std::move(expected);
            result.checked = position;
        }
        end = rows.size() < static_cast<std::size_t>(kPageMax);
    }

    void fail(ChainFault::Kind kind, std::int64_t position, core::EntryId entry, std::string text) {
        result.fault = ChainFault{kind, position, entry, std::move(text)};
    }
};

/// Deleted between its commit and its seal.
std::optional<ChainFault> find_lost_before_seal(Database& database, core::PropertyId property) {
    return database.transact(
        Scope::of({property}), "verify: unsealed", [&](Transaction& tx) -> std::optional<ChainFault> {
            const auto rows = tx.exec(
                "SELECT u.entry_id FROM journal_unsealed u WHERE u.property_id = $1 AND NOT EXISTS (SELECT "
                "FROM journal_entry e "
                "WHERE e.property_id = $1 AND e.entry_id = u.entry_id) ORDER BY u.entry_id LIMIT 1",
                property);
            if (rows.empty()) {
                return std::nullopt;
            }
            const auto id = get<core::EntryId>(rows[0], "entry_id");
            return ChainFault{
                ChainFault::Kind::missing, 0, id,
                "entry " + std::to_string(id.value) + " waits for its seal, and is no longer in the journal"};
        });
}

/// Entries that are neither sealed nor waiting for it; page by page.
std::optional<ChainFault> find_inserted(Database& database, core::PropertyId property) {
    std::int64_t after = std::numeric_limits<std::int64_t>::min();
    for (;;) {
        const auto row = database.transact(Scope::of({property}), "verify: inserted", [&](Transaction& tx) {
            // The page is cut first, so that each statement reads a bounded piece of the journal.
            return tx.exec1(
                "WITH page AS MATERIALIZED (SELECT entry_id FROM journal_entry WHERE property_id = $1 AND "
                "entry_id > $2 "
                "ORDER BY entry_id LIMIT 20000) "
                "SELECT (SELECT max(entry_id) FROM page) AS last, (SELECT min(entry_id) FROM page p WHERE "
                "NOT EXISTS (SELECT FROM journal_chain c WHERE c.property_id = $1 AND c.entry_id = "
                "p.entry_id) AND "
                "NOT EXISTS (SELECT FROM journal_unsealed u WHERE u.property_id = $1 AND u.entry_id = "
                "p.entry_id)) AS inserted",
                property, after);
        });
        if (const auto inserted = get<core::EntryId>(row, "inserted")) {
            return ChainFault{ChainFault::Kind::inserted, 0, inserted,
                              "entry " + std::to_string(inserted.value) +
                                  " is in the journal, but was never sealed nor queued for it"};
        }
        const auto last = get<std::optional<std::int64_t>>(row, "last");
        if (!last) {
            return std::nullopt;
        }
        after = *last;
    }
}

}  // namespace

int seal_entries(Transaction& tx, core::PropertyId property, int limit) {
    checked_limit(limit, kSealBatchMax);
    const auto lock =
        tx.exec1("SELECT pg_try_advisory_xact_lock(hashtextextended('wutong.seal', $1)) AS mine", property);
    if (!get<bool>(lock, "mine")) {
        return 0;
    }
    std::vector<core::EntryId> ids;
    // Whatever is visible is committed. An entry with a lower number may still be on its way: it is sealed
    // later, and the chain's position is the order that counts.
    for (const auto& row :
         tx.exec("SELECT entry_id FROM journal_unsealed WHERE property_id = $1 ORDER BY entry_id LIMIT $2",
                 property, limit)) {
        ids.push_back(get<core::EntryId>(row, "entry_id"));
    }
    if (ids.empty()) {
        return 0;
    }
    auto entries = canonical(tx, property, ids);
    Head head = head_of(tx, property);
    const std::int64_t first = head.position + 1;
    std::vector<std::string> hashes;
    for (const auto id : ids) {
        const SealedEntry& entry = entries[id];
        if (!entry.there) {
            throw NotFound("journal entry " + std::to_string(id.value) + " of property " +
                           std::to_string(property.value) +
                           " waits for its seal, and is not in the journal: somebody has deleted it");
        }
        head.hash = link(head.hash, ++head.position, entry.text);
        hashes.push_back(hex(head.hash));
    }
    tx.exec(
        "INSERT INTO journal_chain (property_id, position, entry_id, hash) "
        "SELECT $1, $2 + u.n - 1, u.entry_id, decode(u.hash, 'hex') "
        "FROM unnest($3::bigint[], $4::text[]) WITH ORDINALITY AS u(entry_id, hash, n)",
        property, first, ids, hashes);
    tx.exec("DELETE FROM journal_unsealed WHERE property_id = $1 AND entry_id = ANY ($2::bigint[])", property,
            ids);
    return static_cast<int>(ids.size());
}

SealState seal_state(Transaction& tx, core::PropertyId property) {
    const Head head = head_of(tx, property);
    const auto row = tx.exec1(
        "SELECT count(*) AS unsealed, min(e.booked_at) AS oldest FROM journal_unsealed u "
        "LEFT JOIN journal_entry e USING (property_id, entry_id) WHERE u.property_id = $1",
        property);
    return {head.position, get<std::int64_t>(row, "unsealed"),
            get<std::optional<core::Timestamp>>(row, "oldest"), head.position == 0 ? "" : hex(head.hash)};
}

std::vector<core::PropertyId> properties_to_seal(Transaction& tx) {
    std::vector<core::PropertyId> properties;
    // One probe of the index per property, however long a queue is.
    for (const auto& row : tx.exec(
             "SELECT p.property_id FROM property p WHERE EXISTS "
             "(SELECT FROM journal_unsealed u WHERE u.property_id = p.property_id) ORDER BY p.property_id")) {
        properties.push_back(get<core::PropertyId>(row, "property_id"));
    }
    return properties;
}

VerifyResult verify_chain(Database& database, core::PropertyId property,
                          const std::function<bool(const VerifyProgress&)>& progress) {
    const auto total = database.transact(Scope::of({property}), "verify: length",
                                         [&](Transaction& tx) { return head_of(tx, property).position; });
    Walk walk;
    bool stopped = false;
    while (!walk.end && !walk.result.fault && !stopped) {
        // A page that is tried again after a broken connection starts from where the page before had ended.
        walk = database.transact(Scope::of({property}), "verify", [&, from = walk](Transaction& tx) {
            Walk next = from;
            next.page(tx, property);
            return next;
        });
        stopped = progress && !progress({walk.result.checked, std::max(total, walk.result.checked)});
    }
    if (!walk.result.fault && !stopped) {
        walk.result.fault = find_lost_before_seal(database, property);
    }
    if (!walk.result.fault && !stopped) {
        walk.result.fault = find_inserted(database, property);
    }
    walk.result.last_hash = walk.result.checked == 0 ? "" : hex(walk.hash);
    return walk.result;
}

}  // namespace wutong::storage
