#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace wutong::collector {

/// Reads one TOML table key by key, remembers what was asked for and collects faults with file and line.
/// What nobody asked for is a fault too (`refuse_unknown`), so that a misspelt key can't be silently ignored.
class TomlReader {
public:
    TomlReader(const toml::table& table, std::string file, std::string path,
               std::vector<std::string>& faults);

    [[nodiscard]] bool has(const std::string& key) const { return table_.contains(key); }
    void text(const std::string& key, std::string& into, std::size_t length_max = 1'000);
    void choice(const std::string& key, const std::vector<std::string>& allowed, std::string& into);
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
    void section(const std::string& key, const std::function<void(TomlReader&)>& read);
    void refuse_unknown() const;
    /// A fault that concerns a key, with its line; the table's line when the key is not there.
    void fault(const std::string& key, const std::string& what) const;

private:
    [[nodiscard]] std::optional<std::int64_t> integer(const std::string& key, std::int64_t least,
                                                      std::int64_t most);
    [[nodiscard]] const toml::node* find(const std::string& key);

    const toml::table& table_;
    std::string file_;
    std::string path_;
    std::vector<std::string>& faults_;
    std::set<std::string> known_;
};

}  // namespace wutong::collector
