#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace wutong::storage {

/// Rows as COPY takes them in binary form (PostgreSQL's documentation of COPY, "Binary Format"): header,
/// rows, trailer. The fields of a row come in the order of the statement's columns, each as wide as its
/// column is.
class CopyRows {
public:
    CopyRows();

    void begin_row(std::int16_t fields);
    void null();
    void bigint(std::int64_t value);
    void integer(std::int32_t value);
    void boolean(bool value);
    void text(std::string_view value);
    void time(core::Timestamp value);
    void bigints(const std::vector<std::int64_t>& values);

    /// The trailer. Nothing may be added afterwards.
    void finish();
    [[nodiscard]] std::size_t size() const { return data_.size(); }
    /// What was added since the last time, the header first.
    void take(std::string& piece);

private:
    /// Most significant byte first.
    template <class Integer>
    void raw(Integer value);

    std::string data_;
};

}  // namespace wutong::storage
