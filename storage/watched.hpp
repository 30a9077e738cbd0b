#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"

/// Which rows of those that somebody watches have changed: cheap to ask for many at once.
namespace wutong::storage {

struct Mark {
    std::int64_t id = 0;
    std::string version;  ///< another text after every change of the row
    bool finished = false;
};

[[nodiscard]] std::vector<Mark> delivery_marks(Transaction& tx, core::PropertyId property,
                                               const std::vector<std::int64_t>& deliveries);
[[nodiscard]] std::vector<Mark> command_marks(Transaction& tx, core::PropertyId property,
                                              const std::vector<std::int64_t>& commands);
/// At most `limit` of them, lowest first. @param batch a UUID
[[nodiscard]] std::vector<std::int64_t> commands_of_batch(Transaction& tx, core::PropertyId property,
                                                          const std::string& batch, int limit);

}  // namespace wutong::storage
