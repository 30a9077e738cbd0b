#include "storage/sql_value.hpp"

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <stdexcept>

namespace wutong::storage {

std::string time_text(core::Timestamp time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const auto year = static_cast<int>(date.year());
    if (year < 1 || year > 9999) {
        throw std::invalid_argument("a time in the year " + std::to_string(year) + " can't be stored");
    }
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", year,
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

core::Timestamp parse_time_text(std::string_view text) {
    using namespace std::chrono;
    // 2026-11-21 10:50:12[.1234]+00
    const auto refuse = [&]() -> std::invalid_argument {
        return std::invalid_argument("\"" + std::string(text.substr(0, 40)) + "\" is not a time in UTC");
    };
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = 0;
        const char* first = text.data() + at;
        const auto [end, error] = std::from_chars(first, first + length, value);
        if (error != std::errc{} || end != first + length) {
            throw refuse();
        }
        return value;
    };
    if (text.size() < 22 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
        !text.ends_with("+00")) {
        throw refuse();
    }
    const std::string_view fraction = text.substr(19, text.size() - 22);
    std::int64_t micros = 0;
    if (!fraction.empty()) {
        if (fraction[0] != '.' || fraction.size() < 2 || fraction.size() > 7) {
            throw refuse();
        }
        micros = number(20, fraction.size() - 1);
        for (std::size_t digits = fraction.size() - 1; digits < 6; ++digits) {
            micros *= 10;
        }
    }
    const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                              day{static_cast<unsigned>(number(8, 2))}};
    if (!date.ok()) {
        throw refuse();
    }
    return sys_days{date} + hours{number(11, 2)} + minutes{number(14, 2)} + seconds{number(17, 2)} +
           microseconds{micros};
}

SqlValue::SqlValue(std::string text) : text_(std::move(text)) {
    if (text_->find('\0') != std::string::npos) {
        throw std::invalid_argument("text with a zero byte in it can't be stored");
    }
}

SqlValue::SqlValue(const Bytes& bytes) : text_("\\x") {
    constexpr const char* kDigits = "0123456789abcdef";
    for (const char c : bytes.data) {
        const auto byte = static_cast<unsigned char>(c);
        text_->push_back(kDigits[byte >> 4U]);
        text_->push_back(kDigits[byte & 0x0FU]);
    }
}

void SqlValue::append_element(const std::optional<std::string>& element) {
    if (text_->size() > 1) {
        text_->push_back(',');
    }
    if (!element) {
        text_->append("NULL");
        return;
    }
    text_->push_back('"');
    for (const char c : *element) {
        if (c == '"' || c == '\\') {
            text_->push_back('\\');
        }
        text_->push_back(c);
    }
    text_->push_back('"');
}

namespace detail {

core::Timestamp Reader<core::Timestamp>::read(const pqxx::field& field) {
    return parse_time_text(field.is_null() ? std::string_view{}
                                           : std::string_view{field.c_str(), field.size()});
}

Bytes Reader<Bytes>::read(const pqxx::field& field) {
    return {pqxx::binarystring(field).str()};
}

}  // namespace detail

}  // namespace wutong::storage
