#include "collector/database/failures.hpp"

#include "collector/database/database_worker.hpp"
#include "storage/errors.hpp"

namespace wutong::collector {

namespace {

template <class... Kinds>
bool is_any_of(const std::exception& error) {
    return ((dynamic_cast<const Kinds*>(&error) != nullptr) || ...);
}

}  // namespace

bool passes_by_itself(const std::exception& error) {
    return is_any_of<storage::DatabaseUnavailable, storage::CommitUnknown, storage::TransactionConflict,
                     storage::StatementTimeout, WorkerBusy>(error);
}

}  // namespace wutong::collector
