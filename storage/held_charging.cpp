#include "storage/held_charging.hpp"

#include <algorithm>

#include "storage/alarms.hpp"
#include "storage/closing.hpp"
#include "storage/held_meters.hpp"
#include "storage/ledger.hpp"
#include "storage/local_clock.hpp"
#include "storage/tariff_json.hpp"
#include "storage/tariff_state_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr int kReadingsPerRound = 1'000;
constexpr std::size_t kPlansKept = 1'000;
constexpr std::chrono::hours kLocalTimeKept{12};
constexpr std::chrono::days kLocalTimeBefore{1'200};

// The link first: a sale holds it while it credits, and two servers charge one after the other.
const char* kLockLink =
    "SELECT 1 FROM account_meter WHERE property_id = $1 AND meter_id = $2 AND unlinked_at IS NULL FOR NO KEY "
    "UPDATE";

const char* kMark =
    "SELECT h.account_id, h.linked_at::text AS linked_at, h.charged_at, h.energy_wh, h.rates_wh[1] AS sharp, "
    "h.rates_wh[2] AS peak, h.rates_wh[3] AS flat, h.rates_wh[4] AS valley, h.state::text AS state, "
    "h.stopped, "
    "m.code, m.commodity, m.price_e4, m.overdraft_e4 FROM held_charge h JOIN meter m ON m.property_id = "
    "h.property_id AND "
    "m.meter_id = h.meter_id WHERE h.property_id = $1 AND h.meter_id = $2 AND h.ended_at IS NULL";

const char* kReadings =
    "SELECT read_at, energy_wh, sharp_wh, peak_wh, flat_wh, valley_wh FROM reading WHERE property_id = $1 "
    "AND "
    "meter_id = $2 AND read_at > $3 AND energy_wh IS NOT NULL ORDER BY read_at LIMIT $4";

const char* kKeep =
    "UPDATE held_charge SET charged_at = $5, energy_wh = $6, rates_wh = $7::bigint[], state = $8::jsonb, "
    "overdraft_e4 = $9, stopped = NULL WHERE property_id = $1 AND account_id = $2 AND meter_id = $3 AND "
    "linked_at = $4::timestamptz";

struct Mark {
    core::AccountId account;
    std::string linked_at;  ///< as PostgreSQL writes it: the last part of the row's key
    core::RegisterReading reading;
    core::TariffState state;
    bool stopped = false;
    std::string meter_code;
    core::Commodity commodity = core::Commodity::electricity;
    std::optional<core::Price> price;
    std::optional<core::Money> overdraft;
};

core::Instant second_of(core::Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

core::RegisterReading reading_of(const pqxx::row& row, const char* at,
                                 const std::array<const char*, core::kRates>& rates) {
    core::RegisterReading reading{second_of(get<core::Timestamp>(row, at)),
                                  get<core::Energy>(row, "energy_wh"), std::nullopt};
    std::array<core::Energy, core::kRates> values{};
    for (std::size_t i = 0; i < rates.size(); ++i) {
        const auto value = get<std::optional<core::Energy>>(row, rates[i]);
        if (!value) {
            return reading;
        }
        values[i] = *value;
    }
    reading.rates = values;
    return reading;
}

std::optional<Mark> lock_mark(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    tx.exec(kLockLink, property, meter);
    const auto rows = tx.exec(kMark, property, meter);
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    return Mark{get<core::AccountId>(row, "account_id"),
                get<std::string>(row, "linked_at"),
                reading_of(row, "charged_at", {"sharp", "peak", "flat", "valley"}),
                tariff_state_of(get<std::string>(row, "state")),
                get<std::optional<std::string>>(row, "stopped").has_value(),
                get<std::string>(row, "code"),
                core::parse_commodity(get<std::string>(row, "commodity")),
                get<std::optional<core::Price>>(row, "price_e4"),
                get<std::optional<core::Money>>(row, "overdraft_e4")};
}

std::vector<core::RegisterReading> readings_after(Transaction& tx, core::PropertyId property,
                                                  core::MeterId meter, core::Instant after) {
    std::vector<core::RegisterReading> readings;
    for (const auto& row : tx.exec(kReadings, property, meter, core::Timestamp{after}, kReadingsPerRound)) {
        readings.push_back(reading_of(row, "read_at", {"sharp_wh", "peak_wh", "flat_wh", "valley_wh"}));
    }
    return readings;
}

/// By which plans the meter is charged over a time, and the debt that the last of them allows.
struct PlansInForce {
    std::vector<core::PlanFrom> parts;
    std::optional<core::Money> overdraft;
};

PlansInForce plans_between(Transaction& tx, core::PropertyId property, core::MeterId meter,
                           const core::LocalTime& local, core::Instant first, core::Instant last,
                           core::Price otherwise, PlanCache& plans) {
    PlansInForce out;
    const auto begin = local.date(first);
    const auto end = local.date(last);
    auto days = tariff_changes_between(tx, property, meter, begin, end);
    days.insert(days.begin(), begin);
    for (const auto day : days) {
        const auto found = tariff_in_force(tx, property, meter, day);
        const core::PreparedPlan& plan =
            found ? plans.get(tx, property, found->plan) : plans.at_price(otherwise);
        const auto from = day == begin ? first : local.start_of(day);
        if (out.parts.empty() || out.parts.back().plan != &plan) {
            out.parts.push_back({&plan, from});
        }
        out.overdraft.reset();
        if (found) {
            for (const auto& version : plan.plan().versions) {
                if (version.from <= end) {
                    out.overdraft = version.credit.overdraft;
                }
            }
        }
    }
    return out;
}

/// The meter's readings can't be charged: said once, and the meter waits for a person.
void stop(Transaction& tx, core::PropertyId property, core::MeterId meter, const Mark& mark,
          const std::string& why, core::Timestamp now) {
    tx.exec(
        "UPDATE held_charge SET stopped = left($5, 1000) WHERE property_id = $1 AND account_id = $2 AND "
        "meter_id "
        "= $3 AND linked_at = $4::timestamptz",
        property, mark.account, meter, mark.linked_at, why);
    raise_alarm(
        tx, {property, meter, {}, {}}, "not_charged",
        why.substr(0, 1'500) +
            ". Nothing is charged until somebody has looked at the meter and said from which reading on.",
        now);
}

/// @return what was charged; `stopped` with the reason when it can't be
HeldOutcome charge(Transaction& tx, core::PropertyId property, core::MeterId meter, const Mark& mark,
                   const HeldDefaults& defaults, PlanCache& plans, bool closing, core::Timestamp now) {
    HeldOutcome out;
    core::HeldReadings input;
    input.meter = std::to_string(meter.value);
    input.mark = mark.reading;
    input.commodity = mark.commodity;
    input.readings = readings_after(tx, property, meter, mark.reading.at);
    out.more = input.readings.size() == static_cast<std::size_t>(kReadingsPerRound);
    if (closing && !out.more) {
        input.closes_at = second_of(now);
    }
    const auto last = std::max(input.readings.empty() ? mark.reading.at : input.readings.back().at,
                               input.closes_at.value_or(mark.reading.at));
    if (last == mark.reading.at) {
        return out;
    }
    const auto& local = plans.local_time(tx, property, now);
    const auto otherwise = mark.commodity == core::Commodity::water ? defaults.water_price : defaults.price;
    std::variant<core::HeldCharge, core::TariffFault> result;
    PlansInForce in_force;
    try {
        in_force = plans_between(tx, property, meter, local, mark.reading.at, last,
                                 mark.price.value_or(otherwise), plans);
        result = core::charge_readings(input, in_force.parts, local, mark.state);
    } catch (const core::PlanError& error) {
        result = core::TariffFault{core::TariffFaultKind::no_version_in_force, error.what()};
    } catch (const core::QuantityOverflow& error) {
        result = core::TariffFault{core::TariffFaultKind::quantity_too_large, error.what()};
    }
    if (const auto* fault = std::get_if<core::TariffFault>(&result)) {
        out.stopped = "meter " + mark.meter_code + " can't be charged: " + fault->text;
        stop(tx, property, meter, mark, out.stopped, now);
        return out;
    }
    const auto& made = std::get<core::HeldCharge>(result);
    out.charged = !made.bills.empty();
    out.booked = made.booked;
    out.energy = made.energy;
    if (const auto entry = core::held_charge_entry(mark.account, made)) {
        EntryNotes notes;
        notes.account = mark.account;
        notes.meter = meter;
        notes.booked_at = core::Timestamp{made.mark.at};
        notes.memo = core::to_text(mark.reading, made, mark.commodity);
        out.entry = insert_entry(tx, property, *entry, notes);
    }
    std::optional<std::vector<core::Energy>> rates;
    if (made.mark.rates) {
        rates.emplace(made.mark.rates->begin(), made.mark.rates->end());
    }
    tx.exec(kKeep, property, mark.account, meter, mark.linked_at, core::Timestamp{made.mark.at},
            made.mark.total, rates, tariff_state_json(made.state),
            in_force.overdraft.value_or(mark.overdraft.value_or(defaults.overdraft)));
    // What a kilowatt-hour costs, for people; nothing is booked by it here.
    tx.exec(
        "UPDATE account_meter SET booked_at = $5, booked_price_e4 = COALESCE($6::bigint, booked_price_e4) "
        "WHERE "
        "property_id = $1 AND account_id = $2 AND meter_id = $3 AND linked_at = $4::timestamptz",
        property, mark.account, meter, mark.linked_at, core::Timestamp{made.mark.at},
        core::average_price(made));
    if (mark.stopped) {
        clear_alarm(tx, {property, meter, {}, {}}, "not_charged", now);
    }
    return out;
}

/// The account's credit for this meter, as it is in the books now.
core::Money credit_of(Transaction& tx, core::PropertyId property, core::AccountId account,
                      core::MeterId meter) {
    const auto rows = tx.exec(
        "SELECT prepaid_credit_e4 FROM account_balance WHERE property_id = $1 AND account_id = $2 AND "
        "meter_id "
        "= $3",
        property, account, meter);
    return rows.empty() ? core::Money{} : get<core::Money>(rows[0], "prepaid_credit_e4");
}

}  // namespace

const core::PreparedPlan& PlanCache::get(Transaction& tx, core::PropertyId property, TariffPlanId plan) {
    const Key key{property, plan, newest_tariff_version(tx, property, plan)};
    auto found = plans_.find(key);
    if (found == plans_.end()) {
        auto loaded = load_tariff_plan(tx, property, plan);
        if (!loaded) {
            throw NotFound("tariff plan " + std::to_string(plan.value) + " is not there");
        }
        found = plans_.emplace(key, std::make_unique<core::PreparedPlan>(std::move(*loaded))).first;
    }
    return *found->second;
}

const core::LocalTime& PlanCache::local_time(Transaction& tx, core::PropertyId property,
                                             core::Timestamp now) {
    auto found = times_.find(property);
    if (found == times_.end() || now - found->second.loaded_at > kLocalTimeKept) {
        // Longer than any reading can wait, and as far ahead as it is kept.
        const auto at = std::chrono::floor<std::chrono::seconds>(now);
        auto clock = local_clock(tx, property, at - kLocalTimeBefore, at + std::chrono::days{30});
        found = times_.insert_or_assign(property, KnownTime{std::move(clock), now}).first;
    }
    return found->second.time;
}

const core::PreparedPlan& PlanCache::at_price(core::Price price) {
    auto& known = prices_[price];
    if (!known) {
        core::PlanVersion version;
        version.steps.emplace_back();
        version.steps.front().prices[static_cast<std::size_t>(core::Rate::flat)] = price;
        known = std::make_unique<core::PreparedPlan>(core::TariffPlan{"one price", {version}});
    }
    return *known;
}

void PlanCache::trim() {
    if (plans_.size() > kPlansKept) {
        plans_.clear();
    }
    if (prices_.size() > kPlansKept) {
        prices_.clear();
    }
    if (times_.size() > kPlansKept) {
        times_.clear();
    }
}

HeldOutcome charge_held_meter(Transaction& tx, core::PropertyId property, core::MeterId meter,
                              const HeldDefaults& defaults, PlanCache& plans, core::Timestamp now) {
    plans.trim();
    const auto mark = lock_mark(tx, property, meter);
    if (!mark) {
        return {};
    }
    auto out = charge(tx, property, meter, *mark, defaults, plans, false, now);
    out.cut_off = apply_cut_off(tx, property, meter, defaults.alarms, now);
    return out;
}

HeldClosing close_held_meter(Transaction& tx, core::PropertyId property, core::MeterId meter,
                             const HeldDefaults& defaults, PlanCache& plans, core::Timestamp now) {
    plans.trim();
    HeldClosing out;
    auto mark = lock_mark(tx, property, meter);
    if (!mark) {
        throw NotFound("meter " + std::to_string(meter.value) + " is not charged by the server");
    }
    do {
        out.last = charge(tx, property, meter, *mark, defaults, plans, true, now);
        if (!out.last.stopped.empty()) {
            return out;
        }
        mark = lock_mark(tx, property, meter);
    } while (out.last.more && mark);
    const auto account = mark->account;
    out.balance = credit_of(tx, property, account, meter);
    if (out.balance != core::Money{}) {
        EntryNotes notes;
        notes.account = account;
        notes.meter = meter;
        notes.booked_at = now;
        notes.memo = "the account is closed";
        out.entry = insert_entry(tx, property, core::settlement_entry(account, out.balance), notes);
    }
    tx.exec(
        "UPDATE held_charge SET ended_at = $3 WHERE property_id = $1 AND meter_id = $2 AND ended_at IS NULL",
        property, meter, now);
    tx.exec("DELETE FROM held_due WHERE property_id = $1 AND meter_id = $2", property, meter);
    clear_credit_alarms(tx, property, meter, now);
    tx.exec(
        "UPDATE meter_state SET balance_e4 = NULL, alarm_level = 0, changed_xid = pg_current_xact_id() WHERE "
        "property_id = $1 AND meter_id = $2",
        property, meter);
    out.account_closed = end_link_and_close(tx, property, account, meter, now);
    if (out.account_closed) {
        book_closing_residue(tx, property, account, meter, now);
    }
    return out;
}

}  // namespace wutong::storage
