#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class Archive;
class Feeds;
class GetArchiveRequest;
class GetFeedsRequest;
class ReportEnergyRequest;
class ReportEnergyResponse;
class ReportLossesRequest;
class ReportLossesResponse;
class RunArchiveRequest;
class SetFeedsRequest;
class SetFeedsResponse;
}  // namespace wutong::v1

namespace wutong::client::method {

// HistoryService
inline constexpr Unary<v1::ReportEnergyRequest, v1::ReportEnergyResponse> report_energy{
    "/wutong.v1.HistoryService/ReportEnergy", Repeat::freely, std::chrono::milliseconds{20000}};
inline constexpr Unary<v1::ReportLossesRequest, v1::ReportLossesResponse> report_losses{
    "/wutong.v1.HistoryService/ReportLosses", Repeat::freely, std::chrono::milliseconds{20000}};
inline constexpr Unary<v1::GetFeedsRequest, v1::Feeds> get_feeds{"/wutong.v1.HistoryService/GetFeeds",
                                                                 Repeat::freely};
inline constexpr Unary<v1::SetFeedsRequest, v1::SetFeedsResponse> set_feeds{
    "/wutong.v1.HistoryService/SetFeeds", Repeat::with_same_request};
inline constexpr Unary<v1::GetArchiveRequest, v1::Archive> get_archive{"/wutong.v1.HistoryService/GetArchive",
                                                                       Repeat::freely};
inline constexpr Unary<v1::RunArchiveRequest, v1::Archive> run_archive{"/wutong.v1.HistoryService/RunArchive",
                                                                       Repeat::with_same_request};

}  // namespace wutong::client::method
