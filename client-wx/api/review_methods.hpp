#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class DecideDoubtedReadingRequest;
class DoubtedReading;
class ListDoubtedReadingsRequest;
class ListDoubtedReadingsResponse;
}  // namespace wutong::v1

namespace wutong::client::method {

// ReviewService
inline constexpr Unary<v1::ListDoubtedReadingsRequest, v1::ListDoubtedReadingsResponse> list_doubted_readings{
    "/wutong.v1.ReviewService/ListDoubtedReadings", Repeat::freely};
inline constexpr Unary<v1::DecideDoubtedReadingRequest, v1::DoubtedReading> decide_doubted_reading{
    "/wutong.v1.ReviewService/DecideDoubtedReading", Repeat::with_same_request};

}  // namespace wutong::client::method
