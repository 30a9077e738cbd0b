#pragma once

#include <wutong/v1/sale_service.grpc.pb.h>

#include <boost/asio/thread_pool.hpp>

#include "server/services/sale_charging.hpp"
#include "server/services/sale_lane.hpp"
#include "server/services/watches.hpp"

namespace wutong::server {

class App;

/// Sales, refunds and their way to the meter. What may be sold is decided by core alone, under the meter's
/// row lock; see docs/money.md.
class SaleService final : public v1::SaleService::WithCallbackMethod_WatchDelivery<
                              v1::SaleService::WithCallbackMethod_Sell<v1::SaleService::Service>> {
public:
    SaleService(App& app, Watches<v1::Delivery>& watches)
        : app_{app}, watches_{watches}, alone_{kAloneAtOnce}, lane_{app} {}

    grpc::Status Quote(grpc::ServerContext* context, const v1::QuoteRequest* request,
                       v1::QuoteResponse* response) override;
    /// No thread waits for a sale while others are written: docs/money.md, "Sales written together".
    grpc::ServerUnaryReactor* Sell(grpc::CallbackServerContext* context, const v1::SellRequest* request,
                                   v1::SaleReceipt* response) override;
    grpc::Status Refund(grpc::ServerContext* context, const v1::RefundRequest* request,
                        v1::SaleReceipt* response) override;
    grpc::Status PayRefund(grpc::ServerContext* context, const v1::PayRefundRequest* request,
                           v1::PayRefundResponse* response) override;
    grpc::Status Reverse(grpc::ServerContext* context, const v1::ReverseRequest* request,
                         v1::SaleReceipt* response) override;
    grpc::Status ListSales(grpc::ServerContext* context, const v1::ListSalesRequest* request,
                           v1::ListSalesResponse* response) override;
    grpc::Status SalesSummary(grpc::ServerContext* context, const v1::SalesSummaryRequest* request,
                              v1::SalesSummaryResponse* response) override;
    grpc::Status GetReceipt(grpc::ServerContext* context, const v1::GetReceiptRequest* request,
                            v1::Receipt* response) override;
    grpc::Status ReprintReceipt(grpc::ServerContext* context, const v1::ReprintReceiptRequest* request,
                                v1::Receipt* response) override;
    grpc::Status GetDelivery(grpc::ServerContext* context, const v1::GetDeliveryRequest* request,
                             v1::Delivery* response) override;
    grpc::Status ListDeliveries(grpc::ServerContext* context, const v1::ListDeliveriesRequest* request,
                                v1::ListDeliveriesResponse* response) override;
    grpc::Status SettleDelivery(grpc::ServerContext* context, const v1::SettleDeliveryRequest* request,
                                v1::Delivery* response) override;
    grpc::ServerWriteReactor<v1::Delivery>* WatchDelivery(grpc::CallbackServerContext* context,
                                                          const v1::GetDeliveryRequest* request) override;

private:
    /// Sales that wait for a lock, or are charged, one transaction each.
    static constexpr std::size_t kAloneAtOnce = 16;
    static constexpr int kAloneWaitingMax = 1024;

    void sell_alone(SaleAsk& ask);
    void sell(storage::Transaction& tx, SaleAsk& ask);

    App& app_;
    Watches<v1::Delivery>& watches_;
    PlanCaches plans_;
    std::atomic<int> alone_waiting_{0};
    boost::asio::thread_pool alone_;
    SaleLane lane_;  ///< ended first: it posts to the others
};

}  // namespace wutong::server
