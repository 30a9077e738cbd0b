#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class BalancePage;
class BalanceProof;
class GetBalanceRequest;
class GetProofRequest;
class ListBalancesRequest;
class ListBalancesResponse;
class ListProofsRequest;
class ListProofsResponse;
class ProveBalancesRequest;
}  // namespace wutong::v1

namespace wutong::client::method {

// BalanceService
inline constexpr Unary<v1::ListBalancesRequest, v1::ListBalancesResponse> list_balances{
    "/wutong.v1.BalanceService/ListBalances", Repeat::freely, std::chrono::milliseconds{20000}};
inline constexpr Unary<v1::GetBalanceRequest, v1::BalancePage> get_balance{
    "/wutong.v1.BalanceService/GetBalance", Repeat::freely};
inline constexpr Unary<v1::ProveBalancesRequest, v1::BalanceProof> prove_balances{
    "/wutong.v1.BalanceService/ProveBalances", Repeat::with_same_request, std::chrono::milliseconds{60000}};
inline constexpr Unary<v1::ListProofsRequest, v1::ListProofsResponse> list_proofs{
    "/wutong.v1.BalanceService/ListProofs", Repeat::freely};
inline constexpr Unary<v1::GetProofRequest, v1::BalanceProof> get_proof{"/wutong.v1.BalanceService/GetProof",
                                                                        Repeat::freely};

}  // namespace wutong::client::method
