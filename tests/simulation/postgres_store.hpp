#pragma once

#include <string>
#include <vector>

#include "storage/sales.hpp"
#include "tests/simulation/money_store.hpp"
#include "tests/support/test_site.hpp"

namespace wutong::simulation {

/// The contract on PostgreSQL: the repositories of storage/, called as server and collector call them. A
/// property of its own in the given database. Keys are told as their place in the order in which they were
/// made, so that one seed leaves the same trace here and in memory.
class PostgresStore final : public MoneyStore {
public:
    PostgresStore(tests::TestDatabase& database, const std::string& code, int meters);
    ~PostgresStore() override;

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
    const std::vector<storage::StoredDelivery>& deliveries() override;
    std::optional<Link> link(core::MeterId meter) override;
    core::Money payable(core::AccountId account) override;
    bool alarmed(core::MeterId meter, const std::string& kind) override;

private:
    /// What was made, as the database calls it.
    struct Made {
        core::AccountId account;
        core::DeliveryId delivery;
    };
    Made perform(storage::Transaction& tx, const Request& request);
    Made open(storage::Transaction& tx, const Request& request);
    Made sell(storage::Transaction& tx, const Request& request);
    Made close(storage::Transaction& tx, const Request& request);
    Made pay_out(storage::Transaction& tx, const Request& request);
    [[nodiscard]] storage::NewSale new_sale(const Request& request) const;
    [[nodiscard]] storage::Fence real(storage::Fence fence) const;
    [[nodiscard]] core::DeliveryId real(core::DeliveryId id) const;
    [[nodiscard]] core::MeterId real(core::MeterId id) const;
    [[nodiscard]] core::AccountId real(core::AccountId id) const;
    [[nodiscard]] storage::StoredDelivery told(storage::StoredDelivery stored) const;

    tests::TestDatabase& database_;
    tests::TestSite site_;
    std::vector<core::MeterId> meters_;
    std::vector<std::int64_t> accounts_, delivery_keys_;
    std::vector<storage::StoredDelivery> rows_;
};

}  // namespace wutong::simulation
