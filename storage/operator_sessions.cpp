#include "storage/operator_sessions.hpp"

#include "storage/text_array.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kInsert =
    "INSERT INTO session (token_hash, operator_id, created_at, used_at, expires_at, peer) "
    "VALUES ($1, $2, $3, $3, $4, left($5, 200))";

const char* kFind =
    "SELECT s.token_hash, s.operator_id, o.name, o.full_name, o.all_properties, s.used_at, s.expires_at, "
    "       (SELECT array_agg(r.code ORDER BY r.code) FROM operator_role l JOIN role r USING (role_id) "
    "         WHERE l.operator_id = o.operator_id) AS roles, "
    "       (SELECT array_agg(DISTINCT p) FROM operator_role l JOIN role r USING (role_id), "
    "               unnest(r.permissions) AS p WHERE l.operator_id = o.operator_id) AS permissions, "
    "       properties_of_operator(o.operator_id) AS properties "
    "  FROM session s JOIN operator o USING (operator_id) "
    " WHERE s.token_hash = ANY ($1::bytea[]) AND o.enabled AND s.expires_at > $2 AND s.used_at > $3";

const char* kTouch = "UPDATE session SET used_at = $2 WHERE token_hash = ANY ($1::bytea[]) AND used_at < $3";

const char* kEnd = "DELETE FROM session WHERE token_hash = $1";
const char* kEndAll =
    "DELETE FROM session WHERE operator_id = $1 AND ($2::bytea IS NULL OR token_hash <> $2)";
const char* kDeleteOld = "DELETE FROM session WHERE expires_at <= $1 OR used_at <= $2";
const char* kCount = "SELECT count(*) AS sessions FROM session WHERE expires_at > $1 AND used_at > $2";

/// Every use as a write of its own would be a write per call.
constexpr std::chrono::seconds kTouchEvery{10};

}  // namespace

void insert_operator_session(Transaction& tx, const Bytes& token_hash, core::OperatorId who,
                             core::Timestamp now, core::Timestamp expires_at, const std::string& peer) {
    tx.exec(kInsert, token_hash, who, now, expires_at, peer);
}

std::vector<OperatorSessionRow> use_operator_sessions(Transaction& tx, const std::vector<Bytes>& token_hashes,
                                                      core::Timestamp now, std::chrono::seconds idle) {
    std::vector<OperatorSessionRow> rows;
    std::vector<Bytes> to_touch;
    for (const auto& row : tx.exec(kFind, token_hashes, now, now - idle)) {
        OperatorSessionRow one;
        one.token_hash = get<Bytes>(row, "token_hash");
        one.operator_id = get<core::OperatorId>(row, "operator_id");
        one.name = get<std::string>(row, "name");
        one.full_name = get<std::string>(row, "full_name");
        one.all_properties = get<bool>(row, "all_properties");
        one.roles = text_array(row["roles"]);
        one.permissions = text_array(row["permissions"]);
        for (const auto& id : text_array(row["properties"])) {
            one.properties.push_back(core::PropertyId{std::stoll(id)});
        }
        one.used_at = get<core::Timestamp>(row, "used_at");
        one.expires_at = get<core::Timestamp>(row, "expires_at");
        if (one.used_at < now - kTouchEvery) {
            to_touch.push_back(one.token_hash);
        }
        rows.push_back(std::move(one));
    }
    if (!to_touch.empty()) {
        tx.exec(kTouch, to_touch, now, now - kTouchEvery);
    }
    return rows;
}

int end_operator_session(Transaction& tx, const Bytes& token_hash) {
    return static_cast<int>(tx.exec(kEnd, token_hash).affected_rows());
}

int end_operator_sessions(Transaction& tx, core::OperatorId who, const std::optional<Bytes>& except) {
    return static_cast<int>(tx.exec(kEndAll, who, except).affected_rows());
}

int delete_old_operator_sessions(Transaction& tx, core::Timestamp now, std::chrono::seconds idle) {
    return static_cast<int>(tx.exec(kDeleteOld, now, now - idle).affected_rows());
}

std::int64_t count_operator_sessions(Transaction& tx, core::Timestamp now, std::chrono::seconds idle) {
    return get<std::int64_t>(tx.exec1(kCount, now, now - idle), "sessions");
}

}  // namespace wutong::storage
