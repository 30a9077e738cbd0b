#include "storage/requests.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "storage/sha256.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

bool is_uuid(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
            return false;
        }
    }
    return true;
}

std::optional<std::string> begin_request(Transaction& tx, core::PropertyId property,
                                         const std::string& request_id, const std::string& method,
                                         std::string_view content) {
    if (!is_uuid(request_id)) {
        throw std::invalid_argument("the request id \"" + request_id.substr(0, 40) +
                                    "\" is not a UUID (8-4-4-4-12 hexadecimal digits)");
    }
    const Bytes hash{sha256(content)};
    const auto made = tx.exec(
        "INSERT INTO request (property_id, request_id, method, content_hash) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (property_id, request_id) DO NOTHING RETURNING true AS made",
        property, request_id, method, hash);
    if (!made.empty()) {
        return std::nullopt;
    }
    const auto row = tx.exec1(
        "SELECT method, content_hash, response FROM request WHERE property_id = $1 AND request_id = $2",
        property, request_id);
    if (get<std::string>(row, "method") != method || get<Bytes>(row, "content_hash").data != hash.data) {
        throw RequestReused("request id " + request_id + " was used before, for another " +
                            get<std::string>(row, "method") + "; make a new id for a new request");
    }
    const auto response = get<std::optional<Bytes>>(row, "response");
    if (!response) {
        throw std::logic_error("request " + request_id + " (" + method +
                               ") was committed without its answer");
    }
    return response->data;
}

void finish_request(Transaction& tx, core::PropertyId property, const std::string& request_id,
                    const std::string& response, const OperationLogEntry* log) {
    const auto done =
        log == nullptr
            ? tx.exec(
                  "UPDATE request SET response = $3 WHERE property_id = $1 AND request_id = $2 AND "
                  "response IS NULL",
                  property, request_id, Bytes{response})
            : tx.exec(
                  "WITH logged AS (INSERT INTO operation_log (property_id, operator_id, action, target, "
                  "details, request_id) VALUES ($4, $5, $6, $7, $8::jsonb, $9)) "
                  "UPDATE request SET response = $3 WHERE property_id = $1 AND request_id = $2 AND "
                  "response IS NULL",
                  property, request_id, Bytes{response}, log->property, null_if_none(log->operator_id),
                  log->action, log_target(log->target), log->details,
                  log->request_id.empty() ? SqlValue(nullptr) : SqlValue(log->request_id));
    if (done.affected_rows() != 1) {
        throw std::logic_error("request " + request_id +
                               " is finished without having begun, or a second time");
    }
}

void insert_done_requests(Transaction& tx, core::PropertyId property,
                          const std::vector<DoneRequest>& requests) {
    std::vector<std::string> ids, methods, hashes, responses, actions, targets, details;
    std::vector<SqlValue> operators;
    for (const auto& done : requests) {
        ids.push_back(done.request_id);
        methods.push_back(done.method);
        hashes.push_back(hex(sha256(done.content)));
        responses.push_back(hex(done.response));
        actions.push_back(done.log.action);
        targets.push_back(log_target(done.log.target));
        details.push_back(done.log.details);
        operators.push_back(null_if_none(done.log.operator_id));
    }
    const auto made = tx.exec(
        "WITH done AS MATERIALIZED (SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], "
        "$6::text[], $7::text[], $8::text[], $9::bigint[]) AS u(request_id, method, content_hash, response, "
        "action, target, details, operator_id)), "
        "logged AS (INSERT INTO operation_log (property_id, operator_id, action, target, details, "
        "request_id) "
        "SELECT $1, operator_id, action, target, details::jsonb, request_id FROM done) "
        "INSERT INTO request (property_id, request_id, method, content_hash, response) "
        "SELECT $1, request_id, method, decode(content_hash, 'hex'), decode(response, 'hex') FROM done "
        "ORDER BY request_id ON CONFLICT (property_id, request_id) DO NOTHING",
        property, ids, methods, hashes, responses, actions, targets, details, operators);
    if (made.affected_rows() != requests.size()) {
        throw RequestReused("one of " + std::to_string(requests.size()) +
                            " request ids was used by somebody else at the same moment");
    }
}

}  // namespace wutong::storage
