#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class AddTariffVersionRequest;
class AssignTariffRequest;
class CheckTariffVersionRequest;
class CheckTariffVersionResponse;
class CreateTariffPlanRequest;
class GetTariffPlanRequest;
class ListTariffAssignmentsRequest;
class ListTariffAssignmentsResponse;
class ListTariffDownloadsRequest;
class ListTariffDownloadsResponse;
class ListTariffPlansRequest;
class ListTariffPlansResponse;
class PlaceTariffVersionRequest;
class PlaceTariffVersionResponse;
class PreviewTariffMonthRequest;
class RetireTariffPlanRequest;
class TariffAssignment;
class TariffBill;
class TariffPlan;
}  // namespace wutong::v1

namespace wutong::client::method {

// TariffService
inline constexpr Unary<v1::ListTariffPlansRequest, v1::ListTariffPlansResponse> list_plans{
    "/wutong.v1.TariffService/ListPlans", Repeat::freely};
inline constexpr Unary<v1::GetTariffPlanRequest, v1::TariffPlan> get_plan{"/wutong.v1.TariffService/GetPlan",
                                                                          Repeat::freely};
inline constexpr Unary<v1::CreateTariffPlanRequest, v1::TariffPlan> create_plan{
    "/wutong.v1.TariffService/CreatePlan", Repeat::with_same_request};
inline constexpr Unary<v1::AddTariffVersionRequest, v1::TariffPlan> add_version{
    "/wutong.v1.TariffService/AddVersion", Repeat::with_same_request};
inline constexpr Unary<v1::CheckTariffVersionRequest, v1::CheckTariffVersionResponse> check_version{
    "/wutong.v1.TariffService/CheckVersion", Repeat::freely};
inline constexpr Unary<v1::PlaceTariffVersionRequest, v1::PlaceTariffVersionResponse> place_version{
    "/wutong.v1.TariffService/PlaceVersion", Repeat::freely, std::chrono::milliseconds{15000}};
inline constexpr Unary<v1::PreviewTariffMonthRequest, v1::TariffBill> preview_month{
    "/wutong.v1.TariffService/PreviewMonth", Repeat::freely, std::chrono::milliseconds{15000}};
inline constexpr Unary<v1::AssignTariffRequest, v1::TariffAssignment> assign_tariff{
    "/wutong.v1.TariffService/Assign", Repeat::with_same_request};
inline constexpr Unary<v1::ListTariffAssignmentsRequest, v1::ListTariffAssignmentsResponse> list_assignments{
    "/wutong.v1.TariffService/ListAssignments", Repeat::freely};
inline constexpr Unary<v1::RetireTariffPlanRequest, v1::TariffPlan> retire_plan{
    "/wutong.v1.TariffService/RetirePlan", Repeat::with_same_request};
inline constexpr Unary<v1::ListTariffDownloadsRequest, v1::ListTariffDownloadsResponse> list_downloads{
    "/wutong.v1.TariffService/ListDownloads", Repeat::freely};

}  // namespace wutong::client::method
