#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// The hash chain over a property's journal. Entries are sealed soon after they are committed, in batches, by
/// one sealer per property at a time: no sale ever waits for the chain. Each link is SHA-256(hash before |
/// position | canonical text of the entry with its postings); the text is described in storage/README.md, so
/// that others can check it.
///
/// What it proves: that nothing sealed was changed, taken out or put in between, as long as one hash that was
/// written down elsewhere is still found at its position. Somebody who owns the whole database can seal a
/// forged journal anew from its first entry; then the hash that was written down differs.
namespace wutong::storage {

inline constexpr int kSealBatchMax = 1'000;

/// Seals the oldest unsealed entries, `limit` at most (<= kSealBatchMax). @return how many; 0 also when
/// another sealer is at work on this property
int seal_entries(Transaction& tx, core::PropertyId property, int limit = kSealBatchMax);

struct SealState {
    std::int64_t sealed = 0;  ///< last position
    std::int64_t unsealed = 0;
    std::optional<core::Timestamp> oldest_unsealed_at;  ///< when the oldest of them was booked
    std::string last_hash;                              ///< hex; "" before the first
};
[[nodiscard]] SealState seal_state(Transaction& tx, core::PropertyId property);

/// Properties with unsealed entries, within the transaction's scope.
[[nodiscard]] std::vector<core::PropertyId> properties_to_seal(Transaction& tx);

struct VerifyProgress {
    std::int64_t checked = 0;  ///< sealed entries
    std::int64_t total = 0;
};

struct ChainFault {
    enum class Kind {
        changed,   ///< entry or postings are not what was sealed
        missing,   ///< sealed, and no longer there
        inserted,  ///< there, but neither sealed nor waiting for it
        unlinked,  ///< a position of the chain is missing
    } kind = Kind::changed;
    std::int64_t position = 0;  ///< in the chain; 0 for inserted
    core::EntryId entry;
    std::string text;  ///< for people
};

struct VerifyResult {
    std::int64_t checked = 0;
    std::optional<ChainFault> fault;  ///< the first, in the order of the chain; inserted rows come after it
    std::string last_hash;            ///< hex, at position `checked`
};

struct VerifyOptions {
    int page = 4'000;  ///< entries of the chain in one transaction
    /// Pages that are read at once, each on a connection of its own. A page begins from the stored hash
    /// before it, which the page before has to have proven: so the first fault of the first faulty page is
    /// the first of the chain.
    int at_once = 3;
};

/// Walks the chain in pages, each in a transaction of its own, so that it holds nothing for long.
/// @param progress after each page, in their order; return false to stop (the result then says how far it
/// came)
[[nodiscard]] VerifyResult verify_chain(Database& database, core::PropertyId property,
                                        const std::function<bool(const VerifyProgress&)>& progress,
                                        const VerifyOptions& options = {});

}  // namespace wutong::storage
