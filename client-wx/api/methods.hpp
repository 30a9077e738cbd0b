#pragma once

#include "client-wx/api/server.hpp"

namespace google::protobuf {
class Empty;
}
namespace wutong::v1 {
class Account;
class AcknowledgeAlarmRequest;
class AddMeterRequest;
class Alarm;
class BatchRequest;
class Building;
class CancelCommandRequest;
class CashierLimit;
class ChangePasswordRequest;
class Channel;
class CloseAccountRequest;
class CloseAccountResponse;
class CloseShiftRequest;
class ClosingQuote;
class Command;
class CommandBatch;
class CreateBuildingRequest;
class CreateChannelRequest;
class CreateFloorRequest;
class CreateGatewayRequest;
class CreateMeterRequest;
class CreateOperatorRequest;
class CreatePointRequest;
class CreatePropertyRequest;
class CreateUnitRequest;
class Customer;
class Delivery;
class FindRequest;
class FindResponse;
class Floor;
class Gateway;
class GetAccountRequest;
class GetBatchRequest;
class GetCommandRequest;
class GetDeliveryRequest;
class GetMeterRequest;
class GetParametersRequest;
class GetReceiptRequest;
class GetShiftRequest;
class GetSiteRequest;
class GetSiteResponse;
class ImportRequest;
class ImportResponse;
class ListAccountsRequest;
class ListAccountsResponse;
class ListAlarmsRequest;
class ListAlarmsResponse;
class ListBatchesRequest;
class ListBatchesResponse;
class ListCashierLimitsRequest;
class ListCashierLimitsResponse;
class ListChannelLoadsRequest;
class ListChannelLoadsResponse;
class ListChannelsRequest;
class ListChannelsResponse;
class ListCommandsRequest;
class ListCommandsResponse;
class ListCustomersRequest;
class ListCustomersResponse;
class ListDailyEnergyRequest;
class ListDailyEnergyResponse;
class ListDeliveriesRequest;
class ListDeliveriesResponse;
class ListEntriesRequest;
class ListEntriesResponse;
class ListGatewaysRequest;
class ListGatewaysResponse;
class ListMeterEventsRequest;
class ListMeterEventsResponse;
class ListMetersRequest;
class ListMetersResponse;
class ListOperationLogRequest;
class ListOperationLogResponse;
class ListOperatorsRequest;
class ListOperatorsResponse;
class ListPointsRequest;
class ListPointsResponse;
class ListProfilesRequest;
class ListProfilesResponse;
class ListPropertiesResponse;
class ListReadingsRequest;
class ListReadingsResponse;
class ListRolesResponse;
class ListSalesRequest;
class ListSalesResponse;
class ListShiftsRequest;
class ListShiftsResponse;
class ListUnitsRequest;
class ListUnitsResponse;
class LiveUpdate;
class Meter;
class MoveCashRequest;
class OpenAccountRequest;
class OpenAccountResponse;
class OpenShiftRequest;
class Operator;
class Parameters;
class PayRefundRequest;
class PayRefundResponse;
class Property;
class QuoteClosingRequest;
class QuoteRequest;
class QuoteResponse;
class ReadingSeries;
class ReadingSeriesRequest;
class Receipt;
class RefundRequest;
class ReprintReceiptRequest;
class RetryBatchRequest;
class ReverseRequest;
class SaleReceipt;
class SalesSummaryRequest;
class SalesSummaryResponse;
class SearchMetersRequest;
class SellRequest;
class SendCommandRequest;
class SendCommandResponse;
class SetCashierLimitRequest;
class SetParametersRequest;
class SettleDeliveryRequest;
class Shift;
class SignInRequest;
class SignInResponse;
class Statement;
class StatementRequest;
class TrialBalance;
class TrialBalanceRequest;
class Unit;
class UpdateChannelRequest;
class UpdateCustomerRequest;
class UpdateMeterRequest;
class UpdateOperatorRequest;
class UpdatePointRequest;
class VendingPoint;
class VerifyProgress;
class VerifyRequest;
class WatchCommandsRequest;
class WatchRequest;
class WhoAmIResponse;
}  // namespace wutong::v1

/// Every call of the API that the client makes, one constant each.
namespace wutong::client::method {

// AccountService
inline constexpr Unary<v1::OpenAccountRequest, v1::OpenAccountResponse> open_account{
    "/wutong.v1.AccountService/OpenAccount", Repeat::with_same_request, std::chrono::milliseconds{15000}};
inline constexpr Unary<v1::AddMeterRequest, v1::OpenAccountResponse> add_meter{
    "/wutong.v1.AccountService/AddMeter", Repeat::with_same_request};
inline constexpr Unary<v1::CloseAccountRequest, v1::CloseAccountResponse> close_account{
    "/wutong.v1.AccountService/CloseAccount", Repeat::with_same_request, std::chrono::milliseconds{15000}};
inline constexpr Unary<v1::GetAccountRequest, v1::Account> get_account{"/wutong.v1.AccountService/GetAccount",
                                                                       Repeat::freely};
inline constexpr Unary<v1::ListAccountsRequest, v1::ListAccountsResponse> list_accounts{
    "/wutong.v1.AccountService/ListAccounts", Repeat::freely};
inline constexpr Unary<v1::ListEntriesRequest, v1::ListEntriesResponse> list_entries{
    "/wutong.v1.AccountService/ListEntries", Repeat::freely};
inline constexpr Unary<v1::QuoteClosingRequest, v1::ClosingQuote> quote_closing{
    "/wutong.v1.AccountService/QuoteClosing", Repeat::freely};
inline constexpr Unary<v1::ListCustomersRequest, v1::ListCustomersResponse> list_customers{
    "/wutong.v1.AccountService/ListCustomers", Repeat::freely};
inline constexpr Unary<v1::UpdateCustomerRequest, v1::Customer> update_customer{
    "/wutong.v1.AccountService/UpdateCustomer", Repeat::with_same_request};

inline constexpr Unary<v1::StatementRequest, v1::Statement> get_statement{
    "/wutong.v1.AccountService/GetStatement", Repeat::freely, std::chrono::milliseconds{15000}};

// CashierService
inline constexpr Unary<v1::ListPointsRequest, v1::ListPointsResponse> list_points{
    "/wutong.v1.CashierService/ListPoints", Repeat::freely};
inline constexpr Unary<v1::CreatePointRequest, v1::VendingPoint> create_point{
    "/wutong.v1.CashierService/CreatePoint", Repeat::with_same_request};
inline constexpr Unary<v1::UpdatePointRequest, v1::VendingPoint> update_point{
    "/wutong.v1.CashierService/UpdatePoint", Repeat::with_same_request};
inline constexpr Unary<v1::ListCashierLimitsRequest, v1::ListCashierLimitsResponse> list_cashier_limits{
    "/wutong.v1.CashierService/ListCashierLimits", Repeat::freely};
inline constexpr Unary<v1::SetCashierLimitRequest, v1::CashierLimit> set_cashier_limit{
    "/wutong.v1.CashierService/SetCashierLimit", Repeat::with_same_request};
inline constexpr Unary<v1::OpenShiftRequest, v1::Shift> open_shift{"/wutong.v1.CashierService/OpenShift",
                                                                   Repeat::with_same_request};
inline constexpr Unary<v1::MoveCashRequest, v1::Shift> move_cash{"/wutong.v1.CashierService/MoveCash",
                                                                 Repeat::with_same_request};
inline constexpr Unary<v1::CloseShiftRequest, v1::Shift> close_shift{"/wutong.v1.CashierService/CloseShift",
                                                                     Repeat::with_same_request};
inline constexpr Unary<v1::GetShiftRequest, v1::Shift> get_shift{"/wutong.v1.CashierService/GetShift",
                                                                 Repeat::freely};
inline constexpr Unary<v1::ListShiftsRequest, v1::ListShiftsResponse> list_shifts{
    "/wutong.v1.CashierService/ListShifts", Repeat::freely};

// ControlService
inline constexpr Unary<v1::SendCommandRequest, v1::SendCommandResponse> send_command{
    "/wutong.v1.ControlService/SendCommand", Repeat::with_same_request, std::chrono::milliseconds{30000}};
inline constexpr Unary<v1::GetCommandRequest, v1::Command> get_command{"/wutong.v1.ControlService/GetCommand",
                                                                       Repeat::freely};
inline constexpr Unary<v1::ListCommandsRequest, v1::ListCommandsResponse> list_commands{
    "/wutong.v1.ControlService/ListCommands", Repeat::freely};
inline constexpr Unary<v1::CancelCommandRequest, v1::Command> cancel_command{
    "/wutong.v1.ControlService/CancelCommand", Repeat::with_same_request};
inline constexpr Stream<v1::WatchCommandsRequest, v1::Command> watch_commands{
    "/wutong.v1.ControlService/WatchCommands"};
inline constexpr Unary<v1::BatchRequest, v1::CommandBatch> pause_batch{"/wutong.v1.ControlService/PauseBatch",
                                                                       Repeat::with_same_request};
inline constexpr Unary<v1::BatchRequest, v1::CommandBatch> resume_batch{
    "/wutong.v1.ControlService/ResumeBatch", Repeat::with_same_request};
inline constexpr Unary<v1::BatchRequest, v1::CommandBatch> cancel_batch{
    "/wutong.v1.ControlService/CancelBatch", Repeat::with_same_request};
inline constexpr Unary<v1::RetryBatchRequest, v1::SendCommandResponse> retry_batch{
    "/wutong.v1.ControlService/RetryBatch", Repeat::with_same_request};
inline constexpr Unary<v1::GetBatchRequest, v1::CommandBatch> get_batch{"/wutong.v1.ControlService/GetBatch",
                                                                        Repeat::freely};
inline constexpr Unary<v1::ListBatchesRequest, v1::ListBatchesResponse> list_batches{
    "/wutong.v1.ControlService/ListBatches", Repeat::freely};

// DeviceService
inline constexpr Unary<v1::ListGatewaysRequest, v1::ListGatewaysResponse> list_gateways{
    "/wutong.v1.DeviceService/ListGateways", Repeat::freely};
inline constexpr Unary<v1::CreateGatewayRequest, v1::Gateway> create_gateway{
    "/wutong.v1.DeviceService/CreateGateway", Repeat::with_same_request};
inline constexpr Unary<v1::ListChannelsRequest, v1::ListChannelsResponse> list_channels{
    "/wutong.v1.DeviceService/ListChannels", Repeat::freely};
inline constexpr Unary<v1::ListChannelLoadsRequest, v1::ListChannelLoadsResponse> list_channel_loads{
    "/wutong.v1.UpkeepService/ListChannelLoads", Repeat::freely};
inline constexpr Unary<v1::CreateChannelRequest, v1::Channel> create_channel{
    "/wutong.v1.DeviceService/CreateChannel", Repeat::with_same_request};
inline constexpr Unary<v1::UpdateChannelRequest, v1::Channel> update_channel{
    "/wutong.v1.DeviceService/UpdateChannel", Repeat::with_same_request};
inline constexpr Unary<v1::ListMetersRequest, v1::ListMetersResponse> list_meters{
    "/wutong.v1.DeviceService/ListMeters", Repeat::freely};
inline constexpr Unary<v1::GetMeterRequest, v1::Meter> get_meter{"/wutong.v1.DeviceService/GetMeter",
                                                                 Repeat::freely};
inline constexpr Unary<v1::CreateMeterRequest, v1::Meter> create_meter{"/wutong.v1.DeviceService/CreateMeter",
                                                                       Repeat::with_same_request};
inline constexpr Unary<v1::UpdateMeterRequest, v1::Meter> update_meter{"/wutong.v1.DeviceService/UpdateMeter",
                                                                       Repeat::with_same_request};
inline constexpr Unary<v1::SearchMetersRequest, v1::ListMetersResponse> search_meters{
    "/wutong.v1.DeviceService/SearchMeters", Repeat::freely};
inline constexpr Unary<v1::ListProfilesRequest, v1::ListProfilesResponse> list_profiles{
    "/wutong.v1.DeviceService/ListProfiles", Repeat::freely};
inline constexpr Unary<v1::ImportRequest, v1::ImportResponse> import_files{
    "/wutong.v1.DeviceService/Import", Repeat::with_same_request, std::chrono::milliseconds{60000}};

// LedgerService
inline constexpr Unary<v1::TrialBalanceRequest, v1::TrialBalance> get_trial_balance{
    "/wutong.v1.LedgerService/GetTrialBalance", Repeat::freely};
inline constexpr Stream<v1::VerifyRequest, v1::VerifyProgress> verify_ledger{
    "/wutong.v1.LedgerService/Verify"};

// LiveService
inline constexpr Stream<v1::WatchRequest, v1::LiveUpdate> watch_live{"/wutong.v1.LiveService/Watch"};

// OperatorService
inline constexpr Unary<v1::ListOperatorsRequest, v1::ListOperatorsResponse> list_operators{
    "/wutong.v1.OperatorService/ListOperators", Repeat::freely};
inline constexpr Unary<v1::CreateOperatorRequest, v1::Operator> create_operator{
    "/wutong.v1.OperatorService/CreateOperator", Repeat::with_same_request};
inline constexpr Unary<v1::UpdateOperatorRequest, v1::Operator> update_operator{
    "/wutong.v1.OperatorService/UpdateOperator", Repeat::with_same_request};
inline constexpr Unary<google::protobuf::Empty, v1::ListRolesResponse> list_roles{
    "/wutong.v1.OperatorService/ListRoles", Repeat::freely};
inline constexpr Unary<v1::ListOperationLogRequest, v1::ListOperationLogResponse> list_operation_log{
    "/wutong.v1.OperatorService/ListOperationLog", Repeat::freely};

// ReadingService
inline constexpr Unary<v1::ListReadingsRequest, v1::ListReadingsResponse> list_readings{
    "/wutong.v1.ReadingService/ListReadings", Repeat::freely};
inline constexpr Unary<v1::ListDailyEnergyRequest, v1::ListDailyEnergyResponse> list_daily_energy{
    "/wutong.v1.ReadingService/ListDailyEnergy", Repeat::freely};
inline constexpr Unary<v1::ListAlarmsRequest, v1::ListAlarmsResponse> list_alarms{
    "/wutong.v1.ReadingService/ListAlarms", Repeat::freely};
inline constexpr Unary<v1::AcknowledgeAlarmRequest, v1::Alarm> acknowledge_alarm{
    "/wutong.v1.ReadingService/AcknowledgeAlarm", Repeat::with_same_request};
inline constexpr Unary<v1::ReadingSeriesRequest, v1::ReadingSeries> get_reading_series{
    "/wutong.v1.ReadingService/GetReadingSeries", Repeat::freely};
inline constexpr Unary<v1::ListMeterEventsRequest, v1::ListMeterEventsResponse> list_meter_events{
    "/wutong.v1.ReadingService/ListMeterEvents", Repeat::freely};

// SaleService
inline constexpr Unary<v1::QuoteRequest, v1::QuoteResponse> quote{"/wutong.v1.SaleService/Quote",
                                                                  Repeat::freely};
inline constexpr Unary<v1::SellRequest, v1::SaleReceipt> sell{
    "/wutong.v1.SaleService/Sell", Repeat::with_same_request, std::chrono::milliseconds{15000}};
inline constexpr Unary<v1::RefundRequest, v1::SaleReceipt> refund{"/wutong.v1.SaleService/Refund",
                                                                  Repeat::with_same_request};
inline constexpr Unary<v1::PayRefundRequest, v1::PayRefundResponse> pay_refund{
    "/wutong.v1.SaleService/PayRefund", Repeat::with_same_request};
inline constexpr Unary<v1::ListSalesRequest, v1::ListSalesResponse> list_sales{
    "/wutong.v1.SaleService/ListSales", Repeat::freely};
inline constexpr Unary<v1::GetDeliveryRequest, v1::Delivery> get_delivery{
    "/wutong.v1.SaleService/GetDelivery", Repeat::freely};
inline constexpr Unary<v1::ListDeliveriesRequest, v1::ListDeliveriesResponse> list_deliveries{
    "/wutong.v1.SaleService/ListDeliveries", Repeat::freely};
inline constexpr Stream<v1::GetDeliveryRequest, v1::Delivery> watch_delivery{
    "/wutong.v1.SaleService/WatchDelivery"};
inline constexpr Unary<v1::SettleDeliveryRequest, v1::Delivery> settle_delivery{
    "/wutong.v1.SaleService/SettleDelivery", Repeat::with_same_request};
inline constexpr Unary<v1::SalesSummaryRequest, v1::SalesSummaryResponse> sales_summary{
    "/wutong.v1.SaleService/SalesSummary", Repeat::freely};
inline constexpr Unary<v1::GetReceiptRequest, v1::Receipt> get_receipt{"/wutong.v1.SaleService/GetReceipt",
                                                                       Repeat::freely};
inline constexpr Unary<v1::ReverseRequest, v1::SaleReceipt> reverse_sale{"/wutong.v1.SaleService/Reverse",
                                                                         Repeat::with_same_request};
inline constexpr Unary<v1::ReprintReceiptRequest, v1::Receipt> reprint_receipt{
    "/wutong.v1.SaleService/ReprintReceipt", Repeat::with_same_request};

// SearchService
inline constexpr Unary<v1::FindRequest, v1::FindResponse> find_anything{"/wutong.v1.SearchService/Find",
                                                                        Repeat::freely};

// SessionService
inline constexpr Unary<v1::SignInRequest, v1::SignInResponse> sign_in{
    "/wutong.v1.SessionService/SignIn", Repeat::never, std::chrono::milliseconds{15000}};
inline constexpr Unary<google::protobuf::Empty, google::protobuf::Empty> sign_out{
    "/wutong.v1.SessionService/SignOut", Repeat::never};
inline constexpr Unary<google::protobuf::Empty, v1::WhoAmIResponse> who_am_i{
    "/wutong.v1.SessionService/WhoAmI", Repeat::freely};
inline constexpr Unary<v1::ChangePasswordRequest, google::protobuf::Empty> change_password{
    "/wutong.v1.SessionService/ChangePassword", Repeat::never};

// SiteService
inline constexpr Unary<google::protobuf::Empty, v1::ListPropertiesResponse> list_properties{
    "/wutong.v1.SiteService/ListProperties", Repeat::freely};
inline constexpr Unary<v1::CreatePropertyRequest, v1::Property> create_property{
    "/wutong.v1.SiteService/CreateProperty", Repeat::with_same_request};
inline constexpr Unary<v1::GetSiteRequest, v1::GetSiteResponse> get_site{"/wutong.v1.SiteService/GetSite",
                                                                         Repeat::freely};
inline constexpr Unary<v1::CreateBuildingRequest, v1::Building> create_building{
    "/wutong.v1.SiteService/CreateBuilding", Repeat::with_same_request};
inline constexpr Unary<v1::CreateFloorRequest, v1::Floor> create_floor{"/wutong.v1.SiteService/CreateFloor",
                                                                       Repeat::with_same_request};
inline constexpr Unary<v1::CreateUnitRequest, v1::Unit> create_unit{"/wutong.v1.SiteService/CreateUnit",
                                                                    Repeat::with_same_request};
inline constexpr Unary<v1::ListUnitsRequest, v1::ListUnitsResponse> list_units{
    "/wutong.v1.SiteService/ListUnits", Repeat::freely};
inline constexpr Unary<v1::GetParametersRequest, v1::Parameters> get_parameters{
    "/wutong.v1.SiteService/GetParameters", Repeat::freely};
inline constexpr Unary<v1::SetParametersRequest, v1::Parameters> set_parameters{
    "/wutong.v1.SiteService/SetParameters", Repeat::with_same_request};

}  // namespace wutong::client::method
