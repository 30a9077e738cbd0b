#pragma once

#include <wutong/v1/tariff_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Tariff plans, who is charged by them, and the prices that go to the meters for it. What a plan means is
/// decided by core/tariff*.hpp; see docs/tariffs.md.
class TariffService final : public v1::TariffService::Service {
public:
    explicit TariffService(App& app) : app_{app} {}

    // tariff_plans.cpp
    grpc::Status ListPlans(grpc::ServerContext* context, const v1::ListTariffPlansRequest* request,
                           v1::ListTariffPlansResponse* response) override;
    grpc::Status GetPlan(grpc::ServerContext* context, const v1::GetTariffPlanRequest* request,
                         v1::TariffPlan* response) override;
    grpc::Status CreatePlan(grpc::ServerContext* context, const v1::CreateTariffPlanRequest* request,
                            v1::TariffPlan* response) override;
    grpc::Status AddVersion(grpc::ServerContext* context, const v1::AddTariffVersionRequest* request,
                            v1::TariffPlan* response) override;
    grpc::Status CheckVersion(grpc::ServerContext* context, const v1::CheckTariffVersionRequest* request,
                              v1::CheckTariffVersionResponse* response) override;
    grpc::Status RetirePlan(grpc::ServerContext* context, const v1::RetireTariffPlanRequest* request,
                            v1::TariffPlan* response) override;

    // tariff_assigning.cpp
    grpc::Status Assign(grpc::ServerContext* context, const v1::AssignTariffRequest* request,
                        v1::TariffAssignment* response) override;
    grpc::Status ListAssignments(grpc::ServerContext* context,
                                 const v1::ListTariffAssignmentsRequest* request,
                                 v1::ListTariffAssignmentsResponse* response) override;

    // tariff_placing.cpp
    grpc::Status PlaceVersion(grpc::ServerContext* context, const v1::PlaceTariffVersionRequest* request,
                              v1::PlaceTariffVersionResponse* response) override;
    grpc::Status GetMeterTariff(grpc::ServerContext* context, const v1::GetMeterTariffRequest* request,
                                v1::MeterTariff* response) override;

    // tariff_preview.cpp
    grpc::Status PreviewMonth(grpc::ServerContext* context, const v1::PreviewTariffMonthRequest* request,
                              v1::TariffBill* response) override;

    // tariff_prices.cpp
    grpc::Status ListDownloads(grpc::ServerContext* context, const v1::ListTariffDownloadsRequest* request,
                               v1::ListTariffDownloadsResponse* response) override;
    grpc::Status ListPriceChanges(grpc::ServerContext* context, const v1::ListPriceChangesRequest* request,
                                  v1::ListPriceChangesResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
