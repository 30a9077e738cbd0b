#include "storage/balance_proofs.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_PROOFS                                                                                             \
    "SELECT b.proof_id, to_char(b.day, 'YYYY-MM-DD') AS day, b.scheduled, b.operator_id, b.started_at, "          \
    "b.finished_at, b.meters, b.not_read, b.stale, b.ledger_e4, b.meter_e4, b.in_flight_e4, b.use_not_booked_e4, "\
    "b.price_change_e4, b.rounding_e4, b.foreign_write_e4, b.unexplained_e4, b.unexplained, "                     \
    "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name FROM balance_proof b "                        \
    "LEFT JOIN operator o ON o.operator_id = b.operator_id WHERE b.property_id = $1 "
// clang-format on

core::BalanceDifference read_causes(const pqxx::row& row) {
    core::BalanceDifference found;
    found.difference = get<core::Money>(row, "meter_e4") - get<core::Money>(row, "ledger_e4");
    found.in_flight = get<core::Money>(row, "in_flight_e4");
    found.use_not_booked = get<core::Money>(row, "use_not_booked_e4");
    found.price_change = get<core::Money>(row, "price_change_e4");
    found.rounding = get<core::Money>(row, "rounding_e4");
    found.foreign_write = get<core::Money>(row, "foreign_write_e4");
    found.unexplained = get<core::Money>(row, "unexplained_e4");
    return found;
}

BalanceProof read_proof(core::PropertyId property, const pqxx::row& row) {
    BalanceProof proof;
    proof.property = property;
    proof.id = get<std::int64_t>(row, "proof_id");
    proof.day = get<std::string>(row, "day");
    proof.scheduled = get<bool>(row, "scheduled");
    proof.operator_id = get<core::OperatorId>(row, "operator_id");
    proof.operator_name = get<std::string>(row, "operator_name");
    proof.started_at = get<core::Timestamp>(row, "started_at");
    proof.finished_at = get<core::Timestamp>(row, "finished_at");
    proof.meters = get<std::int64_t>(row, "meters");
    proof.not_read = get<std::int64_t>(row, "not_read");
    proof.stale = get<std::int64_t>(row, "stale");
    proof.ledger = get<core::Money>(row, "ledger_e4");
    proof.balance = get<core::Money>(row, "meter_e4");
    proof.found = read_causes(row);
    proof.unexplained = get<std::int64_t>(row, "unexplained");
    return proof;
}

}  // namespace

std::int64_t insert_balance_proof(Transaction& tx, const BalanceProof& proof) {
    const auto rows = tx.exec(
        "INSERT INTO balance_proof (property_id, day, scheduled, operator_id, started_at, finished_at, "
        "meters, "
        "not_read, stale, ledger_e4, meter_e4, in_flight_e4, use_not_booked_e4, price_change_e4, "
        "rounding_e4, "
        "foreign_write_e4, unexplained_e4, unexplained) VALUES ($1, $2::date, $3, $4, $5, $6, $7, $8, $9, "
        "$10, "
        "$11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT (property_id, day) WHERE scheduled DO NOTHING "
        "RETURNING proof_id",
        proof.property, proof.day, proof.scheduled, null_if_none(proof.operator_id), proof.started_at,
        proof.finished_at, proof.meters, proof.not_read, proof.stale, proof.ledger, proof.balance,
        proof.found.in_flight, proof.found.use_not_booked, proof.found.price_change, proof.found.rounding,
        proof.found.foreign_write, proof.found.unexplained, proof.unexplained);
    if (rows.empty()) {
        return 0;
    }
    const auto id = get<std::int64_t>(rows[0], "proof_id");
    int place = 0;
    for (const auto& one : proof.worst) {
        if (++place > kProofMetersMax) {
            break;
        }
        tx.exec(
            "INSERT INTO balance_proof_meter (property_id, proof_id, place, meter_id, account_id, ledger_e4, "
            "meter_e4, read_at, in_flight_e4, use_not_booked_e4, price_change_e4, rounding_e4, "
            "foreign_write_e4, unexplained_e4) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
            "$13, "
            "$14)",
            proof.property, id, place, one.meter, one.account, one.ledger, one.balance, one.read_at,
            one.found.in_flight, one.found.use_not_booked, one.found.price_change, one.found.rounding,
            one.found.foreign_write, one.found.unexplained);
    }
    return id;
}

std::vector<BalanceProof> list_balance_proofs(Transaction& tx, core::PropertyId property, std::int64_t before,
                                              int limit) {
    std::vector<BalanceProof> proofs;
    for (const auto& row : tx.exec(WUTONG_PROOFS "AND b.proof_id < $2 ORDER BY b.proof_id DESC LIMIT $3",
                                   property, below(before), checked_limit(limit))) {
        proofs.push_back(read_proof(property, row));
    }
    return proofs;
}

std::optional<BalanceProof> find_balance_proof(Transaction& tx, core::PropertyId property, std::int64_t id) {
    const auto rows =
        tx.exec(WUTONG_PROOFS "AND ($2::bigint = 0 OR b.proof_id = $2) ORDER BY b.proof_id DESC LIMIT 1",
                property, id);
    if (rows.empty()) {
        return std::nullopt;
    }
    BalanceProof proof = read_proof(property, rows[0]);
    for (const auto& row : tx.exec(
             "SELECT x.*, m.code, m.profile, COALESCE(u.code, '') AS unit_code, a.number, c.name AS customer "
             "FROM balance_proof_meter x JOIN meter m ON m.property_id = $1 AND m.meter_id = x.meter_id "
             "JOIN account a ON a.property_id = $1 AND a.account_id = x.account_id "
             "JOIN customer c ON c.property_id = $1 AND c.customer_id = a.customer_id "
             "LEFT JOIN unit u ON u.property_id = $1 AND u.unit_id = m.unit_id "
             "WHERE x.property_id = $1 AND x.proof_id = $2 ORDER BY x.place",
             property, proof.id)) {
        ProofMeter one;
        one.meter = get<core::MeterId>(row, "meter_id");
        one.account = get<core::AccountId>(row, "account_id");
        one.meter_code = get<std::string>(row, "code");
        one.unit_code = get<std::string>(row, "unit_code");
        one.profile = get<std::string>(row, "profile");
        one.account_number = get<std::string>(row, "number");
        one.customer = get<std::string>(row, "customer");
        one.ledger = get<core::Money>(row, "ledger_e4");
        one.balance = get<core::Money>(row, "meter_e4");
        one.read_at = get<core::Timestamp>(row, "read_at");
        one.found = read_causes(row);
        proof.worst.push_back(std::move(one));
    }
    return proof;
}

std::vector<ProofDue> proofs_due(Transaction& tx, core::Timestamp now, int hour_otherwise) {
    std::vector<ProofDue> due;
    for (const auto& row : tx.exec(
             "SELECT p.property_id, to_char(x.here, 'YYYY-MM-DD') AS day FROM property p "
             "LEFT JOIN parameter h ON h.property_id = p.property_id AND h.key = 'proof_hour' AND h.value ~ "
             "'^[0-9]{1,2}$' "
             "CROSS JOIN LATERAL (SELECT $1::timestamptz AT TIME ZONE p.time_zone AS here) x "
             "WHERE extract(hour FROM x.here) >= COALESCE(h.value::int, $2::int) "
             "AND NOT EXISTS (SELECT FROM balance_proof b WHERE b.property_id = p.property_id AND b.day = "
             "x.here::date AND b.scheduled) ORDER BY p.property_id",
             now, hour_otherwise)) {
        due.push_back({get<core::PropertyId>(row, "property_id"), get<std::string>(row, "day")});
    }
    return due;
}

}  // namespace wutong::storage
