#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/errors.hpp"
#include "storage/fence.hpp"

/// What cashiers and collectors may expect of the place where the money is written down. Each call is one
/// transaction: it happens as a whole or not at all. The same contract suite (store_contract.hpp) runs
/// against the implementation in memory and the one that calls the repositories of storage/ on PostgreSQL.
namespace wutong::simulation {

struct Request {
    enum class Kind { open, sale, refund, close, payout };
    std::string id;  ///< UUID: one for each intention
    Kind kind = Kind::sale;
    core::AccountId account;  ///< 0 for an opening, which makes one
    core::MeterId meter;      ///< 0 for close and payout
    core::Money amount;       ///< >= 0
    core::TenderMethod method = core::TenderMethod::cash;
    core::Price price;  ///< opening: what the meter is to charge

    /// All but the id: the same id with other content is refused.
    [[nodiscard]] std::string content() const;
};
[[nodiscard]] const char* to_string(Request::Kind kind);

struct Answer {
    bool repeated = false;  ///< the id was known: this is the first answer again, and nothing was changed
    core::AccountId account;
    core::DeliveryId delivery;  ///< 0: none (payout)
    std::string refusal;        ///< "" = done; else nothing was changed, and the id may be used again
};

/// Sums over the whole journal. Liabilities as people say them: what is owed is positive.
struct Books {
    core::Money tender, in_flight, prepaid, unallocated, refund_payable, revenue, rounding;
    core::Money sum;  ///< of all postings
    friend bool operator==(const Books&, const Books&) = default;
};

/// A meter's time on an account, now.
struct Link {
    core::AccountId account;
    bool opened = false;  ///< confirmed on the meter
    std::int64_t purchase_number = 0;
    core::Money prepaid;  ///< of the account by this meter: confirmed, less what is booked as used
    std::optional<core::Energy> booked_energy;
    core::Remainder booked_remainder;
    core::Price price;
};

/// What a closing does besides the money: the relay is forced open, as the server asks for by default.
inline constexpr const char* kClearSettings = "{\"switch_off\": true}";

class MoneyStore {
public:
    MoneyStore() = default;
    MoneyStore(const MoneyStore&) = delete;
    MoneyStore& operator=(const MoneyStore&) = delete;
    virtual ~MoneyStore() = default;

    /// The meters of the site, all on one channel that nobody holds at first.
    [[nodiscard]] virtual const std::vector<core::MeterId>& meters() const = 0;

    // ---- counter ----
    /// Sale, entry, delivery and answer together. @throws storage::RequestReused
    virtual Answer carry_out(const Request& request) = 0;
    virtual storage::FinishedDelivery settle(core::DeliveryId id, bool delivered, const std::string& reason,
                                             core::Timestamp now) = 0;
    /// @return entries made
    virtual int book_consumption() = 0;

    // ---- collector; LeaseLost where storage/credit_deliveries.hpp says so ----
    /// As if the lease before had run out: the channel is this holder's under a new epoch.
    virtual storage::Fence take_channel(const std::string& holder) = 0;
    [[nodiscard]] virtual bool holds(const storage::Fence& fence) = 0;
    virtual std::vector<storage::StoredDelivery> claim(const storage::Fence& fence, core::Timestamp now,
                                                       int limit) = 0;
    virtual void store_step(const storage::Fence& fence, core::DeliveryId id,
                            const core::CreditDelivery& delivery, core::Timestamp now) = 0;
    virtual void put_back(const storage::Fence& fence, core::DeliveryId id, core::Timestamp next_attempt) = 0;
    virtual int put_back_forgotten(const storage::Fence& fence,
                                   const std::vector<core::DeliveryId>& in_hand) = 0;
    virtual storage::FinishedDelivery finish(const storage::Fence& fence, core::DeliveryId id,
                                             const core::CreditDelivery& delivery, core::Timestamp now) = 0;
    /// Credit that moved without us raises the alarm foreign_write. @param counted the meter has a purchase
    /// number
    virtual void put_reading(core::MeterId meter, const core::CreditLook& look, bool counted) = 0;

    // ---- what is there ----
    [[nodiscard]] virtual Books books() = 0;
    /// In their order. @param after 0, or the last one seen; moved on
    [[nodiscard]] virtual std::vector<core::JournalEntry> entries_after(core::EntryId& after) = 0;
    /// All of them, oldest first; until the next call of anything.
    [[nodiscard]] virtual const std::vector<storage::StoredDelivery>& deliveries() = 0;
    /// Nothing: the meter belongs to nobody.
    [[nodiscard]] virtual std::optional<Link> link(core::MeterId meter) = 0;
    /// What can be handed over: taken off meters, or refused by one.
    [[nodiscard]] virtual core::Money payable(core::AccountId account) = 0;
    /// A live alarm of the kind.
    [[nodiscard]] virtual bool alarmed(core::MeterId meter, const std::string& kind) = 0;
};

}  // namespace wutong::simulation
