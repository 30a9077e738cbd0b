#include "storage/alarms.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

bool raise_alarm(Transaction& tx, const AlarmSubject& subject, const std::string& kind,
                 const std::string& text, core::Timestamp at) {
    // The unique index over live alarms decides, so that two collectors can't raise it twice.
    const auto rows = tx.exec(R"(
        INSERT INTO alarm (property_id, meter_id, channel_id, gateway_id, kind, text, raised_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (property_id, kind, COALESCE(meter_id, 0), COALESCE(channel_id, 0), COALESCE(gateway_id, 0))
            WHERE cleared_at IS NULL DO NOTHING
        RETURNING alarm_id)",
                              subject.property, null_if_none(subject.meter), null_if_none(subject.channel),
                              null_if_none(subject.gateway), kind, text, at);
    return !rows.empty();
}

bool clear_alarm(Transaction& tx, const AlarmSubject& subject, const std::string& kind, core::Timestamp at) {
    const auto rows = tx.exec(R"(
        UPDATE alarm SET cleared_at = greatest(raised_at, $6::timestamptz)
        WHERE property_id = $1 AND COALESCE(meter_id, 0) = $2::bigint AND COALESCE(channel_id, 0) = $3::bigint
          AND COALESCE(gateway_id, 0) = $4::bigint AND kind = $5 AND cleared_at IS NULL
        RETURNING alarm_id)",
                              subject.property, subject.meter, subject.channel, subject.gateway, kind, at);
    return !rows.empty();
}

}  // namespace wutong::storage
