#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wutong::server {

/// A fault in a text file: where, which key, what.
struct TomlFault {
    int line = 1;
    std::string key;  ///< dotted, "tls.certificate"
    std::string text;
};

/// @return nothing and one fault when the text is not TOML
[[nodiscard]] std::optional<toml::table> parse_toml(std::string_view text, std::vector<TomlFault>& faults);

/// Reads one table key by key, remembers what was asked for, and collects faults. What nobody asked for is a
/// fault too (refuse_unknown): a misspelt key must not be silently ignored.
class TomlReader {
public:
    /// @param path what stands before the keys in messages: "" or "tls."
    TomlReader(const toml::table& table, std::string path, std::vector<TomlFault>& faults);

    [[nodiscard]] bool has(const std::string& key) const { return table_.contains(key); }
    [[nodiscard]] int line() const;
    [[nodiscard]] int line_of(const std::string& key) const;

    void text(const std::string& key, std::string& into, std::size_t bytes_max, std::size_t bytes_min = 0);
    void choice(const std::string& key, const std::vector<std::string>& allowed, std::string& into);
    [[nodiscard]] std::optional<std::int64_t> integer(const std::string& key, std::int64_t least,
                                                      std::int64_t most);
    template <class Integer>
    void number(const std::string& key, Integer& into, std::int64_t least, std::int64_t most) {
        if (const auto value = integer(key, least, most)) {
            into = static_cast<Integer>(*value);
        }
    }
    template <class Rep, class Period>
    void duration(const std::string& key, std::chrono::duration<Rep, Period>& into, std::int64_t least,
                  std::int64_t most) {
        if (const auto value = integer(key, least, most)) {
            into = std::chrono::duration<Rep, Period>{*value};
        }
    }
    /// [key], if it is there.
    void section(const std::string& key, const std::function<void(TomlReader&)>& read);
    /// [[key]], each in turn.
    void sections(const std::string& key, std::size_t most, const std::function<void(TomlReader&)>& read);
    void refuse_unknown() const;
    void require(const std::string& key) const;
    /// A fault that concerns a key, with its line; the table's line when the key is not there.
    void fault(const std::string& key, const std::string& text) const;

private:
    [[nodiscard]] const toml::node* find(const std::string& key);

    const toml::table& table_;
    std::string path_;
    std::vector<TomlFault>& faults_;
    std::set<std::string> known_;
};

}  // namespace wutong::server
