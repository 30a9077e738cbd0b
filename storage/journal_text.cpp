#include "storage/journal_text.hpp"

#include <algorithm>
#include <charconv>

#include "storage/sha256.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

std::string_view view(const pqxx::row& row, pqxx::row::size_type column) {
    const auto field = row[column];
    return {field.c_str(), field.size()};
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// What else lies between the first and the last id of a page, and is read for nothing: at most as much
/// again, and a few.
std::int64_t read_at_most(std::size_t wanted) {
    return static_cast<std::int64_t>(2 * wanted + 100);
}

constexpr const char* kEntriesBetween =
    "SELECT entry_id, kind, booked_at, COALESCE(account_id, 0), COALESCE(meter_id, 0), "
    "COALESCE(operator_id, 0), COALESCE(request_id::text, ''), memo, COALESCE(shift_id, 0) "
    "FROM journal_entry WHERE property_id = $1 AND entry_id BETWEEN $2 AND $3 ORDER BY entry_id LIMIT $4";
constexpr const char* kEntriesById =
    "SELECT entry_id, kind, booked_at, COALESCE(account_id, 0), COALESCE(meter_id, 0), "
    "COALESCE(operator_id, 0), COALESCE(request_id::text, ''), memo, COALESCE(shift_id, 0) "
    "FROM journal_entry WHERE property_id = $1 AND entry_id = ANY ($2::bigint[]) ORDER BY entry_id";
constexpr const char* kPostingsBetween =
    "SELECT entry_id, line, account, owner_id, amount_e4 FROM posting "
    "WHERE property_id = $1 AND entry_id BETWEEN $2 AND $3 ORDER BY entry_id, line";
constexpr const char* kPostingsById =
    "SELECT entry_id, line, account, owner_id, amount_e4 FROM posting "
    "WHERE property_id = $1 AND entry_id = ANY ($2::bigint[]) ORDER BY entry_id, line";

}  // namespace

std::string sealed_time(std::string_view text) {
    std::string sealed = "0000-00-00T00:00:00.000000Z";
    const auto digits = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() < 22 || text.size() > 29 || !text.ends_with("+00")) {
        return time_text(parse_time_text(text));
    }
    const auto fraction = text.substr(19, text.size() - 22);
    for (std::size_t i = 0; i < 19; ++i) {
        if (digits(sealed[i]) && digits(text[i])) {
            sealed[i] = text[i];
        } else if (text[i] != (sealed[i] == 'T' ? ' ' : sealed[i])) {
            return time_text(parse_time_text(text));
        }
    }
    for (std::size_t i = 0; i < fraction.size(); ++i) {
        if (i == 0 ? fraction[0] != '.' || fraction.size() == 1 : !digits(fraction[i])) {
            return time_text(parse_time_text(text));
        }
        sealed[19 + i] = fraction[i];
    }
    return sealed;
}

const std::string& first_link() {
    static const std::string zeros(32, '\0');
    return zeros;
}

std::string link_of(const std::string& before, std::int64_t position, const std::string& text) {
    std::string sealed = before;
    sealed.append("position ").append(std::to_string(position)).append("\n").append(text);
    return sha256(sealed);
}

JournalTexts::JournalTexts(Transaction& tx, core::PropertyId property,
                           const std::vector<core::EntryId>& ids) {
    std::vector<std::int64_t> wanted;
    wanted.reserve(ids.size());
    for (const auto id : ids) {
        wanted.push_back(id.value);
    }
    std::sort(wanted.begin(), wanted.end());
    if (wanted.empty()) {
        return;
    }
    texts_.reserve(wanted.size());
    read_entries(tx, property, wanted);
    read_postings(tx, property, wanted);
}

void JournalTexts::read_entries(Transaction& tx, core::PropertyId property,
                                const std::vector<std::int64_t>& wanted) {
    const auto at_most = read_at_most(wanted.size());
    auto rows = tx.exec(kEntriesBetween, property, wanted.front(), wanted.back(), at_most);
    if (static_cast<std::int64_t>(rows.size()) == at_most) {
        // An entry that was committed long after its neighbours.
        close_together_ = false;
        rows = tx.exec(kEntriesById, property, wanted);
    }
    const std::string head = "wutong journal 1\nproperty " + std::to_string(property.value) + "\nentry ";
    auto next = wanted.begin();
    for (const auto& row : rows) {
        const auto id_text = view(row, 0);
        const auto id = number(id_text);
        next = std::lower_bound(next, wanted.end(), id);
        if (next == wanted.end() || *next != id) {
            continue;
        }
        const auto memo = view(row, 7);
        const auto shift = view(row, 8);
        texts_.push_back({id, {}});
        auto& text = texts_.back().text;
        text.reserve(320 + memo.size());
        text.append(head).append(id_text).append("\nkind ").append(view(row, 1));
        text.append("\nbooked ").append(sealed_time(view(row, 2)));
        text.append("\naccount ").append(view(row, 3)).append("\nmeter ").append(view(row, 4));
        text.append("\noperator ").append(view(row, 5)).append("\nrequest ").append(view(row, 6));
        text.append("\nmemo ").append(std::to_string(memo.size())).append(" ").append(memo).append("\n");
        if (shift != "0") {
            text.append("shift ").append(shift).append("\n");
        }
    }
}

void JournalTexts::read_postings(Transaction& tx, core::PropertyId property,
                                 const std::vector<std::int64_t>& wanted) {
    const auto rows = close_together_ ? tx.exec(kPostingsBetween, property, wanted.front(), wanted.back())
                                      : tx.exec(kPostingsById, property, wanted);
    auto entry = texts_.begin();
    for (const auto& row : rows) {
        const auto id = number(view(row, 0));
        while (entry != texts_.end() && entry->entry < id) {
            ++entry;
        }
        if (entry == texts_.end()) {
            break;
        }
        if (entry->entry == id) {
            entry->text.append("posting ").append(view(row, 1)).append(" ").append(view(row, 2));
            entry->text.append(" ").append(view(row, 3)).append(" ").append(view(row, 4)).append("\n");
        }
    }
}

const std::string* JournalTexts::find(core::EntryId entry) const {
    const auto found = std::lower_bound(texts_.begin(), texts_.end(), entry.value,
                                        [](const Text& text, std::int64_t id) { return text.entry < id; });
    return found == texts_.end() || found->entry != entry.value ? nullptr : &found->text;
}

}  // namespace wutong::storage
