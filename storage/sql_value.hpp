#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"

/// Values on their way into and out of a statement, always as text: the domain's types in, the domain's types
/// out.
namespace wutong::storage {

/// Binary data, for bytea.
struct Bytes {
    std::string data;
};

/// "2026-11-21T10:50:12.123456Z". @throws std::invalid_argument outside the years 1 to 9999
[[nodiscard]] std::string time_text(core::Timestamp time);
/// What PostgreSQL writes when its TimeZone is UTC (our connections' are). @throws std::invalid_argument
[[nodiscard]] core::Timestamp parse_time_text(std::string_view text);

/// One bound value; no value is NULL.
class SqlValue {
public:
    SqlValue(std::nullptr_t) {
    }  // NOLINT(google-explicit-constructor): conversions are what this class is for
    SqlValue(bool value) : text_(value ? "t" : "f") {}
    template <std::integral T>
    requires(!std::same_as<T, bool>) SqlValue(T value) : text_(std::to_string(value)) {}
    SqlValue(const char* text) : SqlValue(std::string(text)) {}
    SqlValue(std::string_view text) : SqlValue(std::string(text)) {}
    /// @throws std::invalid_argument for text with a zero byte, which PostgreSQL can't hold
    SqlValue(std::string text);
    SqlValue(const Bytes& bytes);
    SqlValue(core::Money money) : SqlValue(money.ten_thousandths()) {}
    SqlValue(core::Energy energy) : SqlValue(energy.watt_hours()) {}
    SqlValue(core::Price price) : SqlValue(price.ten_thousandths_per_kwh()) {}
    SqlValue(core::Remainder remainder) : SqlValue(remainder.ten_millionths()) {}
    SqlValue(core::Timestamp time) : text_(time_text(time)) {}
    template <class Tag>
    SqlValue(core::Id<Tag> id) : SqlValue(id.value) {}
    template <class T>
    SqlValue(const std::optional<T>& value) : SqlValue(value ? SqlValue(*value) : SqlValue(nullptr)) {}
    /// An array: cast it in the statement, "$1::bigint[]".
    template <class T>
    SqlValue(const std::vector<T>& values) : text_("{") {
        for (const auto& value : values) {
            append_element(SqlValue(value).text_);
        }
        text_->push_back('}');
    }

    [[nodiscard]] const char* c_str() const { return text_ ? text_->c_str() : nullptr; }
    [[nodiscard]] const std::optional<std::string>& text() const { return text_; }

private:
    void append_element(const std::optional<std::string>& element);

    std::optional<std::string> text_;
};

/// 0 is "none" for the domain's keys and NULL in the tables.
template <class Tag>
[[nodiscard]] SqlValue null_if_none(core::Id<Tag> id) {
    return id ? SqlValue(id.value) : SqlValue(nullptr);
}

namespace detail {
template <class T>
struct Reader {
    static T read(const pqxx::field& field) { return field.as<T>(); }
};
template <>
struct Reader<core::Money> {
    static core::Money read(const pqxx::field& field) { return core::Money{field.as<std::int64_t>()}; }
};
template <>
struct Reader<core::Energy> {
    static core::Energy read(const pqxx::field& field) { return core::Energy{field.as<std::int64_t>()}; }
};
template <>
struct Reader<core::Price> {
    static core::Price read(const pqxx::field& field) { return core::Price{field.as<std::int64_t>()}; }
};
template <>
struct Reader<core::Remainder> {
    static core::Remainder read(const pqxx::field& field) {
        return core::Remainder{field.as<std::int64_t>()};
    }
};
template <>
struct Reader<core::Timestamp> {
    static core::Timestamp read(const pqxx::field& field);
};
template <>
struct Reader<Bytes> {
    static Bytes read(const pqxx::field& field);
};
template <class Tag>
struct Reader<core::Id<Tag>> {
    /// NULL is "none".
    static core::Id<Tag> read(const pqxx::field& field) {
        return core::Id<Tag>{field.is_null() ? 0 : field.as<std::int64_t>()};
    }
};
template <class T>
struct Reader<std::optional<T>> {
    static std::optional<T> read(const pqxx::field& field) {
        return field.is_null() ? std::nullopt : std::optional<T>(Reader<T>::read(field));
    }
};
}  // namespace detail

/// One column of a row: `get<core::Money>(row, "amount_e4")`, `get<std::optional<core::Timestamp>>(row,
/// "sent_at")`.
/// @throws pqxx::conversion_error for NULL where T is neither optional nor a key
template <class T>
[[nodiscard]] T get(const pqxx::row& row, const char* column) {
    return detail::Reader<T>::read(row[column]);
}

}  // namespace wutong::storage
