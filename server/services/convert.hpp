#pragma once

#include <google/protobuf/timestamp.pb.h>
#include <wutong/v1/common.pb.h>

#include <optional>
#include <string>

#include "core/ledger.hpp"
#include "core/time.hpp"

/// Between the API's shapes and the domain's.
namespace wutong::server {

[[nodiscard]] google::protobuf::Timestamp to_timestamp(core::Timestamp time);
/// @throws Refused INVALID_ARGUMENT naming `field` for a time outside the years 1 to 9999
[[nodiscard]] core::Timestamp from_timestamp(const google::protobuf::Timestamp& time, const char* field);

/// Of a field that may be absent.
[[nodiscard]] std::optional<core::Timestamp> optional_time(bool has, const google::protobuf::Timestamp& time,
                                                           const char* field);

[[nodiscard]] v1::TenderMethod to_proto(core::TenderMethod method);
/// @throws Refused INVALID_ARGUMENT naming `field` when it is not one of the known ways to pay
[[nodiscard]] core::TenderMethod tender_method(v1::TenderMethod method, const char* field = "method");

}  // namespace wutong::server
