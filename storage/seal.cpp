#include "storage/seal.hpp"

#include "storage/journal_text.hpp"
#include "storage/paging.hpp"
#include "storage/sha256.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

struct Head {
    std::int64_t position = 0;
    std::string hash;
};

Head head_of(Transaction& tx, core::PropertyId property) {
    const auto rows = tx.exec(
        "SELECT position, hash FROM journal_chain WHERE property_id = $1 ORDER BY position DESC LIMIT 1",
        property);
    if (rows.empty()) {
        return {0, first_link()};
    }
    return {get<std::int64_t>(rows[0], "position"), get<Bytes>(rows[0], "hash").data};
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
    const JournalTexts texts{tx, property, ids};
    Head head = head_of(tx, property);
    const std::int64_t first = head.position + 1;
    std::vector<std::string> hashes;
    for (const auto id : ids) {
        const auto* text = texts.find(id);
        if (text == nullptr) {
            throw NotFound("journal entry " + std::to_string(id.value) + " of property " +
                           std::to_string(property.value) +
                           " waits for its seal, and is not in the journal: somebody has deleted it");
        }
        head.hash = link_of(head.hash, ++head.position, *text);
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

}  // namespace wutong::storage
