#include <algorithm>
#include <atomic>
#include <future>
#include <limits>
#include <stdexcept>

#include "storage/journal_text.hpp"
#include "storage/ordered_work.hpp"
#include "storage/seal.hpp"
#include "storage/sha256.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// What one page of the chain has shown.
struct Page {
    std::int64_t checked = 0;  ///< last position that holds
    std::string hash;          ///< there
    bool full = false;         ///< there may be more behind it
    std::optional<ChainFault> fault;

    void fail(ChainFault::Kind kind, std::int64_t position, core::EntryId entry, std::string text) {
        fault = ChainFault{kind, position, entry, std::move(text)};
    }
};

/// PostgreSQL's "\x0a1b…"; what is no such thing becomes no hash.
std::string bytes_of(std::string_view text) {
    std::string bytes;
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return {};
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

struct Link {
    std::int64_t position;
    core::EntryId entry;
    std::string hash;
};

std::vector<Link> read_links(Transaction& tx, core::PropertyId property, std::int64_t from,
                             std::int64_t limit) {
    const auto rows = tx.exec(
        "SELECT position, entry_id, hash FROM journal_chain WHERE property_id = $1 AND position >= $2 "
        "ORDER BY position LIMIT $3",
        property, from, limit);
    std::vector<Link> links;
    links.reserve(rows.size());
    for (const auto& row : rows) {
        links.push_back({row[0].as<std::int64_t>(), core::EntryId{row[1].as<std::int64_t>()},
                         bytes_of({row[2].c_str(), row[2].size()})});
    }
    return links;
}

void missing_position(Page& page, std::int64_t position) {
    page.fail(ChainFault::Kind::unlinked, position, {},
              "position " + std::to_string(position) + " of the chain is missing");
}

/// Positions `first` to `first + count - 1` compared with the journal, from the stored hash before them.
Page check_page(Transaction& tx, core::PropertyId property, std::int64_t first, int count) {
    Page page{first - 1, first_link(), false, {}};
    auto links = read_links(tx, property, first - 1, count + (first > 1 ? 1 : 0));
    if (first > 1) {
        if (links.empty() || links.front().position != first - 1) {
            missing_position(page, first - 1);
            return page;
        }
        page.hash = links.front().hash;
        links.erase(links.begin());
    }
    page.full = links.size() == static_cast<std::size_t>(count);
    std::vector<core::EntryId> ids;
    ids.reserve(links.size());
    for (const auto& link : links) {
        ids.push_back(link.entry);
    }
    const JournalTexts texts{tx, property, ids};
    for (const auto& link : links) {
        const auto named = [&] {
            return "entry " + std::to_string(link.entry.value) + " at position " +
                   std::to_string(link.position);
        };
        if (link.position != page.checked + 1) {
            missing_position(page, page.checked + 1);
            return page;
        }
        const auto* text = texts.find(link.entry);
        if (text == nullptr) {
            page.fail(ChainFault::Kind::missing, link.position, link.entry,
                      named() + " was sealed, and is no longer in the journal");
            return page;
        }
        auto expected = link_of(page.hash, link.position, *text);
        if (expected != link.hash) {
            page.fail(ChainFault::Kind::changed, link.position, link.entry,
                      named() + " is not what was sealed, or its hash was changed");
            return page;
        }
        page.hash = std::move(expected);
        page.checked = link.position;
    }
    return page;
}

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

/// Entries that are neither sealed nor waiting for it; page by page, so that each statement reads a bounded
/// piece of the journal. It is read beside the walk, and ends early when that does.
std::optional<ChainFault> find_inserted(Database& database, core::PropertyId property,
                                        const std::atomic<bool>& wanted) {
    constexpr int kPage = 20'000;
    std::int64_t after = std::numeric_limits<std::int64_t>::min();
    while (wanted) {
        std::optional<std::int64_t> last;
        const auto inserted = database.transact(
            Scope::of({property}), "verify: inserted", [&](Transaction& tx) -> core::EntryId {
                last = get<std::optional<std::int64_t>>(
                    tx.exec1("SELECT max(entry_id) AS last FROM (SELECT entry_id FROM journal_entry WHERE "
                             "property_id = $1 AND entry_id > $2 ORDER BY entry_id LIMIT $3) page",
                             property, after, kPage),
                    "last");
                if (!last) {
                    return {};
                }
                return get<core::EntryId>(
                    tx.exec1(
                        "SELECT min(e.entry_id) AS inserted FROM journal_entry e "
                        "LEFT JOIN (SELECT entry_id FROM journal_chain WHERE property_id = $1 AND entry_id > "
                        "$2 AND entry_id <= $3) c ON c.entry_id = e.entry_id "
                        "WHERE e.property_id = $1 AND e.entry_id > $2 AND e.entry_id <= $3 AND c.entry_id IS "
                        "NULL AND NOT EXISTS (SELECT FROM journal_unsealed u WHERE u.property_id = $1 AND "
                        "u.entry_id = e.entry_id)",
                        property, after, *last),
                    "inserted");
            });
        if (inserted) {
            return ChainFault{ChainFault::Kind::inserted, 0, inserted,
                              "entry " + std::to_string(inserted.value) +
                                  " is in the journal, but was never sealed nor queued for it"};
        }
        if (!last) {
            return std::nullopt;
        }
        after = *last;
    }
    return std::nullopt;
}

}  // namespace

VerifyResult verify_chain(Database& database, core::PropertyId property,
                          const std::function<bool(const VerifyProgress&)>& progress,
                          const VerifyOptions& options) {
    if (options.page < 1 || options.page > 100'000 || options.at_once < 1 || options.at_once > 16) {
        throw std::invalid_argument("a chain is walked in pages of 1 to 100000, 1 to 16 at once");
    }
    const auto total = database.transact(Scope::of({property}), "verify: length", [&](Transaction& tx) {
        return tx
            .exec1("SELECT COALESCE(max(position), 0) FROM journal_chain WHERE property_id = $1", property)[0]
            .as<std::int64_t>();
    });
    const auto check = [&](std::int64_t first) {
        return database.transact(Scope::of({property}), "verify", [&](Transaction& tx) {
            return check_page(tx, property, first, options.page);
        });
    };
    std::atomic<bool> wanted{true};
    // Ended before `wanted` is gone, also when the walk throws.
    struct Beside {
        std::atomic<bool>& wanted;
        std::future<std::optional<ChainFault>> inserted;
        ~Beside() { wanted = false; }
    } beside{wanted,
             std::async(std::launch::async, [&] { return find_inserted(database, property, wanted); })};
    VerifyResult result;
    std::string hash;
    bool stopped = false;
    bool more = true;
    const auto take = [&](Page page) {
        result.checked = page.checked;
        result.fault = std::move(page.fault);
        hash = std::move(page.hash);
        more = page.full;
        stopped = progress && !progress({result.checked, std::max(total, result.checked)});
        return !stopped && !result.fault;
    };
    const std::int64_t pages = std::max<std::int64_t>(1, (total + options.page - 1) / options.page);
    in_order<Page>(
        pages, static_cast<int>(std::min<std::int64_t>(options.at_once, pages)),
        [&](std::int64_t n) { return check(1 + n * options.page); },
        [&](std::int64_t, Page page) { return take(std::move(page)); });
    // What was sealed meanwhile.
    while (more && !stopped && !result.fault) {
        take(check(result.checked + 1));
    }
    if (!result.fault && !stopped) {
        result.fault = find_lost_before_seal(database, property);
    }
    if (!result.fault && !stopped) {
        result.fault = beside.inserted.get();
    }
    result.last_hash = result.checked == 0 ? "" : hex(hash);
    return result;
}

}  // namespace wutong::storage
