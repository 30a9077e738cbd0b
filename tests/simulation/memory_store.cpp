#include "tests/simulation/memory_store.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/sale.hpp"

namespace wutong::simulation {

namespace {

using core::DeliveryState;
using core::LedgerKind;
using core::Money;

Answer refused(std::string why) {
    Answer answer;
    answer.refusal = std::move(why);
    return answer;
}

}  // namespace

const char* to_string(Request::Kind kind) {
    switch (kind) {
        case Request::Kind::open:
            return "open";
        case Request::Kind::sale:
            return "sale";
        case Request::Kind::refund:
            return "refund";
        case Request::Kind::close:
            return "close";
        case Request::Kind::payout:
            return "payout";
    }
    return "?";
}

std::string Request::content() const {
    std::string text = to_string(kind);
    for (const std::int64_t part : {account.value, meter.value, amount.ten_thousandths(),
                                    static_cast<std::int64_t>(method), price.ten_thousandths_per_kwh()}) {
        text += ' ';
        text += std::to_string(part);
    }
    return text;
}

MemoryStore::MemoryStore(int meters, const StorePlants& plants) : plants_{plants} {
    for (int i = 1; i <= meters; ++i) {
        meters_.push_back(core::MeterId{i});
    }
}

bool MemoryStore::unfinished(DeliveryState state) {
    return state == DeliveryState::queued || state == DeliveryState::sending ||
           state == DeliveryState::unknown;
}

MemoryStore::LinkRow* MemoryStore::live_link(core::MeterId meter) {
    for (auto& link : links_) {
        if (link.meter == meter && !link.unlinked) {
            return &link;
        }
    }
    return nullptr;
}

storage::StoredDelivery& MemoryStore::row(core::DeliveryId id) {
    if (id.value < 1 || id.value > static_cast<std::int64_t>(rows_.size())) {
        throw storage::NotFound("delivery " + std::to_string(id.value) + " is not there");
    }
    return rows_[static_cast<std::size_t>(id.value - 1)];
}

// ---- the journal ----------------------------------------------------------------------------------

MemoryStore::Sums& MemoryStore::sums_of(core::AccountId account) {
    return account_sums_.at(static_cast<std::size_t>(account.value - 1));
}

Money MemoryStore::balance(core::AccountId account, LedgerKind kind) {
    return -sums_of(account)[static_cast<std::size_t>(kind)];
}

core::EntryId MemoryStore::insert(core::JournalEntry entry, core::AccountId account, core::MeterId meter) {
    if (!core::balanced(entry)) {
        throw std::invalid_argument("an entry that does not balance");
    }
    for (const auto& posting : entry.postings) {
        const auto kind = static_cast<std::size_t>(posting.account);
        sums_.at(kind) += posting.amount;
        const bool of_account = posting.account == LedgerKind::credit_in_flight ||
                                posting.account == LedgerKind::prepaid_credit ||
                                posting.account == LedgerKind::unallocated_credit ||
                                posting.account == LedgerKind::refund_payable;
        if (of_account) {
            sums_of({posting.owner})[kind] += posting.amount;
        }
    }
    entries_.push_back({std::move(entry), account, meter});
    return {static_cast<std::int64_t>(entries_.size())};
}

Books MemoryStore::books() {
    const auto owed = [&](LedgerKind kind) { return -sums_[static_cast<std::size_t>(kind)]; };
    Books books;
    books.tender = sums_[static_cast<std::size_t>(LedgerKind::tender)];
    books.in_flight = owed(LedgerKind::credit_in_flight);
    books.prepaid = owed(LedgerKind::prepaid_credit);
    books.unallocated = owed(LedgerKind::unallocated_credit);
    books.refund_payable = owed(LedgerKind::refund_payable);
    books.revenue = owed(LedgerKind::revenue);
    books.rounding = owed(LedgerKind::rounding);
    for (const Money sum : sums_) {
        books.sum += sum;
    }
    return books;
}

std::vector<core::JournalEntry> MemoryStore::entries_after(core::EntryId& after) {
    std::vector<core::JournalEntry> entries;
    for (auto i = static_cast<std::size_t>(after.value); i < entries_.size(); ++i) {
        entries.push_back(entries_[i].entry);
    }
    after.value = static_cast<std::int64_t>(entries_.size());
    return entries;
}

Money MemoryStore::payable(core::AccountId account) {
    return balance(account, LedgerKind::refund_payable) + balance(account, LedgerKind::unallocated_credit);
}

std::optional<Link> MemoryStore::link(core::MeterId meter) {
    const LinkRow* found = live_link(meter);
    if (found == nullptr) {
        return std::nullopt;
    }
    Link link{found->account,
              found->opened_at.has_value(),
              found->purchase_number,
              Money{},
              found->booked_energy,
              found->booked_remainder,
              found->price.value_or(core::Price{0})};
    link.prepaid = balance(found->account, LedgerKind::prepaid_credit);
    return link;
}

bool MemoryStore::alarmed(core::MeterId meter, const std::string& kind) {
    return alarms_.contains({meter, kind});
}

// ---- the counter ----------------------------------------------------------------------------------

Answer MemoryStore::carry_out(const Request& request) {
    const auto content = request.content();
    if (const auto known = requests_.find(request.id); known != requests_.end()) {
        if (known->second.content != content && !plants_.content_not_compared) {
            throw storage::RequestReused("request id " + request.id + " was used before");
        }
        Answer again = known->second.answer;
        again.repeated = true;
        return again;
    }
    Answer answer;
    switch (request.kind) {
        case Request::Kind::open:
            answer = open(request);
            break;
        case Request::Kind::sale:
        case Request::Kind::refund:
            answer = sell(request);
            break;
        case Request::Kind::close:
            answer = close(request);
            break;
        case Request::Kind::payout:
            answer = pay_out(request);
            break;
    }
    if (answer.refusal.empty()) {
        requests_.emplace(request.id, Known{content, answer});
    }
    return answer;
}

core::DeliveryId MemoryStore::queue(const Request& request, core::AccountId account, core::MeterId meter,
                                    core::DeliveryKind kind, Money amount, std::string settings) {
    if (kind != core::DeliveryKind::clear && amount > Money{0}) {
        insert(core::sale_entry(account, request.method, amount), account, meter);
    }
    storage::StoredDelivery stored;
    stored.property = {1};
    stored.id = {static_cast<std::int64_t>(rows_.size()) + 1};
    stored.meter = meter;
    stored.account = account;
    stored.channel = {1};
    stored.delivery.kind = kind;
    stored.delivery.amount = amount;
    stored.settings = std::move(settings);
    rows_.push_back(std::move(stored));
    claims_.emplace_back();
    return rows_.back().id;
}

Answer MemoryStore::open(const Request& request) {
    if (live_link(request.meter) != nullptr) {
        return refused("meter_has_account");
    }
    accounts_.push_back(AccountState::open);
    account_sums_.emplace_back();
    const core::AccountId account{static_cast<std::int64_t>(accounts_.size())};
    LinkRow link;
    link.account = account;
    link.meter = request.meter;
    links_.push_back(link);
    Answer answer;
    answer.account = account;
    answer.delivery =
        queue(request, account, request.meter, core::DeliveryKind::open, request.amount,
              "{\"price_e4\": " + std::to_string(request.price.ten_thousandths_per_kwh()) + "}");
    return answer;
}

Answer MemoryStore::sell(const Request& request) {
    core::SaleFacts facts;
    bool opening = false;
    for (const auto& other : rows_) {
        if (other.meter != request.meter || other.delivery.state == DeliveryState::delivered ||
            other.delivery.state == DeliveryState::refused) {
            continue;
        }
        if (other.delivery.state == DeliveryState::quarantined) {
            facts.delivery_quarantined = true;
        } else {
            facts.in_flight += other.delivery.amount;
        }
        opening =
            opening || (other.delivery.kind == core::DeliveryKind::open && other.account == request.account);
    }
    const LinkRow* link = live_link(request.meter);
    const bool linked = link != nullptr && link->account == request.account;
    const bool opened = linked && link->opened_at.has_value();
    const auto account = static_cast<std::size_t>(request.account.value - 1);
    facts.account_open = account < accounts_.size() && accounts_[account] == AccountState::open;
    facts.meter_linked = linked && (opened || opening);
    if (const auto state = states_.find(request.meter); opened && state != states_.end()) {
        facts.balance_known = state->second.balance;
    }
    const bool refund = request.kind == Request::Kind::refund;
    const auto decision =
        refund ? core::decide_refund(request.amount, facts) : core::decide_sale(request.amount, facts);
    if (const auto* why = std::get_if<core::SaleRefusal>(&decision)) {
        return refused(core::to_string(*why));
    }
    Answer answer;
    answer.account = request.account;
    answer.delivery = queue(request, request.account, request.meter,
                            refund ? core::DeliveryKind::refund : core::DeliveryKind::top_up,
                            refund ? -request.amount : request.amount, "{}");
    return answer;
}

Answer MemoryStore::close(const Request& request) {
    auto& state = accounts_.at(static_cast<std::size_t>(request.account.value - 1));
    if (state != AccountState::open) {
        return refused("account_closed");
    }
    for (const auto& other : rows_) {
        const LinkRow* link = live_link(other.meter);
        if (link != nullptr && link->account == request.account &&
            (unfinished(other.delivery.state) || other.delivery.state == DeliveryState::quarantined)) {
            return refused("on_its_way");
        }
    }
    state = AccountState::closing;
    Answer answer;
    answer.account = request.account;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (links_[i].account == request.account && !links_[i].unlinked) {
            answer.delivery = queue(request, request.account, links_[i].meter, core::DeliveryKind::clear,
                                    Money{0}, kClearSettings);
        }
    }
    if (!answer.delivery) {
        state = AccountState::closed;
    }
    return answer;
}

Answer MemoryStore::pay_out(const Request& request) {
    const Money taken_off =
        std::min(request.amount, std::max(balance(request.account, LedgerKind::refund_payable), Money{0}));
    if (request.amount <= Money{0} || request.amount > payable(request.account)) {
        return refused("above_refund_payable");
    }
    core::JournalEntry entry{core::EntryKind::refund_payout, {}};
    if (taken_off > Money{0}) {
        entry.postings.push_back({LedgerKind::refund_payable, request.account.value, taken_off});
    }
    if (request.amount > taken_off) {
        entry.postings.push_back(
            {LedgerKind::unallocated_credit, request.account.value, request.amount - taken_off});
    }
    entry.postings.push_back(
        {LedgerKind::tender, static_cast<std::int64_t>(request.method), -request.amount});
    insert(std::move(entry), request.account, {});
    Answer answer;
    answer.account = request.account;
    return answer;
}

}  // namespace wutong::simulation
