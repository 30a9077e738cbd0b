#include "server/services/convert.hpp"

#include <chrono>

#include "server/call.hpp"

namespace wutong::server {

google::protobuf::Timestamp to_timestamp(core::Timestamp time) {
    const auto since_epoch = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    google::protobuf::Timestamp out;
    out.set_seconds(seconds.count());
    out.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds{since_epoch - seconds}.count()));
    return out;
}

core::Timestamp from_timestamp(const google::protobuf::Timestamp& time, const char* field) {
    constexpr std::int64_t kFirst = -62'135'596'800;  // 0001-01-01
    constexpr std::int64_t kLast = 253'402'300'799;   // 9999-12-31 23:59:59
    if (time.seconds() < kFirst || time.seconds() > kLast || time.nanos() < 0 || time.nanos() > 999'999'999) {
        throw invalid(field, "is not a time between the years 1 and 9999");
    }
    return core::Timestamp{
        std::chrono::seconds{time.seconds()} +
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{time.nanos()})};
}

std::optional<core::Timestamp> optional_time(bool has, const google::protobuf::Timestamp& time,
                                             const char* field) {
    return has ? std::optional{from_timestamp(time, field)} : std::nullopt;
}

v1::TenderMethod to_proto(core::TenderMethod method) {
    return static_cast<v1::TenderMethod>(static_cast<int>(method));
}

core::TenderMethod tender_method(v1::TenderMethod method, const char* field) {
    switch (method) {
        case v1::TENDER_METHOD_CASH:
            return core::TenderMethod::cash;
        case v1::TENDER_METHOD_CARD:
            return core::TenderMethod::card;
        case v1::TENDER_METHOD_TRANSFER:
            return core::TenderMethod::transfer;
        case v1::TENDER_METHOD_CHEQUE:
            return core::TenderMethod::cheque;
        case v1::TENDER_METHOD_ONLINE:
            return core::TenderMethod::online;
        default:
            throw invalid(field, "must say how it is paid: cash, card, transfer, cheque or online");
    }
}

}  // namespace wutong::server
