#pragma once

#include "client-wx/api/server.hpp"

namespace google::protobuf {
class Empty;
}
namespace wutong::v1 {
class ActivateDeviceRequest;
class KioskDevice;
class KioskHome;
class ListDevicesRequest;
class ListDevicesResponse;
class RegisterDeviceRequest;
class RegisterDeviceResponse;
class RevokeDeviceRequest;
class SetTenantPinRequest;
class SetTenantPinResponse;
class StartVisitRequest;
class StartVisitResponse;
class VisitAccount;
class VisitRequest;
}  // namespace wutong::v1

/// The methods of KioskService; the others are in methods.hpp.
namespace wutong::client::method {

// For operators.
inline constexpr Unary<v1::RegisterDeviceRequest, v1::RegisterDeviceResponse> register_device{
    "/wutong.v1.KioskService/RegisterDevice", Repeat::with_same_request};
inline constexpr Unary<v1::ListDevicesRequest, v1::ListDevicesResponse> list_devices{
    "/wutong.v1.KioskService/ListDevices", Repeat::freely};
inline constexpr Unary<v1::RevokeDeviceRequest, v1::KioskDevice> revoke_device{
    "/wutong.v1.KioskService/RevokeDevice", Repeat::with_same_request};
inline constexpr Unary<v1::SetTenantPinRequest, v1::SetTenantPinResponse> set_tenant_pin{
    "/wutong.v1.KioskService/SetTenantPin", Repeat::with_same_request};

// For the kiosk. Asking again with the same code and key is answered again.
inline constexpr Unary<v1::ActivateDeviceRequest, v1::KioskHome> activate_device{
    "/wutong.v1.KioskService/ActivateDevice", Repeat::freely};
inline constexpr Unary<google::protobuf::Empty, v1::KioskHome> get_kiosk_home{
    "/wutong.v1.KioskService/GetKioskHome", Repeat::freely};
/// A wrong PIN must not be counted twice, so it is not asked again by itself.
inline constexpr Unary<v1::StartVisitRequest, v1::StartVisitResponse> start_visit{
    "/wutong.v1.KioskService/StartVisit", Repeat::never};
inline constexpr Unary<v1::VisitRequest, v1::VisitAccount> get_visit_account{
    "/wutong.v1.KioskService/GetVisitAccount", Repeat::freely};
inline constexpr Unary<v1::VisitRequest, google::protobuf::Empty> end_visit{
    "/wutong.v1.KioskService/EndVisit", Repeat::freely};

}  // namespace wutong::client::method
