#include "server/jobs/balance_proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "server/services/balance_shapes.hpp"
#include "storage/alarms.hpp"
#include "storage/balances.hpp"
#include "storage/local_days.hpp"

namespace wutong::server {

namespace {

constexpr int kBatch = 500;
constexpr std::chrono::hours kStale{24};
constexpr std::size_t kNamedMax = 5;
constexpr const char* kAlarm = "balance_unexplained";

core::Money size_of(core::Money amount) {
    return amount < core::Money{} ? -amount : amount;
}

storage::ProofMeter proof_meter(const storage::TwoBalances& row, const core::BalanceDifference& found) {
    storage::ProofMeter meter;
    meter.meter = row.meter;
    meter.account = row.account;
    meter.meter_code = row.meter_code;
    meter.unit_code = row.unit_code;
    meter.profile = row.profile;
    meter.account_number = row.account_number;
    meter.customer = row.customer;
    meter.ledger = row.ledger;
    meter.balance = *row.balance;
    meter.read_at = *row.read_at;
    meter.found = found;
    return meter;
}

void add(storage::BalanceProof& proof, const storage::TwoBalances& row,
         const core::BalanceDifference& found) {
    proof.ledger += row.ledger;
    proof.balance += *row.balance;
    proof.found += found;
    if (found.unexplained != core::Money{}) {
        ++proof.unexplained;
        proof.worst.push_back(proof_meter(row, found));
    }
}

std::string alarm_text(const storage::BalanceProof& proof) {
    std::string named;
    for (std::size_t i = 0; i < std::min(proof.worst.size(), kNamedMax); ++i) {
        named += fmt::format("{}{} {}", i == 0 ? "" : ", ", proof.worst[i].meter_code,
                             core::to_string(proof.worst[i].found.unexplained));
    }
    return fmt::format("proof of {}: {} of {} meters show a balance that nothing explains: {}{}", proof.day,
                       proof.unexplained, proof.meters, named, proof.worst.size() > kNamedMax ? ", …" : "");
}

}  // namespace

std::optional<storage::BalanceProof> take_balance_proof(storage::Database& database,
                                                        const storage::Scope& scope, const Profiles& profiles,
                                                        const core::Clock& clock, const ProofRequest& request,
                                                        const std::function<bool()>& stopping) {
    storage::BalanceProof proof;
    proof.property = request.property;
    proof.scheduled = request.scheduled;
    proof.operator_id = request.operator_id;
    proof.started_at = clock();
    proof.day = request.day;
    if (proof.day.empty()) {
        proof.day = database.transact(scope, "local_days", [&](storage::Transaction& tx) {
            return storage::local_days(tx, request.property, proof.started_at, 1).today;
        });
    }
    const auto held = meter_held_profiles(profiles);
    std::vector<core::MeterId> doubtful;
    const auto take = [&](const storage::TwoBalances& row, bool again) {
        const auto found = explain(row, profiles);
        if (!again) {
            ++proof.meters;
            proof.not_read += found ? 0 : 1;
            proof.stale += row.read_at && *row.read_at < proof.started_at - kStale ? 1 : 0;
        }
        if (found && !again && found->unexplained != core::Money{}) {
            doubtful.push_back(row.meter);
        } else if (found) {
            add(proof, row, *found);
        }
    };
    core::MeterId after;
    do {
        if (stopping()) {
            return std::nullopt;
        }
        const auto rows = database.transact(scope, "prove_balances", [&](storage::Transaction& tx) {
            return storage::two_balances_after(tx, request.property, held, after, kBatch);
        });
        for (const auto& row : rows) {
            take(row, false);
        }
        after = rows.size() < static_cast<std::size_t>(kBatch) ? core::MeterId{} : rows.back().meter;
    } while (after);
    for (std::size_t i = 0; i < doubtful.size(); i += kBatch) {
        if (stopping()) {
            return std::nullopt;
        }
        const std::vector<core::MeterId> some(
            doubtful.begin() + static_cast<std::ptrdiff_t>(i),
            doubtful.begin() + static_cast<std::ptrdiff_t>(std::min(i + kBatch, doubtful.size())));
        for (const auto& row : database.transact(scope, "prove_balances", [&](storage::Transaction& tx) {
                 return storage::find_two_balances(tx, request.property, some);
             })) {
            take(row, true);
        }
    }
    std::stable_sort(proof.worst.begin(), proof.worst.end(), [](const auto& a, const auto& b) {
        return size_of(a.found.unexplained) > size_of(b.found.unexplained);
    });
    if (proof.worst.size() > static_cast<std::size_t>(storage::kProofMetersMax)) {
        proof.worst.erase(proof.worst.begin() + storage::kProofMetersMax, proof.worst.end());
    }
    proof.finished_at = std::max(clock(), proof.started_at);
    return proof;
}

bool store_balance_proof(storage::Transaction& tx, storage::BalanceProof& proof) {
    proof.id = storage::insert_balance_proof(tx, proof);
    if (proof.id == 0) {
        return false;
    }
    const storage::AlarmSubject subject{proof.property, {}, {}, {}};
    // The text is the newest proof's.
    storage::clear_alarm(tx, subject, kAlarm, proof.finished_at);
    if (proof.unexplained > 0) {
        storage::raise_alarm(tx, subject, kAlarm, alarm_text(proof), proof.finished_at);
    }
    return true;
}

}  // namespace wutong::server
