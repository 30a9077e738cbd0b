#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"

/// What is sealed of a journal entry, as one text (described in storage/README.md): numbers in decimal, times
/// as time_text() writes them, absent keys as 0, the memo with its length in bytes before it, so that no memo
/// can look like postings.
namespace wutong::storage {

/// The texts of a page of entries, each with its postings in the order of their lines.
class JournalTexts {
public:
    /// Reads the entries with these ids in two statements. Where they lie close together, as the entries of a
    /// page of the chain do, these are two walks along the tables; else each entry is looked up by itself.
    JournalTexts(Transaction& tx, core::PropertyId property, const std::vector<core::EntryId>& ids);

    /// nullptr: there is no such entry. @pre `entry` was asked for
    [[nodiscard]] const std::string* find(core::EntryId entry) const;

private:
    struct Text {
        std::int64_t entry = 0;
        std::string text;
    };
    void read_entries(Transaction& tx, core::PropertyId property, const std::vector<std::int64_t>& wanted);
    void read_postings(Transaction& tx, core::PropertyId property, const std::vector<std::int64_t>& wanted);

    bool close_together_ = true;
    std::vector<Text> texts_;  ///< by entry
};

/// The hash before the first link: 32 zero bytes.
[[nodiscard]] const std::string& first_link();
/// SHA-256(hash before | position | text), 32 bytes.
[[nodiscard]] std::string link_of(const std::string& before, std::int64_t position, const std::string& text);

/// "2026-11-21 10:50:12.1+00", as PostgreSQL writes it, in the form of time_text(). @throws
/// std::invalid_argument
[[nodiscard]] std::string sealed_time(std::string_view text);

}  // namespace wutong::storage
