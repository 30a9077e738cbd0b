#include "storage/commands.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "storage/alarms.hpp"
#include "storage/consumption.hpp"
#include "storage/cut_off.hpp"
#include "storage/fenced.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_COMMAND_COLUMNS                                                                                    \
    "k.property_id, k.command_id, k.meter_id, m.code AS meter_code, m.channel_id, COALESCE(m.bus_address, 0) AS bus_address, k.kind, k.arguments::text AS arguments, "   \
    "k.state, k.reason, k.result::text AS result, k.created_at, k.expires_at, k.started_at, k.sent_at, k.finished_at, "       \
    "k.attempts, k.operator_id, COALESCE(k.request_id::text, '') AS request_id, COALESCE(k.batch_id::text, '') AS batch_id, k.held "
// What people are shown besides; the collector's role may not read it.
#define WUTONG_SHOWN_COMMANDS                                                                                     \
    "SELECT " WUTONG_COMMAND_COLUMNS                                                                              \
    ", COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name, COALESCE(u.code, '') AS unit_code "        \
    "FROM command k JOIN meter m USING (property_id, meter_id) "                                                  \
    "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "                                \
    "LEFT JOIN operator o ON o.operator_id = k.operator_id "
// clang-format on
// A price that may be on the meter already: until somebody has looked, nobody knows at which one to book.
#define WUTONG_SENT_PRICE "(k.kind = 'set_price' AND k.sent_at IS NOT NULL)"
#define WUTONG_SENT_AT_KEPT "CASE WHEN k.kind = 'set_price' THEN k.sent_at END"
constexpr std::int64_t kFindOutSeconds = std::chrono::seconds{core::kPriceFoundOutWithin}.count();

StoredCommand read(const pqxx::row& row) {
    StoredCommand command;
    command.property = get<core::PropertyId>(row, "property_id");
    command.id = get<core::CommandId>(row, "command_id");
    command.meter = get<core::MeterId>(row, "meter_id");
    command.meter_code = get<std::string>(row, "meter_code");
    command.channel = get<core::ChannelId>(row, "channel_id");
    command.bus_address = get<int>(row, "bus_address");
    command.kind = core::parse_command_kind(get<std::string>(row, "kind"));
    command.arguments = get<std::string>(row, "arguments");
    command.state = core::parse_command_state(get<std::string>(row, "state"));
    command.reason = get<std::string>(row, "reason");
    command.result = get<std::string>(row, "result");
    command.created_at = get<core::Timestamp>(row, "created_at");
    command.expires_at = get<core::Timestamp>(row, "expires_at");
    command.started_at = get<std::optional<core::Timestamp>>(row, "started_at");
    command.sent_at = get<std::optional<core::Timestamp>>(row, "sent_at");
    command.finished_at = get<std::optional<core::Timestamp>>(row, "finished_at");
    command.attempts = get<int>(row, "attempts");
    command.operator_id = get<core::OperatorId>(row, "operator_id");
    command.request_id = get<std::string>(row, "request_id");
    command.batch_id = get<std::string>(row, "batch_id");
    command.held = get<bool>(row, "held");
    return command;
}

StoredCommand read_shown(const pqxx::row& row) {
    StoredCommand command = read(row);
    command.operator_name = get<std::string>(row, "operator_name");
    command.unit_code = get<std::string>(row, "unit_code");
    return command;
}

std::vector<StoredCommand> read_all(const pqxx::result& rows) {
    std::vector<StoredCommand> commands;
    for (const auto& row : rows) {
        commands.push_back(read(row));
    }
    return commands;
}

std::vector<StoredCommand> read_all_shown(const pqxx::result& rows) {
    std::vector<StoredCommand> commands;
    for (const auto& row : rows) {
        commands.push_back(read_shown(row));
    }
    return commands;
}

SqlValue null_if_empty(const std::string& text) {
    return text.empty() ? SqlValue(nullptr) : SqlValue(text);
}

struct Claimed {
    core::CommandState state = core::CommandState::queued;
    bool mine = false;
};

/// The row, locked. `mine`: running under this very claim.
Claimed lock(Transaction& tx, const Fence& fence, core::CommandId id) {
    const auto rows = tx.exec(
        "SELECT state, state = 'running' AND claimed_by = $3 AND claim_epoch = $4 AS mine FROM command "
        "WHERE property_id = $1 AND command_id = $2 FOR NO KEY UPDATE",
        fence.property, id, fence.holder, fence.epoch);
    if (rows.empty()) {
        throw NotFound("command " + std::to_string(id.value) + " of property " +
                       std::to_string(fence.property.value) + " is not there");
    }
    return {core::parse_command_state(get<std::string>(rows[0], "state")),
            get<std::optional<bool>>(rows[0], "mine").value_or(false)};
}

bool is_finished(core::CommandState state) {
    return state != core::CommandState::queued && state != core::CommandState::running;
}

/// @throws LeaseLost unless the command runs under this claim and the channel is still leased so
void require_claim(Transaction& tx, const Fence& fence, const Claimed& claimed) {
    if (!claimed.mine) {
        throw LeaseLost("the command was handed to somebody else; " + detail::describe(fence));
    }
    detail::require_lease(tx, fence);
}

}  // namespace

std::vector<core::CommandId> insert_commands(Transaction& tx, const NewCommands& commands) {
    if (commands.meters.empty() || commands.meters.size() > static_cast<std::size_t>(kCommandBatchMax)) {
        throw std::invalid_argument("a batch takes 1 to " + std::to_string(kCommandBatchMax) +
                                    " meters, not " + std::to_string(commands.meters.size()));
    }
    std::vector<core::CommandId> ids;
    // The keys are given in the order of the rows, which is that of the meters.
    for (const auto& row :
         tx.exec("WITH made AS (INSERT INTO command (property_id, meter_id, kind, arguments, expires_at, "
                 "operator_id, request_id, batch_id) "
                 "SELECT $1, u.meter_id, $3, $4::jsonb, $5, $6, $7, $8 FROM unnest($2::bigint[]) WITH "
                 "ORDINALITY AS u(meter_id, n) "
                 "ORDER BY u.n RETURNING command_id) SELECT command_id FROM made ORDER BY command_id",
                 commands.property, commands.meters, core::to_string(commands.kind), commands.arguments,
                 commands.expires_at, null_if_none(commands.operator_id), null_if_empty(commands.request_id),
                 null_if_empty(commands.batch_id))) {
        ids.push_back(get<core::CommandId>(row, "command_id"));
    }
    return ids;
}

std::vector<StoredCommand> claim_commands(Transaction& tx, const std::vector<Fence>& fences,
                                          core::Timestamp now, int limit) {
    const detail::FenceColumns columns(fences);
    return read_all(tx.exec(
        // From what waits (little) to the channels, not from the channels to their meters (many).
        "WITH waiting AS MATERIALIZED (SELECT property_id, command_id, meter_id FROM command k WHERE state "
        "IN "
        "('queued', 'running') AND (NOT held OR " WUTONG_SENT_PRICE
        ")), "
        "placed AS MATERIALIZED (SELECT w.property_id, w.command_id, m.channel_id FROM waiting w "
        "JOIN meter m ON m.property_id = w.property_id AND m.meter_id = w.meter_id AND m.enabled), "
        "held AS MATERIALIZED (SELECT c.property_id, c.channel_id, c.lease_holder, c.lease_epoch "
        "FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS f(property_id, channel_id, "
        "holder, epoch) "
        "JOIN channel c ON c.property_id = f.property_id AND c.channel_id = f.channel_id AND c.lease_holder "
        "= f.holder "
        "AND c.lease_epoch = f.epoch), "
        "leased AS MATERIALIZED (SELECT p.property_id, p.command_id, h.lease_holder, h.lease_epoch FROM "
        "placed p "
        "JOIN held h ON h.property_id = p.property_id AND h.channel_id = p.channel_id), "
        "pick AS MATERIALIZED (SELECT k.property_id, k.command_id, c.lease_holder, c.lease_epoch FROM leased "
        "c "
        "JOIN command k ON k.property_id = c.property_id AND k.command_id = c.command_id "
        "WHERE k.state IN ('queued', 'running') AND (NOT k.held OR " WUTONG_SENT_PRICE
        ") AND (k.expires_at > $5 OR (" WUTONG_SENT_PRICE
        " AND k.expires_at > $5 - make_interval(secs => $7::int))) AND (k.state = 'queued' "
        "OR (k.claimed_by, k.claim_epoch) IS DISTINCT FROM (c.lease_holder, c.lease_epoch)) "
        "ORDER BY k.kind NOT IN ('guarantee_power', 'restore_prepaid', 'switch_off'), k.command_id "
        "LIMIT $6 FOR NO KEY UPDATE OF k SKIP LOCKED), "
        "taken AS (UPDATE command k SET state = 'running', started_at = $5, "
        "sent_at = " WUTONG_SENT_AT_KEPT
        ", attempts = attempts + 1, "
        "claimed_by = p.lease_holder, claim_epoch = p.lease_epoch FROM pick p "
        "WHERE k.property_id = p.property_id AND k.command_id = p.command_id RETURNING k.*) "
        "SELECT " WUTONG_COMMAND_COLUMNS
        "FROM taken k JOIN meter m USING (property_id, meter_id) "
        "ORDER BY k.kind NOT IN ('guarantee_power', 'restore_prepaid', 'switch_off'), k.command_id",
        columns.properties, columns.channels, columns.holders, columns.epochs, now, checked_limit(limit),
        kFindOutSeconds));
}

StillWanted is_still_wanted(Transaction& tx, const Fence& fence, core::CommandId id, core::Timestamp now) {
    const Claimed claimed = lock(tx, fence, id);
    if (claimed.state == core::CommandState::cancelled) {
        return StillWanted::cancelled;
    }
    if (claimed.state == core::CommandState::expired) {
        return StillWanted::expired;
    }
    require_claim(tx, fence, claimed);
    const auto held = tx.exec(
        "UPDATE command SET state = 'queued', claimed_by = NULL, claim_epoch = NULL WHERE property_id = $1 "
        "AND command_id = $2 AND held AND sent_at IS NULL",
        fence.property, id);
    if (held.affected_rows() > 0) {
        return StillWanted::held;
    }
    // Also after a first attempt that got no answer: nobody who has paid since is switched off.
    const auto paid = tx.exec(
        "UPDATE command k SET state = 'cancelled', finished_at = $3, "
        "reason = CASE WHEN k.sent_at IS NULL THEN 'the tenant has paid meanwhile' "
        "ELSE 'the tenant has paid meanwhile; an earlier attempt got no answer, look at the relay' END "
        "WHERE k.property_id = $1 AND k.command_id = $2 AND k.kind = 'switch_off' AND EXISTS "
        "(SELECT FROM credit_delivery d WHERE d.property_id = k.property_id AND d.meter_id = k.meter_id "
        "AND d.kind IN ('open', 'top_up') AND d.queued_at > k.created_at AND d.state <> 'refused')",
        fence.property, id, now);
    if (paid.affected_rows() > 0 || cancel_if_forbidden(tx, fence.property, id, now)) {
        return StillWanted::cancelled;
    }
    const auto row = tx.exec1(
        // A price that was sent once may be on the meter since then.
        "UPDATE command k SET sent_at = CASE WHEN " WUTONG_SENT_PRICE
        " OR expires_at <= $3 THEN sent_at ELSE $3 END, "
        "state = CASE WHEN expires_at > $3 OR " WUTONG_SENT_PRICE
        " THEN state ELSE 'expired' END, "
        "finished_at = CASE WHEN expires_at > $3 OR " WUTONG_SENT_PRICE
        " THEN finished_at ELSE $3 END, "
        "reason = CASE WHEN expires_at > $3 OR " WUTONG_SENT_PRICE
        " THEN reason ELSE 'it was too late to send it' END "
        "WHERE property_id = $1 AND command_id = $2 RETURNING state = 'running' AS running, expires_at > $3 "
        "AS in_time",
        fence.property, id, now);
    if (!get<bool>(row, "running")) {
        return StillWanted::expired;
    }
    return get<bool>(row, "in_time") ? StillWanted::yes : StillWanted::too_late;
}

void finish_command(Transaction& tx, const Fence& fence, core::CommandId id, core::CommandState state,
                    const std::string& reason, const std::string& result_json, core::Timestamp now,
                    const PriceFound& found) {
    if (state != core::CommandState::done && state != core::CommandState::failed &&
        state != core::CommandState::expired) {
        throw std::logic_error(
            std::string("a collector finishes a command as done, failed or expired, not as ") +
            core::to_string(state));
    }
    const Claimed claimed = lock(tx, fence, id);
    if (claimed.state == state) {
        return;
    }
    if (is_finished(claimed.state)) {
        throw LeaseLost(std::string("the command was finished as ") + core::to_string(claimed.state) +
                        " by somebody else");
    }
    require_claim(tx, fence, claimed);
    const auto row = tx.exec1(
        "UPDATE command SET state = $3, reason = left($4, 2000), result = $5::jsonb, finished_at = $6 "
        "WHERE property_id = $1 AND command_id = $2 RETURNING kind, meter_id, arguments::text AS arguments, "
        "sent_at",
        fence.property, id, core::to_string(state), reason, result_json, now);
    if (get<std::string>(row, "kind") != core::to_string(core::CommandKind::set_price)) {
        return;
    }
    const AlarmSubject subject{fence.property, get<core::MeterId>(row, "meter_id"), {}, {}};
    auto price = found.price;
    if (!price && state == core::CommandState::done) {
        const auto arguments = nlohmann::json::parse(get<std::string>(row, "arguments"));
        price = core::Price{arguments.at("price_e4").get<std::int64_t>()};
    }
    if (price) {
        change_booked_price(tx, fence.property, subject.meter, *price, found.energy, now, id,
                            get<std::optional<core::Timestamp>>(row, "sent_at"));
        clear_alarm(tx, subject, "price_unknown", now);
    } else if (!found.doubt.empty()) {
        raise_alarm(tx, subject, "price_unknown",
                    "command " + std::to_string(id.value) +
                        " set a price, and nobody knows whether the meter charges it: " +
                        found.doubt.substr(0, 1'500) + ". Consumption is booked at the price from before.",
                    now);
    }
}

void put_back_command(Transaction& tx, const Fence& fence, core::CommandId id) {
    const Claimed claimed = lock(tx, fence, id);
    if (is_finished(claimed.state)) {
        return;
    }
    require_claim(tx, fence, claimed);
    tx.exec(
        "UPDATE command k SET state = 'queued', claimed_by = NULL, claim_epoch = NULL, "
        "sent_at = " WUTONG_SENT_AT_KEPT " WHERE property_id = $1 AND command_id = $2",
        fence.property, id);
}

int put_back_forgotten_commands(Transaction& tx, const std::vector<Fence>& fences,
                                const std::vector<core::CommandId>& in_hand) {
    const detail::FenceColumns columns(fences);
    const auto rows = tx.exec(
        // As for claims: from what runs (little) to the channels.
        "WITH running AS MATERIALIZED (SELECT k.property_id, k.command_id, k.meter_id, k.claimed_by, "
        "k.claim_epoch FROM command k WHERE k.state IN ('queued', 'running') AND k.state = 'running' "
        "AND k.command_id <> ALL ($5::bigint[])), "
        "forgotten AS MATERIALIZED (SELECT r.* FROM running r "
        "JOIN meter m ON m.property_id = r.property_id AND m.meter_id = r.meter_id "
        "JOIN unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS f(property_id, channel_id, "
        "holder, epoch) ON m.property_id = f.property_id AND m.channel_id = f.channel_id AND r.claimed_by = "
        "f.holder AND r.claim_epoch = f.epoch) "
        "UPDATE command k SET state = 'queued', claimed_by = NULL, claim_epoch = NULL, "
        "sent_at = " WUTONG_SENT_AT_KEPT
        " FROM forgotten f WHERE k.property_id = f.property_id AND k.command_id = f.command_id "
        "AND k.state = 'running' AND k.claimed_by = f.claimed_by AND k.claim_epoch = f.claim_epoch",
        columns.properties, columns.channels, columns.holders, columns.epochs, in_hand);
    return static_cast<int>(rows.affected_rows());
}

int expire_commands(Transaction& tx, core::Timestamp now, int limit) {
    const auto row = tx.exec1(
        "WITH late AS MATERIALIZED (SELECT property_id, command_id FROM command k WHERE "
        "state IN ('queued', 'running') AND expires_at <= $1::timestamptz - make_interval(secs => "
        "CASE WHEN " WUTONG_SENT_PRICE
        " THEN $3::int WHEN state = 'running' THEN 600 ELSE 0 END) "
        "ORDER BY property_id, command_id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED), "
        "ended AS (UPDATE command k SET state = 'expired', finished_at = $1, reason = CASE "
        "WHEN " WUTONG_SENT_PRICE
        " THEN 'the price was sent, and the meter could not be read for a day' "
        "WHEN k.state = 'queued' THEN 'the meter could not be reached in time' "
        "ELSE 'the collector did not say how it ended' END "
        "FROM late WHERE k.property_id = late.property_id AND k.command_id = late.command_id RETURNING k.*), "
        "told AS (INSERT INTO alarm (property_id, meter_id, kind, text, raised_at) "
        "SELECT DISTINCT ON (k.property_id, k.meter_id) k.property_id, k.meter_id, 'price_unknown', "
        "'command ' || k.command_id || ' set a price, and nobody knows whether the meter charges it: ' || "
        "k.reason || '. Consumption is booked at the price from before.', $1 "
        "FROM ended k WHERE " WUTONG_SENT_PRICE
        " ORDER BY k.property_id, k.meter_id, k.command_id DESC "
        "ON CONFLICT (property_id, kind, COALESCE(meter_id, 0), COALESCE(channel_id, 0), "
        "COALESCE(gateway_id, 0)) WHERE cleared_at IS NULL DO NOTHING) "
        "SELECT count(*)::int AS ended FROM ended",
        now, checked_limit(limit), kFindOutSeconds);
    return get<int>(row, "ended");
}

bool cancel_command(Transaction& tx, core::PropertyId property, core::CommandId id, const std::string& reason,
                    core::Timestamp now) {
    const auto rows = tx.exec(
        "UPDATE command SET state = 'cancelled', finished_at = $4, reason = left($3, 2000) WHERE property_id "
        "= $1 AND command_id = $2 "
        "AND state IN ('queued', 'running') AND sent_at IS NULL",
        property, id, reason, now);
    if (rows.affected_rows() == 1) {
        return true;
    }
    if (!find_command(tx, property, id)) {
        throw NotFound("command " + std::to_string(id.value) + " of property " +
                       std::to_string(property.value) + " is not there");
    }
    return false;
}

std::optional<StoredCommand> find_command(Transaction& tx, core::PropertyId property, core::CommandId id) {
    const auto rows =
        tx.exec(WUTONG_SHOWN_COMMANDS "WHERE k.property_id = $1 AND k.command_id = $2", property, id);
    return rows.empty() ? std::nullopt : std::optional(read_shown(rows[0]));
}

std::vector<StoredCommand> find_commands(Transaction& tx, core::PropertyId property,
                                         const std::vector<std::int64_t>& ids) {
    return read_all_shown(tx.exec(WUTONG_SHOWN_COMMANDS
                                  "WHERE k.property_id = $1 AND k.command_id = ANY ($2::bigint[])",
                                  property, ids));
}

// clang-format off
#define WUTONG_COMMAND_PAGE                                                                                       \
    "WHERE k.property_id = $1 AND k.command_id < $2 AND ($3::bigint IS NULL OR k.meter_id = $3) "                 \
    "AND ($4::uuid IS NULL OR k.batch_id = $4) AND ($5::text IS NULL OR k.kind = $5) "                            \
    "AND ($6::text IS NULL OR k.state = $6) AND ($7::timestamptz IS NULL OR k.created_at >= $7) "                 \
    "AND ($8::timestamptz IS NULL OR k.created_at < $8) "
// clang-format on

std::vector<StoredCommand> list_commands(Transaction& tx, const CommandFilter& filter, core::CommandId before,
                                         int limit) {
    // Two statements: only one that says it outright may use the small index of what is unfinished.
    const char* all = WUTONG_SHOWN_COMMANDS WUTONG_COMMAND_PAGE "ORDER BY k.command_id DESC LIMIT $9";
    const char* unfinished = WUTONG_SHOWN_COMMANDS WUTONG_COMMAND_PAGE
        "AND k.state IN ('queued', 'running') ORDER BY k.command_id DESC LIMIT $9";
    const auto name = [](const auto& value) {
        return value ? std::optional<std::string>(core::to_string(*value)) : std::nullopt;
    };
    return read_all_shown(tx.exec(filter.unfinished_only ? unfinished : all, filter.property,
                                  below(before.value), null_if_none(filter.meter),
                                  null_if_empty(filter.batch_id), name(filter.kind), name(filter.state),
                                  filter.from, filter.to, checked_limit(limit)));
}

}  // namespace wutong::storage
