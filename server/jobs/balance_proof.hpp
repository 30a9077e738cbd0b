#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "server/jobs/worker.hpp"
#include "server/profiles.hpp"
#include "storage/balance_proofs.hpp"
#include "storage/database.hpp"

namespace wutong::server {

/// Hour of the day at which a property's proof is taken while nobody has set `proof_hour`.
inline constexpr int kProofHour = 3;

struct ProofRequest {
    core::PropertyId property;
    std::string day;  ///< of the property; "": today
    bool scheduled = false;
    core::OperatorId operator_id;  ///< who asked; 0: nobody
};

/// Goes through all meters of the property that hold credit, in transactions of a few hundred meters each, so
/// that sales go on beside it. What seems unexplained is looked at once more at the end: a payment that was
/// just being confirmed is no finding. Nothing is stored.
/// @param stopping asked between two batches; true: the proof is given up
/// @return empty when it was given up
[[nodiscard]] std::optional<storage::BalanceProof> take_balance_proof(
    storage::Database& database, const storage::Scope& scope, const Profiles& profiles,
    const core::Clock& clock, const ProofRequest& request, const std::function<bool()>& stopping);

/// Stores a proof and raises or clears the property's alarm `balance_unexplained`.
/// @return false: the night's proof was there already, and nothing was changed
bool store_balance_proof(storage::Transaction& tx, storage::BalanceProof& proof);

class App;
/// Each minute: the properties whose hour has come. A server that was down at that hour proves when it is
/// back on the same day. @pre the app outlives the worker
[[nodiscard]] std::unique_ptr<Worker> make_balance_proof_job(App& app);

}  // namespace wutong::server
