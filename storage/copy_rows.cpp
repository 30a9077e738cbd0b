#include "storage/copy_rows.hpp"

#include <chrono>
#include <type_traits>

namespace wutong::storage {

namespace {

constexpr std::int32_t kBigintType = 20;  // its OID, pg_type.dat

/// timestamptz counts microseconds from here.
constexpr core::Timestamp kEpoch = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};

}  // namespace

template <class Integer>
void CopyRows::raw(Integer value) {
    using Unsigned = std::make_unsigned_t<Integer>;
    auto rest = static_cast<Unsigned>(value);
    char bytes[sizeof(Integer)];
    for (std::size_t i = sizeof(Integer); i-- > 0;) {
        bytes[i] = static_cast<char>(rest & 0xFFU);
        if constexpr (sizeof(Integer) > 1) {
            rest = static_cast<Unsigned>(rest >> 8U);
        }
    }
    data_.append(bytes, sizeof(Integer));
}

CopyRows::CopyRows() : data_("PGCOPY\n\377\r\n\0", 11) {
    raw(std::int32_t{0});  // flags
    raw(std::int32_t{0});  // no extension of the header
}

void CopyRows::begin_row(std::int16_t fields) {
    raw(fields);
}

void CopyRows::null() {
    raw(std::int32_t{-1});
}

void CopyRows::bigint(std::int64_t value) {
    raw(std::int32_t{8});
    raw(value);
}

void CopyRows::integer(std::int32_t value) {
    raw(std::int32_t{4});
    raw(value);
}

void CopyRows::boolean(bool value) {
    raw(std::int32_t{1});
    raw(static_cast<std::int8_t>(value ? 1 : 0));
}

void CopyRows::text(std::string_view value) {
    raw(static_cast<std::int32_t>(value.size()));
    data_.append(value);
}

void CopyRows::time(core::Timestamp value) {
    bigint((value - kEpoch).count());
}

void CopyRows::bigints(const std::vector<std::int64_t>& values) {
    const auto count = static_cast<std::int32_t>(values.size());
    raw(count == 0 ? 12 : 20 + 12 * count);
    raw(std::int32_t{count == 0 ? 0 : 1});  // dimensions
    raw(std::int32_t{0});                   // no NULL in it
    raw(kBigintType);
    if (count == 0) {
        return;
    }
    raw(count);
    raw(std::int32_t{1});  // the first subscript
    for (const auto value : values) {
        bigint(value);
    }
}

void CopyRows::finish() {
    raw(std::int16_t{-1});
}

void CopyRows::take(std::string& piece) {
    piece.clear();
    piece.swap(data_);
}

}  // namespace wutong::storage
