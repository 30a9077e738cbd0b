#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/price_download.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/tariffs.hpp"

/// Prices of plans on their way to the meters. What is to be done is decided by core/price_download.hpp; here
/// are the rows.
namespace wutong::storage {

/// Properties in which a plan is assigned to somebody, or a price is on its way.
[[nodiscard]] std::vector<core::PropertyId> properties_with_tariffs(Transaction& tx);

/// What decides who is charged by what: when none of it has changed, no meter's plan has.
struct TariffMarks {
    std::chrono::local_days today;
    std::int64_t newest_assignment = 0, newest_version = 0;
    friend bool operator==(const TariffMarks&, const TariffMarks&) = default;
};
[[nodiscard]] TariffMarks tariff_marks(Transaction& tx, core::PropertyId property, core::Timestamp now);

/// A meter that has an account, opened on it, with the plan in force today.
struct ChargedMeter {
    core::MeterId meter;
    core::AccountId account;
    std::string profile;
    std::optional<core::Price> held;
    TariffPlanId plan;  ///< 0: none
    std::chrono::local_days version;
    core::Timestamp due_at;  ///< when this began to hold for the meter and its account
    core::OperatorId ordered_by;
    // Of the price that the meter confirmed last.
    std::optional<core::Price> changed_from;
    std::optional<core::Timestamp> changed_at;
    std::optional<core::PriceDownload> kept;
    core::AccountId kept_account;
    core::OperatorId kept_ordered_by;
    core::CommandId command;
    bool command_open = false;
};
/// By meter, after `after`. @param on_its_way only meters with a price on its way @param limit 1 to 1000
[[nodiscard]] std::vector<ChargedMeter> list_charged_meters(Transaction& tx, core::PropertyId property,
                                                            std::chrono::local_days today, bool on_its_way,
                                                            core::MeterId after, int limit);

/// Keeps a new one. @return false: another server was first, nothing was changed
[[nodiscard]] bool begin_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter,
                                        const core::PlanPrice& wanted, core::Timestamp now);
/// Locks what is kept of the meter. @return false: it is not as it was read, so look again
[[nodiscard]] bool lock_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter);

/// All of these: @pre the row is locked, or was begun in this transaction.
/// Queues the price command, as one more attempt.
void send_plan_price(Transaction& tx, core::PropertyId property, core::MeterId meter,
                     const core::PlanPrice& wanted, core::OperatorId ordered_by, core::Timestamp now);
void pause_price_download(Transaction& tx, core::PropertyId property, core::MeterId meter,
                          const core::PriceDownloadDecision& decision);
/// The command that was queued for it, unless it was sent already.
void cancel_plan_price(Transaction& tx, core::PropertyId property, const ChargedMeter& meter,
                       core::Timestamp now);
void drop_price_download(Transaction& tx, core::PropertyId property, core::MeterId meter);
/// Notes what the meter's confirmation means for the tenant, and keeps nothing.
void confirm_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter);
/// Notes that the kept price was never there in its time, which ended at `until`, and keeps nothing.
void end_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter,
                        core::Timestamp until);

struct PriceDownloadRow {
    core::MeterId meter;
    std::string meter_code, unit_code, plan_name;
    core::PriceDownload download;
    std::optional<core::Price> held;
    std::string why;
    core::CommandId command;
    bool sent = false;  ///< the command is under way
    bool lost = false;  ///< the meter does not answer
};
/// @param building 0: any
[[nodiscard]] std::vector<PriceDownloadRow> list_price_downloads(Transaction& tx, core::PropertyId property,
                                                                 core::BuildingId building,
                                                                 core::MeterId after, int limit);

/// A price that a meter has confirmed, or one of a plan that never was there in its time.
struct PriceChangeRow {
    std::int64_t id = 0;  ///< 0: never there
    core::MeterId meter;
    core::AccountId account;
    std::string meter_code, account_number, plan_name;
    core::Timestamp at;  ///< of the confirmation, or when another price of the plan was due
    std::optional<core::Price> from;
    core::Price to;
    std::optional<core::Energy> energy;
    TariffPlanId plan;  ///< 0: set by hand
    std::optional<std::chrono::local_days> version;
    std::optional<core::Timestamp> effective_at;
    std::optional<core::Energy> late;
    std::optional<core::Money> difference;
};
struct PriceChangeFilter {
    core::MeterId meter;
    std::optional<core::Timestamp> from, to;
    bool late_only = false;
};
/// Newest first. @param before none, or the time that the page before ended with
[[nodiscard]] std::vector<PriceChangeRow> list_price_changes(Transaction& tx, core::PropertyId property,
                                                             const PriceChangeFilter& filter,
                                                             std::optional<core::Timestamp> before,
                                                             int limit);

}  // namespace wutong::storage
