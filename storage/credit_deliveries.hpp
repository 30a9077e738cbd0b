#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/fence.hpp"

/// Money on its way to a meter. core::step decides; here the decision is stored before it is acted on, and
/// booked.
namespace wutong::storage {

struct StoredDelivery {
    core::PropertyId property;
    core::DeliveryId id;
    core::MeterId meter;
    core::AccountId account;
    core::ChannelId channel;  ///< the meter's, now
    int bus_address = 0;      ///< likewise
    core::SaleId sale;        ///< 0: none
    core::CreditDelivery delivery;
    std::string settings = "{}";  ///< JSON: what an open or clear sets besides the balance
    std::string evidence = "[]";  ///< JSON array of frames with their times; empty in lists and claims
    core::EntryId entry;          ///< the entry that booked the outcome; 0: nothing booked
    core::Timestamp queued_at;
    std::optional<core::Timestamp> sent_at, finished_at, next_attempt_at;
    // For people; empty in claims.
    std::string meter_code, unit_code, account_number, customer;
    std::string operator_name;  ///< who sold it: full name, else the name to sign in with
    std::string point_code;     ///< where its receipt was given; "": the receipt has the sale's number
    std::int64_t receipt_no = 0;
};

struct NewDelivery {
    core::MeterId meter;
    core::AccountId account;
    core::SaleId sale;
    core::DeliveryKind kind = core::DeliveryKind::top_up;
    core::Money amount;  ///< change of the balance; negative for a refund, 0 for a clear
    std::string settings = "{}";
};
/// Without a sale (clear, reversal); a sale queues its own, see sales.hpp.
core::DeliveryId queue_delivery(Transaction& tx, core::PropertyId property, const NewDelivery& delivery);

// ---- for the collector ---------------------------------------------------------------------------
/// Deliveries that may be worked on now: per meter the oldest unfinished one, unless one of the meter is
/// quarantined, on channels whose lease the fences prove (the others are passed over). Also those that a
/// crashed collector left in `sending` or `unknown` under an older epoch: meet them with core::Restarted.
/// What this holder has already claimed under its epoch is not handed out again until put_back. Rows being
/// claimed by somebody else are skipped. `delivery.number_before` is the ledger's number for the meter as of
/// now.
[[nodiscard]] std::vector<StoredDelivery> claim_deliveries(Transaction& tx, const std::vector<Fence>& fences,
                                                           core::Timestamp now, int limit);

/// Stores what core::step returned, before its action is taken. @param evidence JSON array, appended (200
/// frames are kept)
/// @pre !delivery.finished() @throws LeaseLost
void store_step(Transaction& tx, const Fence& fence, core::DeliveryId id,
                const core::CreditDelivery& delivery, core::Timestamp now,
                const std::string& evidence = "[]");

/// The meter is away (core::TryLater): frees the claim until `next_attempt_at`. Store the step first. @throws
/// LeaseLost
void put_back_delivery(Transaction& tx, const Fence& fence, core::DeliveryId id,
                       core::Timestamp next_attempt_at);

/// Puts back what is claimed under these fences and is not `in_hand`: a claim whose commit was answered with
/// CommitUnknown may have happened without the collector ever seeing its rows. Cheap; call it with the
/// regular sweep, from where claims are made.
/// @return how many
int put_back_forgotten_deliveries(Transaction& tx, const std::vector<Fence>& fences,
                                  const std::vector<core::DeliveryId>& in_hand);

struct FinishedDelivery {
    bool already = false;  ///< it was finished before, and nothing was changed now
    core::DeliveryState state =
        core::DeliveryState::delivered;  ///< as stored; not always what was given when `already`
    core::EntryId entry;
    bool account_closed = false;  ///< a clear of the last meter closed the account
};
/// Stores a finished delivery and all that follows from it: the journal entry (core::entry_of_finished), the
/// meter's purchase number, newest balance, begin or end of its time on the account, the consumption up to a
/// clear, the account closed with its last meter when it is closing, an alarm for a quarantine. Finishing
/// twice changes nothing. @pre delivery.finished() @throws LeaseLost
FinishedDelivery finish_delivery(Transaction& tx, const Fence& fence, core::DeliveryId id,
                                 const core::CreditDelivery& delivery, core::Timestamp now,
                                 const std::string& evidence = "[]");

// ---- for the server ------------------------------------------------------------------------------
/// An operator's word on a quarantined delivery: books it as finish_delivery would have, clears the alarm
/// when it was the meter's last quarantined one, and takes the meter's newest purchase number as the
/// ledger's, so that the next delivery starts from what is there. @throws NotFound, core's std::logic_error
/// never: a delivery that is not quarantined gives `already`
FinishedDelivery settle_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                                 bool delivered, const std::string& reason, core::Timestamp now);

/// One operator's word on a quarantined delivery, that waits for another's.
struct PendingSettlement {
    bool delivered = false;
    std::string reason;
    core::OperatorId operator_id;
    std::string operator_name;
    core::Timestamp at;
};
/// Locks the delivery until the transaction ends: of two words that come at once the second sees the first.
/// Empty: none @throws NotFound
[[nodiscard]] std::optional<PendingSettlement> lock_settlement(Transaction& tx, core::PropertyId property,
                                                               core::DeliveryId id);
/// Takes the place of the one before.
void put_settlement(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                    const PendingSettlement& word);
[[nodiscard]] std::optional<PendingSettlement> find_settlement(Transaction& tx, core::PropertyId property,
                                                               core::DeliveryId id);

/// Takes back a delivery that nothing was sent of: refused, and its money released. A delivery that is
/// further, or that a collector has in hand, gives `already`. @throws NotFound
FinishedDelivery withdraw_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                                   const std::string& reason, core::Timestamp now);

[[nodiscard]] std::optional<StoredDelivery> find_delivery(Transaction& tx, core::PropertyId property,
                                                          core::DeliveryId id);

struct DeliveryFilter {
    core::PropertyId property;
    core::MeterId meter;           ///< 0: any
    core::AccountId account;       ///< 0: any
    bool unfinished_only = false;  ///< queued, sending, unknown, quarantined
    std::optional<core::DeliveryState> state{};
};
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredDelivery> list_deliveries(Transaction& tx, const DeliveryFilter& filter,
                                                          core::DeliveryId before, int limit);

}  // namespace wutong::storage
