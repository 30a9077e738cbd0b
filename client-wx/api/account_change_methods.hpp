#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class ExchangeMeterRequest;
class ExchangeMeterResponse;
class ExchangeQuote;
class ListExchangesRequest;
class ListExchangesResponse;
class TransferAccountRequest;
class TransferAccountResponse;
class TransferQuote;
}  // namespace wutong::v1

namespace wutong::client::method {

// AccountChangeService
inline constexpr Unary<v1::ExchangeMeterRequest, v1::ExchangeQuote> quote_exchange{
    "/wutong.v1.AccountChangeService/QuoteExchange", Repeat::freely};
inline constexpr Unary<v1::ExchangeMeterRequest, v1::ExchangeMeterResponse> exchange_meter{
    "/wutong.v1.AccountChangeService/ExchangeMeter", Repeat::with_same_request,
    std::chrono::milliseconds{15000}};
inline constexpr Unary<v1::ListExchangesRequest, v1::ListExchangesResponse> list_exchanges{
    "/wutong.v1.AccountChangeService/ListExchanges", Repeat::freely};
inline constexpr Unary<v1::TransferAccountRequest, v1::TransferQuote> quote_transfer{
    "/wutong.v1.AccountChangeService/QuoteTransfer", Repeat::freely};
inline constexpr Unary<v1::TransferAccountRequest, v1::TransferAccountResponse> transfer_account{
    "/wutong.v1.AccountChangeService/TransferAccount", Repeat::with_same_request,
    std::chrono::milliseconds{15000}};

}  // namespace wutong::client::method
