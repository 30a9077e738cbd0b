#pragma once

#include <wutong/v1/account_service.pb.h>

#include <map>
#include <string>
#include <vector>

#include "server/refused.hpp"
#include "storage/accounts.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_facts.hpp"

/// Accounts in the shapes of the API, and what their screens are told.
namespace wutong::server {

class App;

void fill(const storage::Customer& customer, v1::Customer& out);
void fill(const storage::Account& account, v1::Account& out);
void fill(const storage::AccountBalances& balances, v1::Account& out);

/// The account with its meters and the ledger's view of it.
void fill_whole(storage::Transaction& tx, core::PropertyId property, const storage::Account& account,
                v1::Account& out);

/// Both balances of a meter linked now, and why they differ. @param ledger of that meter on that account
void fill(const App& app, const storage::AccountMeter& meter, const storage::AccountBalances& ledger,
          v1::MeterBalances& out);

/// Why an account can't be closed now.
struct Blocker {
    const char* reason;  ///< delivery_quarantined before delivery_unfinished: the first one is the refusal
    std::string text;
    core::MeterId meter;
};
[[nodiscard]] std::vector<Blocker> closing_blockers(
    const std::map<core::MeterId, storage::MeterFacts>& meters);

/// Adds a fault when the text has more characters than fit, or a zero byte.
void check_text(std::vector<FieldViolation>& faults, const std::string& field, const std::string& text,
                std::size_t most);
void check_customer_texts(std::vector<FieldViolation>& faults, const v1::Customer& customer);

}  // namespace wutong::server
