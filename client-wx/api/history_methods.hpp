#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class ReportEnergyRequest;
class ReportEnergyResponse;
class ReportLossesRequest;
class ReportLossesResponse;
}  // namespace wutong::v1

namespace wutong::client::method {

// HistoryService
inline constexpr Unary<v1::ReportEnergyRequest, v1::ReportEnergyResponse> report_energy{
    "/wutong.v1.HistoryService/ReportEnergy", Repeat::freely, std::chrono::milliseconds{20000}};
inline constexpr Unary<v1::ReportLossesRequest, v1::ReportLossesResponse> report_losses{
    "/wutong.v1.HistoryService/ReportLosses", Repeat::freely, std::chrono::milliseconds{20000}};

}  // namespace wutong::client::method
