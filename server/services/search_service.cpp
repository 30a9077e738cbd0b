#include "server/services/search_service.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/meter_shapes.hpp"
#include "server/services/money_shapes.hpp"
#include "storage/find.hpp"
#include "storage/meters.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

constexpr int kLimitDefault = 8;
constexpr int kLimitMost = 50;
constexpr std::size_t kTextMost = 100;

/// What belongs to the things found, of each kind in one question.
struct Details {
    std::map<std::int64_t, storage::MeterRow> meters;
    std::map<std::int64_t, storage::FoundUnit> units;
    std::map<std::int64_t, storage::FoundParty> accounts, customers;
};

template <class Id>
std::vector<Id> ids_of(const std::vector<storage::Found>& found, storage::FoundKind kind) {
    std::vector<Id> ids;
    for (const auto& one : found) {
        if (one.kind == kind) {
            ids.push_back(Id{one.id});
        }
    }
    return ids;
}

Details details_of(storage::Transaction& tx, core::PropertyId property,
                   const std::vector<storage::Found>& found) {
    Details details;
    using storage::FoundKind;
    if (const auto ids = ids_of<core::MeterId>(found, FoundKind::meter); !ids.empty()) {
        for (auto& row : storage::find_meters(tx, property, ids)) {
            details.meters.emplace(row.meter.value, std::move(row));
        }
    }
    if (const auto ids = ids_of<core::UnitId>(found, FoundKind::unit); !ids.empty()) {
        for (auto& unit : storage::find_units(tx, property, ids)) {
            details.units.emplace(unit.unit.value, std::move(unit));
        }
    }
    if (const auto ids = ids_of<core::AccountId>(found, FoundKind::account); !ids.empty()) {
        for (auto& account : storage::find_accounts(tx, property, ids)) {
            details.accounts.emplace(account.account.value, std::move(account));
        }
    }
    if (const auto ids = ids_of<core::CustomerId>(found, FoundKind::customer); !ids.empty()) {
        for (auto& customer : storage::find_customers(tx, property, ids)) {
            details.customers.emplace(customer.customer.value, std::move(customer));
        }
    }
    return details;
}

/// What is there of the parts, with a dot between them.
std::string joined(std::initializer_list<std::string> parts) {
    std::string text;
    for (const auto& part : parts) {
        if (!part.empty()) {
            text += (text.empty() ? "" : " · ") + part;
        }
    }
    return text;
}

void fill(const storage::MeterRow& meter, v1::FindHit& hit) {
    hit.set_kind("meter");
    hit.set_detail(joined({meter.unit_code, meter.customer, meter.serial_number}));
    hit.set_meter_id(meter.meter.value);
    hit.set_unit_id(meter.unit.value);
    hit.set_account_id(meter.account.value);
    hit.set_meter_code(meter.code);
    hit.set_unit_code(meter.unit_code);
    hit.set_account_number(meter.account_number);
    hit.set_customer(meter.customer);
    hit.set_status(meter_status(meter));
}

void fill(const storage::FoundUnit& unit, v1::FindHit& hit) {
    hit.set_kind("unit");
    hit.set_detail(joined({unit.name, unit.building_code, unit.floor_name, unit.customer}));
    hit.set_unit_id(unit.unit.value);
    hit.set_meter_id(unit.meter.value);
    hit.set_account_id(unit.account.value);
    hit.set_unit_code(unit.code);
    hit.set_account_number(unit.account_number);
    hit.set_customer(unit.customer);
}

void fill(const storage::FoundParty& party, const char* kind, v1::FindHit& hit) {
    hit.set_kind(kind);
    hit.set_detail(joined(
        {std::string_view{kind} == "account" ? party.name : party.number, party.unit_code, party.phone}));
    hit.set_account_id(party.account.value);
    hit.set_customer_id(party.customer.value);
    hit.set_meter_id(party.meter.value);
    hit.set_meter_code(party.meter_code);
    hit.set_unit_code(party.unit_code);
    hit.set_account_number(party.number);
    hit.set_customer(party.name);
    hit.set_state(party.state);
}

void fill(const storage::StoredSale& sale, v1::FindHit& hit) {
    hit.set_kind("receipt");
    hit.set_title(receipt_number(sale));
    hit.set_detail(joined({sale.unit_code, sale.customer, core::to_string(sale.amount)}));
    hit.set_sale_id(sale.id.value);
    hit.set_meter_id(sale.meter.value);
    hit.set_account_id(sale.account.value);
    hit.set_meter_code(sale.meter_code);
    hit.set_unit_code(sale.unit_code);
    hit.set_account_number(sale.account_number);
    hit.set_customer(sale.customer);
    *hit.mutable_at() = to_timestamp(sale.sold_at);
    hit.set_amount_e4(sale.amount.ten_thousandths());
}

/// @return false when its details are not there
bool fill(const storage::Found& one, const Details& details, v1::FindHit& hit) {
    const auto fill_from = [&](const auto& known, const auto&... more) {
        const auto found = known.find(one.id);
        if (found == known.end()) {
            return false;
        }
        fill(found->second, more..., hit);
        return true;
    };
    switch (one.kind) {
        case storage::FoundKind::meter:
            return fill_from(details.meters);
        case storage::FoundKind::unit:
            return fill_from(details.units);
        case storage::FoundKind::account:
            return fill_from(details.accounts, "account");
        case storage::FoundKind::customer:
            return fill_from(details.customers, "customer");
    }
    return false;
}

/// A receipt is known by its whole number only; shorter ones would be found by every unit's code.
std::optional<ReceiptName> receipt_asked_for(const std::string& text) {
    return text.size() >= 8 ? parse_receipt_number(text) : std::nullopt;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const auto last = text.find_last_not_of(" \t\r\n");
    return first == std::string::npos ? std::string{} : text.substr(first, last - first + 1);
}

}  // namespace

grpc::Status SearchService::Find(grpc::ServerContext* context, const v1::FindRequest* request,
                                 v1::FindResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto limit = request->limit() == 0 ? kLimitDefault : request->limit();
        if (limit < 1 || limit > kLimitMost) {
            throw invalid("limit", "must be from 1 to 50, or 0 for 8");
        }
        const auto text = trimmed(request->text());
        if (text.empty() || text.size() > kTextMost) {
            throw invalid("text", "must have 1 to 100 bytes");
        }
        const bool meters = call.may("device.read");
        const bool accounts = call.may("account.read");
        const bool sales = call.may("sale.read");
        std::vector<storage::Found> found;
        Details details;
        std::optional<storage::StoredSale> receipt;
        app_.database().transact(call.scope(property), "find", [&](storage::Transaction& tx) {
            found = storage::find_anything(tx, property, text, limit);
            std::erase_if(found, [&](const storage::Found& one) {
                return (one.kind == storage::FoundKind::meter && !meters) ||
                       ((one.kind == storage::FoundKind::account ||
                         one.kind == storage::FoundKind::customer) &&
                        !accounts);
            });
            details = details_of(tx, property, found);
            const auto number = sales ? receipt_asked_for(text) : std::nullopt;
            receipt =
                number ? storage::find_sale(tx, property, find_sale_of(tx, property, *number)) : std::nullopt;
        });
        if (receipt) {
            fill(*receipt, *response->add_hits());
        }
        for (const auto& one : found) {
            v1::FindHit hit;
            hit.set_title(one.title);
            // What was renamed or removed between the two questions is left out.
            if (!fill(one, details, hit)) {
                continue;
            }
            if (!accounts) {
                hit.clear_account_id();
                hit.clear_account_number();
                hit.clear_customer();
                hit.clear_detail();
            }
            *response->add_hits() = std::move(hit);
        }
    });
}

}  // namespace wutong::server
