#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class GoOnChargingRequest;
class GuardedUnit;
class HeldMeter;
class ListGuardedUnitsRequest;
class ListGuardedUnitsResponse;
class ListHeldMetersRequest;
class ListHeldMetersResponse;
class RunMeterHeldRequest;
class RunMeterHeldResponse;
class RunServerHeldRequest;
class SetUnitGuardRequest;
}  // namespace wutong::v1

namespace wutong::client::method {

// HeldService
inline constexpr Unary<v1::ListHeldMetersRequest, v1::ListHeldMetersResponse> list_held_meters{
    "/wutong.v1.HeldService/ListHeldMeters", Repeat::freely};
inline constexpr Unary<v1::RunServerHeldRequest, v1::HeldMeter> run_server_held{
    "/wutong.v1.HeldService/RunServerHeld", Repeat::with_same_request};
inline constexpr Unary<v1::RunMeterHeldRequest, v1::RunMeterHeldResponse> run_meter_held{
    "/wutong.v1.HeldService/RunMeterHeld", Repeat::with_same_request};
inline constexpr Unary<v1::GoOnChargingRequest, v1::HeldMeter> go_on_charging{
    "/wutong.v1.HeldService/GoOnCharging", Repeat::with_same_request};
inline constexpr Unary<v1::ListGuardedUnitsRequest, v1::ListGuardedUnitsResponse> list_guarded_units{
    "/wutong.v1.HeldService/ListGuardedUnits", Repeat::freely};
inline constexpr Unary<v1::SetUnitGuardRequest, v1::GuardedUnit> set_unit_guard{
    "/wutong.v1.HeldService/SetUnitGuard", Repeat::with_same_request};

}  // namespace wutong::client::method
