#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/balance_difference.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Proofs of the two balances of a whole property. Only added, like the journal.
namespace wutong::storage {

inline constexpr int kProofMetersMax = 1'000;

/// A meter as a proof found it.
struct ProofMeter {
    core::MeterId meter;
    core::AccountId account;
    std::string meter_code, unit_code, profile, account_number,
        customer;  ///< when read back: as they are now
    core::Money ledger, balance;
    core::Timestamp read_at;
    core::BalanceDifference found;
};

struct BalanceProof {
    core::PropertyId property;
    std::int64_t id = 0;
    std::string day;  ///< YYYY-MM-DD, of the property
    bool scheduled = false;
    core::OperatorId operator_id;  ///< who asked; 0: the nightly one
    std::string operator_name;
    core::Timestamp started_at, finished_at;
    std::int64_t meters = 0;
    std::int64_t not_read = 0;      ///< without a difference: never read
    std::int64_t stale = 0;         ///< last read more than a day before
    core::Money ledger, balance;    ///< of those that were read
    core::BalanceDifference found;  ///< sums over those
    std::int64_t unexplained = 0;   ///< meters
    std::vector<ProofMeter> worst;  ///< of these, largest first; at most kProofMetersMax
};

/// @return its id; 0: the night's proof is there already (another server was first), and nothing was stored
std::int64_t insert_balance_proof(Transaction& tx, const BalanceProof& proof);

/// Newest first, without their meters. @param before 0, or the last id of the page before @param limit 1 to
/// 1000
[[nodiscard]] std::vector<BalanceProof> list_balance_proofs(Transaction& tx, core::PropertyId property,
                                                            std::int64_t before, int limit);
/// With its meters. @param id 0: the newest
[[nodiscard]] std::optional<BalanceProof> find_balance_proof(Transaction& tx, core::PropertyId property,
                                                             std::int64_t id);

struct ProofDue {
    core::PropertyId property;
    std::string day;
};
/// Properties where the hour `proof_hour` has come today, by their own clocks, and whose proof of today is
/// not there. @param hour_otherwise where nobody has set the parameter
[[nodiscard]] std::vector<ProofDue> proofs_due(Transaction& tx, core::Timestamp now, int hour_otherwise);

}  // namespace wutong::storage
