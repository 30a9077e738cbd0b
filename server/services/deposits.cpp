#include "server/services/deposits.hpp"

#include <fmt/format.h>

#include "server/call.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/ledger.hpp"
#include "storage/tariffs.hpp"

namespace wutong::server {

core::Money deposit_asked(App& app, storage::Transaction& tx, core::PropertyId property,
                          const std::vector<core::MeterId>& meters) {
    core::Money sum;
    const auto today = today_of(tx, property, app.now());
    for (const auto meter : meters) {
        const auto found = storage::tariff_in_force(tx, property, meter, today);
        const auto plan = found ? storage::load_tariff_plan(tx, property, found->plan) : std::nullopt;
        if (const auto* version = plan ? version_on(*plan, today) : nullptr) {
            sum += version->credit.deposit;
        }
    }
    return sum;
}

core::Money check_deposit(std::optional<core::Money> given, core::Money asked) {
    if (!given) {
        if (asked > core::Money{}) {
            throw failed_precondition(
                "deposit_required",
                fmt::format(
                    "The tariff plan asks for a deposit of {}. Nothing was opened. Take it and say so, or "
                    "say which other sum was taken, 0 too.",
                    core::to_string(asked)));
        }
        return {};
    }
    if (*given < core::Money{} || !given->is_multiple_of(core::kTenderQuantum)) {
        throw invalid("deposit_e4",
                      fmt::format("a deposit is 0 or more, in multiples of {}, not {}",
                                  core::to_string(core::kTenderQuantum), core::to_string(*given)));
    }
    return *given;
}

void take_deposit(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                  const DepositTaken& taken) {
    if (taken.amount > core::Money{}) {
        storage::EntryNotes notes;
        notes.account = taken.account;
        notes.shift = taken.shift;
        notes.operator_id = call.operator_id();
        notes.request_id = taken.request_id;
        notes.booked_at = app.now();
        notes.memo = "deposit";
        storage::insert_entry(tx, property, core::deposit_entry(taken.account, taken.method, taken.amount),
                              notes);
    }
    if (taken.amount != taken.asked) {
        call.log(tx, property, "account.deposit_exception", fmt::format("account {}", taken.account.value),
                 {{"taken_e4", taken.amount.ten_thousandths()}, {"asked_e4", taken.asked.ten_thousandths()}});
    }
}

core::Money return_deposit(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                           core::AccountId account) {
    const auto held = storage::account_balances(tx, property, account).deposit;
    if (held > core::Money{}) {
        storage::EntryNotes notes;
        notes.account = account;
        notes.operator_id = call.operator_id();
        notes.booked_at = app.now();
        notes.memo = "deposit returned";
        storage::insert_entry(tx, property, core::deposit_return_entry(account, held), notes);
    }
    return held;
}

}  // namespace wutong::server
