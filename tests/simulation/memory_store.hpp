#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "storage/requests.hpp"
#include "tests/simulation/money_store.hpp"

namespace wutong::simulation {

/// Planted mistakes of the store (see plants.hpp); the simulation has to find each.
struct StorePlants {
    bool books_twice = false;           ///< a finish that is repeated after an unknown commit is booked again
    bool release_forgotten = false;     ///< a refused delivery books nothing
    bool content_not_compared = false;  ///< a request id with other content gets the first answer
    bool fence_ignored = false;         ///< what a collector without the channel writes is taken
    bool queue_not_in_order = false;    ///< deliveries of a meter are handed out side by side
    bool readings_not_watched = false;  ///< what others write to a meter is not told
    bool use_booked_twice = false;      ///< the watermark of consumption stays where it was
};

/// The contract in a few maps. Written from the contract and the documents, not from the SQL.
class MemoryStore : public MoneyStore {
public:
    explicit MemoryStore(int meters, const StorePlants& plants = {});

    const std::vector<core::MeterId>& meters() const override { return meters_; }
    Answer carry_out(const Request& request) override;
    storage::FinishedDelivery settle(core::DeliveryId id, bool delivered, const std::string& reason,
                                     core::Timestamp now) override;
    int book_consumption() override;
    storage::Fence take_channel(const std::string& holder) override;
    bool holds(const storage::Fence& fence) override;
    std::vector<storage::StoredDelivery> claim(const storage::Fence& fence, core::Timestamp now,
                                               int limit) override;
    void store_step(const storage::Fence& fence, core::DeliveryId id, const core::CreditDelivery& delivery,
                    core::Timestamp now) override;
    void put_back(const storage::Fence& fence, core::DeliveryId id, core::Timestamp next_attempt) override;
    int put_back_forgotten(const storage::Fence& fence,
                           const std::vector<core::DeliveryId>& in_hand) override;
    storage::FinishedDelivery finish(const storage::Fence& fence, core::DeliveryId id,
                                     const core::CreditDelivery& delivery, core::Timestamp now) override;
    void put_reading(core::MeterId meter, const core::CreditLook& look, bool counted) override;
    Books books() override;
    std::vector<core::JournalEntry> entries_after(core::EntryId& after) override;
    const std::vector<storage::StoredDelivery>& deliveries() override { return rows_; }
    std::optional<Link> link(core::MeterId meter) override;
    core::Money payable(core::AccountId account) override;
    bool alarmed(core::MeterId meter, const std::string& kind) override;

private:
    enum class AccountState { open, closing, closed };
    struct LinkRow {
        core::AccountId account;
        core::MeterId meter;
        std::int64_t purchase_number = 0;
        bool unlinked = false;
        std::optional<core::Timestamp> opened_at;
        std::optional<core::Energy> booked_energy;
        core::Remainder booked_remainder;
        std::optional<core::Price> price;
    };
    struct Claim {
        std::string holder;  ///< "": nobody's
        std::int64_t epoch = 0;
    };
    struct Entry {
        core::JournalEntry entry;
        core::AccountId account;
        core::MeterId meter;
    };
    struct Known {
        std::string content;
        Answer answer;
    };
    using Sums = std::array<core::Money, 9>;

    Answer open(const Request& request);
    Answer sell(const Request& request);
    Answer close(const Request& request);
    Answer pay_out(const Request& request);
    core::DeliveryId queue(const Request& request, core::AccountId account, core::MeterId meter,
                           core::DeliveryKind kind, core::Money amount, std::string settings);
    LinkRow* live_link(core::MeterId meter);
    storage::StoredDelivery& row(core::DeliveryId id);
    Claim& claim_of(core::DeliveryId id) { return claims_.at(static_cast<std::size_t>(id.value - 1)); }
    void require_claim(const storage::Fence& fence, core::DeliveryId id);
    core::EntryId insert(core::JournalEntry entry, core::AccountId account, core::MeterId meter);
    Sums& sums_of(core::AccountId account);
    core::Money balance(core::AccountId account, core::LedgerKind kind);
    storage::FinishedDelivery book_outcome(storage::StoredDelivery& stored,
                                           const core::CreditDelivery& delivery, core::Timestamp now);
    core::EntryId book_money(const storage::StoredDelivery& stored, const core::CreditDelivery& delivery);
    void begin_on_meter(const storage::StoredDelivery& stored, const core::CreditDelivery& delivery,
                        core::Timestamp now);
    bool end_on_meter(const storage::StoredDelivery& stored, const core::CreditDelivery& delivery);
    void book_residue(core::AccountId account, core::MeterId meter);
    void refuse_behind(const storage::StoredDelivery& opening, const std::string& reason,
                       core::Timestamp now);
    void watch(core::MeterId meter, const core::CreditLook& look, bool reading, bool counted);
    void put_look(core::MeterId meter, const core::CreditLook& look, bool delivered);
    int book_use(LinkRow& link, core::Energy energy);
    static bool unfinished(core::DeliveryState state);

    StorePlants plants_;
    std::vector<core::MeterId> meters_;
    std::unordered_map<std::string, Known> requests_;
    std::vector<AccountState> accounts_;
    std::vector<Sums> account_sums_;
    std::vector<LinkRow> links_;
    std::vector<storage::StoredDelivery> rows_;  ///< row n has the id n + 1
    std::vector<Claim> claims_;
    std::vector<Entry> entries_;
    Sums sums_{};
    std::map<core::MeterId, core::CreditLook> states_;
    std::set<std::pair<core::MeterId, std::string>> alarms_;
    std::string holder_;
    std::int64_t epoch_ = 0;
};

}  // namespace wutong::simulation
