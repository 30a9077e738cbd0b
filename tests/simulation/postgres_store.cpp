#include "tests/simulation/postgres_store.hpp"

#include <algorithm>
#include <sstream>

#include "core/sale.hpp"
#include "storage/account_lock.hpp"
#include "storage/accounts.hpp"
#include "storage/channels.hpp"
#include "storage/consumption.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_facts.hpp"
#include "storage/meter_states.hpp"
#include "storage/requests.hpp"
#include "storage/transaction.hpp"

namespace wutong::simulation {

using core::Money;
using storage::Scope;
using storage::Transaction;

namespace {

/// Rolls the transaction back, so that the request id stays free.
struct Refusal {
    std::string why;
};

template <class Id>
Id place_of(const std::vector<std::int64_t>& keys, Id key) {
    const auto found = std::find(keys.begin(), keys.end(), key.value);
    return found == keys.end() ? Id{} : Id{found - keys.begin() + 1};
}

std::int64_t key_at(const std::vector<std::int64_t>& keys, std::int64_t place) {
    return place < 1 || place > static_cast<std::int64_t>(keys.size())
               ? 0
               : keys[static_cast<std::size_t>(place - 1)];
}

}  // namespace

PostgresStore::PostgresStore(tests::TestDatabase& database, const std::string& code, int meters)
    : database_{database}, site_{database, code, meters} {
    for (int i = 1; i <= meters; ++i) {
        meters_.push_back(core::MeterId{i});
    }
}

PostgresStore::~PostgresStore() {
    try {
        database_.collector().transact(Scope::none(), "leave the channel", [&](Transaction& tx) {
            tx.exec("UPDATE channel SET lease_holder = NULL, lease_until = NULL WHERE property_id = $1",
                    site_.property);
        });
        database_.as_superuser("UPDATE channel SET enabled = false WHERE property_id = " +
                               std::to_string(site_.property.value));
    } catch (const std::exception&) {
        // The database goes with it.
    }
}

core::DeliveryId PostgresStore::real(core::DeliveryId id) const {
    return {key_at(delivery_keys_, id.value)};
}
core::AccountId PostgresStore::real(core::AccountId id) const {
    return {key_at(accounts_, id.value)};
}
core::MeterId PostgresStore::real(core::MeterId id) const {
    return site_.meters.at(static_cast<std::size_t>(id.value - 1));
}
storage::Fence PostgresStore::real(storage::Fence fence) const {
    fence.property = site_.property;
    fence.channel = site_.channel;
    return fence;
}

storage::StoredDelivery PostgresStore::told(storage::StoredDelivery stored) const {
    stored.id = place_of(delivery_keys_, stored.id);
    stored.account = place_of(accounts_, stored.account);
    const auto meter = std::find(site_.meters.begin(), site_.meters.end(), stored.meter);
    stored.meter = core::MeterId{meter - site_.meters.begin() + 1};
    return stored;
}

// ---- counter --------------------------------------------------------------------------------------

Answer PostgresStore::carry_out(const Request& request) {
    Answer answer;
    try {
        const auto made =
            database_.server().transact(site_.scope(), "carry out a request", [&](Transaction& tx) {
                answer = {};
                const auto known = storage::begin_request(tx, site_.property, request.id,
                                                          to_string(request.kind), request.content());
                if (known) {
                    Made before;
                    std::istringstream text{*known};
                    text >> before.account.value >> before.delivery.value;
                    answer.repeated = true;
                    return before;
                }
                const Made fresh = perform(tx, request);
                storage::finish_request(
                    tx, site_.property, request.id,
                    std::to_string(fresh.account.value) + " " + std::to_string(fresh.delivery.value));
                return fresh;
            });
        if (made.account && !place_of(accounts_, made.account)) {
            accounts_.push_back(made.account.value);
        }
        if (made.delivery && !place_of(delivery_keys_, made.delivery)) {
            delivery_keys_.push_back(made.delivery.value);
        }
        answer.account = place_of(accounts_, made.account);
        answer.delivery = place_of(delivery_keys_, made.delivery);
    } catch (const Refusal& refusal) {
        answer.refusal = refusal.why;
    }
    return answer;
}

PostgresStore::Made PostgresStore::perform(Transaction& tx, const Request& request) {
    switch (request.kind) {
        case Request::Kind::open:
            return open(tx, request);
        case Request::Kind::sale:
        case Request::Kind::refund:
            return sell(tx, request);
        case Request::Kind::close:
            return close(tx, request);
        case Request::Kind::payout:
            return pay_out(tx, request);
    }
    throw std::logic_error("a request of no kind");
}

storage::NewSale PostgresStore::new_sale(const Request& request) const {
    storage::NewSale sale;
    sale.account = real(request.account);
    sale.meter = request.meter ? real(request.meter) : core::MeterId{};
    sale.amount = request.amount;
    sale.method = request.method;
    sale.operator_id = core::OperatorId{1};
    sale.request_id = request.id;
    return sale;
}

PostgresStore::Made PostgresStore::open(Transaction& tx, const Request& request) {
    if (storage::account_of_meter(tx, site_.property, real(request.meter))) {
        throw Refusal{"meter_has_account"};
    }
    const auto customer = storage::create_customer(tx, site_.property, {{}, "Li Wei", "13800000000", ""});
    auto sale = new_sale(request);
    sale.kind = storage::SaleKind::opening;
    sale.account = storage::open_account(tx, site_.property, customer, "");
    storage::link_meter(tx, site_.property, sale.account, sale.meter);
    sale.delivery_settings =
        "{\"price_e4\": " + std::to_string(request.price.ten_thousandths_per_kwh()) + "}";
    return {sale.account, storage::insert_sale(tx, site_.property, sale).delivery};
}

PostgresStore::Made PostgresStore::sell(Transaction& tx, const Request& request) {
    auto sale = new_sale(request);
    const bool refund = request.kind == Request::Kind::refund;
    sale.kind = refund ? storage::SaleKind::refund : storage::SaleKind::sale;
    auto stored = storage::lock_sale_facts(tx, site_.property, sale.account, sale.meter);
    // As the server does: credit on a meter whose opening was refused would pay for nothing.
    stored.facts.meter_linked = stored.facts.meter_linked && (stored.opened_on_meter || stored.opening);
    const auto decision = refund ? core::decide_refund(sale.amount, stored.facts)
                                 : core::decide_sale(sale.amount, stored.facts);
    if (const auto* why = std::get_if<core::SaleRefusal>(&decision)) {
        throw Refusal{core::to_string(*why)};
    }
    return {sale.account, storage::insert_sale(tx, site_.property, sale).delivery};
}

PostgresStore::Made PostgresStore::close(Transaction& tx, const Request& request) {
    auto sale = new_sale(request);
    sale.kind = storage::SaleKind::closing;
    sale.delivery_settings = kClearSettings;
    const auto meters = storage::begin_closing(tx, site_.property, sale.account, tests::at(0));
    if (!meters) {
        throw Refusal{"account_closed"};
    }
    for (const auto& [meter, facts] : storage::meter_facts(tx, site_.property, *meters)) {
        if (facts.unfinished_deliveries > 0 || facts.quarantined_deliveries > 0) {
            throw Refusal{"on_its_way"};
        }
    }
    Made made{sale.account, {}};
    for (const auto meter : *meters) {
        sale.meter = meter;
        made.delivery = storage::insert_sale(tx, site_.property, sale).delivery;
    }
    return made;
}

PostgresStore::Made PostgresStore::pay_out(Transaction& tx, const Request& request) {
    const auto account = real(request.account);
    if (!storage::lock_account(tx, site_.property, account)) {
        throw Refusal{"no_account"};
    }
    const auto balances = storage::account_balances(tx, site_.property, account);
    if (request.amount <= Money{0} || request.amount > balances.refund_payable + balances.unallocated) {
        throw Refusal{"above_refund_payable"};
    }
    const Money taken_off = std::min(request.amount, std::max(balances.refund_payable, Money{0}));
    core::JournalEntry entry{core::EntryKind::refund_payout, {}};
    if (taken_off > Money{0}) {
        entry.postings.push_back({core::LedgerKind::refund_payable, account.value, taken_off});
    }
    if (request.amount > taken_off) {
        entry.postings.push_back(
            {core::LedgerKind::unallocated_credit, account.value, request.amount - taken_off});
    }
    entry.postings.push_back(
        {core::LedgerKind::tender, static_cast<std::int64_t>(request.method), -request.amount});
    storage::EntryNotes notes;
    notes.account = account;
    notes.request_id = request.id;
    storage::insert_entry(tx, site_.property, entry, notes);
    return {account, {}};
}

storage::FinishedDelivery PostgresStore::settle(core::DeliveryId id, bool delivered,
                                                const std::string& reason, core::Timestamp now) {
    return database_.server().transact(site_.scope(), "settle", [&](Transaction& tx) {
        return storage::settle_delivery(tx, site_.property, real(id), delivered, reason, now);
    });
}

int PostgresStore::book_consumption() {
    return database_.server().transact(site_.scope(), "consumption", [&](Transaction& tx) {
        return storage::book_consumption(tx, site_.property, {}, 1'000).entries;
    });
}

// ---- what is there --------------------------------------------------------------------------------

Books PostgresStore::books() {
    const auto trial = database_.server().transact(
        site_.scope(), "books", [&](Transaction& tx) { return storage::trial_balance(tx, site_.property); });
    Books books;
    books.sum = trial.sum;
    for (const auto& line : trial.lines) {
        switch (line.account) {
            case core::LedgerKind::tender:
                books.tender = line.balance;
                break;
            case core::LedgerKind::credit_in_flight:
                books.in_flight = -line.balance;
                break;
            case core::LedgerKind::prepaid_credit:
                books.prepaid = -line.balance;
                break;
            case core::LedgerKind::unallocated_credit:
                books.unallocated = -line.balance;
                break;
            case core::LedgerKind::refund_payable:
                books.refund_payable = -line.balance;
                break;
            case core::LedgerKind::revenue:
                books.revenue = -line.balance;
                break;
            case core::LedgerKind::rounding:
                books.rounding = -line.balance;
                break;
            case core::LedgerKind::tax:
            case core::LedgerKind::charges:
            case core::LedgerKind::takings:
            case core::LedgerKind::cash_difference:
            case core::LedgerKind::deposit:
                break;
        }
    }
    return books;
}

std::vector<core::JournalEntry> PostgresStore::entries_after(core::EntryId& after) {
    return database_.server().transact(site_.scope(), "entries", [&](Transaction& tx) {
        std::vector<core::JournalEntry> entries;
        core::EntryId last = after;
        for (const auto& row : tx.exec(
                 "SELECT e.entry_id, e.kind, p.account, p.owner_id, p.amount_e4 FROM journal_entry e "
                 "JOIN posting p USING (property_id, entry_id) WHERE e.property_id = $1 AND e.entry_id > $2 "
                 "ORDER BY e.entry_id, p.line",
                 site_.property, after)) {
            const auto id = storage::get<core::EntryId>(row, "entry_id");
            if (entries.empty() || id != last) {
                entries.push_back({core::parse_entry_kind(storage::get<std::string>(row, "kind")), {}});
                last = id;
            }
            entries.back().postings.push_back(
                {core::parse_ledger_kind(storage::get<std::string>(row, "account")),
                 storage::get<std::int64_t>(row, "owner_id"), storage::get<Money>(row, "amount_e4")});
        }
        after = last;
        return entries;
    });
}

const std::vector<storage::StoredDelivery>& PostgresStore::deliveries() {
    storage::DeliveryFilter filter;
    filter.property = site_.property;
    auto rows = database_.server().transact(site_.scope(), "deliveries", [&](Transaction& tx) {
        return storage::list_deliveries(tx, filter, {}, 1'000);
    });
    std::reverse(rows.begin(), rows.end());
    for (auto& row : rows) {
        row = told(std::move(row));
    }
    // In place: who goes through the list may ask for it again on the way, and holds on to its rows.
    if (rows.size() == rows_.size()) {
        std::move(rows.begin(), rows.end(), rows_.begin());
    } else {
        rows_ = std::move(rows);
    }
    return rows_;
}

std::optional<Link> PostgresStore::link(core::MeterId meter) {
    return database_.server().transact(site_.scope(), "link", [&](Transaction& tx) -> std::optional<Link> {
        const auto account = storage::account_of_meter(tx, site_.property, real(meter));
        if (!account) {
            return std::nullopt;
        }
        const auto found = storage::find_account(tx, site_.property, *account);
        const auto& on = found->meters.front();
        Link link;
        link.account = place_of(accounts_, *account);
        link.opened = on.opened_on_meter_at.has_value();
        link.purchase_number = on.purchase_number;
        link.prepaid = storage::account_balances(tx, site_.property, *account).prepaid_credit;
        link.booked_energy = on.booked_energy;
        link.booked_remainder = on.booked_remainder;
        link.price = on.price.value_or(core::Price{0});
        return link;
    });
}

Money PostgresStore::payable(core::AccountId account) {
    return database_.server().transact(site_.scope(), "payable", [&](Transaction& tx) {
        const auto balances = storage::account_balances(tx, site_.property, real(account));
        return balances.refund_payable + balances.unallocated;
    });
}

bool PostgresStore::alarmed(core::MeterId meter, const std::string& kind) {
    return database_.server().transact(site_.scope(), "alarms", [&](Transaction& tx) {
        return !tx.exec(
                      "SELECT FROM alarm WHERE property_id = $1 AND meter_id = $2 AND kind = $3 AND "
                      "cleared_at "
                      "IS NULL",
                      site_.property, real(meter), kind)
                    .empty();
    });
}

}  // namespace wutong::simulation
