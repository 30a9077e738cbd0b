#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/command.hpp"
#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/fence.hpp"

namespace wutong::storage {

struct StoredCommand {
    core::PropertyId property;
    core::CommandId id;
    core::MeterId meter;
    std::string meter_code;
    core::ChannelId channel;  ///< the meter's, now
    int bus_address = 0;      ///< likewise
    core::CommandKind kind = core::CommandKind::read_now;
    std::string arguments = "{}";  ///< JSON
    core::CommandState state = core::CommandState::queued;
    std::string reason;
    std::string result = "{}";  ///< JSON
    core::Timestamp created_at, expires_at;
    std::optional<core::Timestamp> started_at, sent_at, finished_at;
    int attempts = 0;
    core::OperatorId operator_id;
    std::string request_id, batch_id;  ///< UUID or ""
    bool held = false;                 ///< its batch is paused
    // For people; empty in claims.
    std::string operator_name;  ///< full name, else the name to sign in with
    std::string unit_code;
};

inline constexpr int kCommandBatchMax = 10'000;

struct NewCommands {
    core::PropertyId property;
    std::vector<core::MeterId> meters;  ///< at most kCommandBatchMax
    core::CommandKind kind = core::CommandKind::read_now;
    std::string arguments = "{}";  ///< the same for all
    core::Timestamp expires_at;
    core::OperatorId operator_id;
    std::string request_id, batch_id;  ///< UUID or ""
};
/// One statement, whatever the number of meters. @return ids in the order of `meters`
std::vector<core::CommandId> insert_commands(Transaction& tx, const NewCommands& commands);

// ---- for the collector ---------------------------------------------------------------------------
/// Commands that wait, relay commands first, on channels whose lease the fences prove; also those that a
/// crashed collector left running under an older epoch (every kind may be sent twice). Held ones stay where
/// they are. Expired ones are left to expire_commands. But a set_price that was sent keeps `sent_at`, and is
/// handed out held or not for core::kPriceFoundOutWithin after its expiry, so that somebody finds out which
/// price the meter charges.
[[nodiscard]] std::vector<StoredCommand> claim_commands(Transaction& tx, const std::vector<Fence>& fences,
                                                        core::Timestamp now, int limit);

enum class StillWanted {
    yes,
    too_late,  ///< set_price only: it was sent before, and its time is over. It goes on running: find out
               ///< what the meter has made of it, and finish it
    expired,
    cancelled,
    held,
};
/// Right before the first byte goes out, and again before each repetition: marks the command as sent, after
/// which it can't be cancelled. When it is no longer wanted nothing may be sent; an expired one is then
/// finished here, and one whose batch was paused meanwhile goes back into the queue.
/// @throws LeaseLost
[[nodiscard]] StillWanted is_still_wanted(Transaction& tx, const Fence& fence, core::CommandId id,
                                          core::Timestamp now);

/// What a set_price has left on the meter.
struct PriceFound {
    /// The register when that was read: what was used until then is booked at the old price, what comes after
    /// it at the new one. Empty: the newest state known.
    std::optional<core::Energy> energy;
    std::optional<core::Price> price;  ///< read back; for one that was done the command's own will do
    std::string doubt;  ///< why nobody knows which price the meter charges: raises the alarm price_unknown
};
/// Consumption is booked at the price that was found, however the command ended.
/// Finishing twice changes nothing. @pre state is done, failed or expired @throws LeaseLost
void finish_command(Transaction& tx, const Fence& fence, core::CommandId id, core::CommandState state,
                    const std::string& reason, const std::string& result_json, core::Timestamp now,
                    const PriceFound& found = {});

/// The meter is away: back into the queue, to be claimed again. @throws LeaseLost
void put_back_command(Transaction& tx, const Fence& fence, core::CommandId id);

/// Puts back what runs under these fences and is not `in_hand`: a claim whose commit was answered with
/// CommitUnknown may have happened without the collector ever seeing its rows. Cheap; call it with the
/// regular sweep, from where claims are made. @return how many
int put_back_forgotten_commands(Transaction& tx, const std::vector<Fence>& fences,
                                const std::vector<core::CommandId>& in_hand);

// ---- for both ------------------------------------------------------------------------------------
/// Queued commands past their time, and running ones that nobody finished within ten minutes after it; a
/// set_price that was sent after core::kPriceFoundOutWithin, with an alarm.
/// @return how many
int expire_commands(Transaction& tx, core::Timestamp now, int limit);

// ---- for the server ------------------------------------------------------------------------------
/// @return false: it was sent already, or is finished. @throws NotFound
[[nodiscard]] bool cancel_command(Transaction& tx, core::PropertyId property, core::CommandId id,
                                  const std::string& reason, core::Timestamp now);

[[nodiscard]] std::optional<StoredCommand> find_command(Transaction& tx, core::PropertyId property,
                                                        core::CommandId id);

/// Those of `ids` that are there, in no order.
[[nodiscard]] std::vector<StoredCommand> find_commands(Transaction& tx, core::PropertyId property,
                                                       const std::vector<std::int64_t>& ids);

struct CommandFilter {
    core::PropertyId property;
    core::MeterId meter;   ///< 0: any
    std::string batch_id;  ///< UUID, or "": any
    bool unfinished_only = false;
    std::optional<core::CommandKind> kind{};
    std::optional<core::CommandState> state{};
    std::optional<core::Timestamp> from{};  ///< of created_at; included
    std::optional<core::Timestamp> to{};    ///< excluded
};
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredCommand> list_commands(Transaction& tx, const CommandFilter& filter,
                                                       core::CommandId before, int limit);

}  // namespace wutong::storage
