#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"
#include "storage/operation_log.hpp"

/// A request is done once: the same id with the same method and content again gets the first answer.
namespace wutong::storage {

/// The id was used before, for something else. Nothing was changed.
class RequestReused : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// True for the 36-character form of a UUID, in small or capital letters.
[[nodiscard]] bool is_uuid(std::string_view text);

/// First statement of the transaction that does the work. Another transaction with the same id waits here
/// until this one is over, and then gets its answer, or its turn if this one rolled back.
/// @param property 0 for requests about the installation itself
/// @param content the request as it came, without what changes from one try to the next
/// @return empty: new, do it and call finish_request; else the answer that was stored
/// @throws RequestReused, std::invalid_argument for an id that is no UUID
[[nodiscard]] std::optional<std::string> begin_request(Transaction& tx, core::PropertyId property,
                                                       const std::string& request_id,
                                                       const std::string& method, std::string_view content);

/// Last: stores the answer, in the same transaction.
void finish_request(Transaction& tx, core::PropertyId property, const std::string& request_id,
                    const std::string& response, const OperationLogEntry* log = nullptr);

/// A request that was worked on without having begun: its work and its answer are there together.
struct DoneRequest {
    std::string request_id;
    std::string method;
    std::string content;  ///< as for begin_request
    std::string response;
    OperationLogEntry log;
};
/// Last statement of a transaction that did the work of several requests: their answers and their lines of
/// the operation log.
/// @throws RequestReused when one of the ids has been used meanwhile: all of the work has to be rolled back
void insert_done_requests(Transaction& tx, core::PropertyId property,
                          const std::vector<DoneRequest>& requests);

}  // namespace wutong::storage
