#pragma once

#include <wutong/v1/balance_service.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "core/balance_difference.hpp"
#include "core/time.hpp"
#include "server/profiles.hpp"
#include "storage/balance_proofs.hpp"
#include "storage/balances.hpp"

/// The two balances in the shapes of the API.
namespace wutong::server {

/// Profiles whose meters hold the tenant's credit themselves.
[[nodiscard]] std::vector<std::string> meter_held_profiles(const Profiles& profiles);

/// Empty: the balance of the meter was never read.
[[nodiscard]] std::optional<core::BalanceDifference> explain(const storage::TwoBalances& row,
                                                             const Profiles& profiles);

void fill(const core::BalanceDifference& found, v1::BalanceCauses& out);
void fill(const storage::TwoBalances& row, const std::optional<core::BalanceDifference>& found,
          core::Timestamp now, v1::MeterBalance& out);
void fill(const storage::BalanceEvidence& evidence, v1::BalanceEvidence& out);
void fill(const storage::BalanceProof& proof, v1::BalanceProof& out);

}  // namespace wutong::server
