#pragma once

#include <wutong/v1/kiosk_service.grpc.pb.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/integration/services/base_stack.hpp"
#include "tests/support/test_site.hpp"

/// A lobby with a kiosk in it, and a tenant in unit 0101 whose PIN is 274951.
namespace wutong::tests::base {

inline constexpr const char* kPin = "274951";
inline constexpr const char* kUnit = "0101";

using Kiosk = v1::KioskService::Stub;

inline std::string device_key(char digit) {
    return "kiosk_" + std::string(64, digit);
}

class Lobby {
public:
    explicit Lobby(const std::string& code = "TOWER")
        : site{stack.database, code, 3}, account{site.account({site.meters[0], site.meters[1]})} {
        site.opened(site.meters[0], core::Energy{1'000'000}, core::Price{10'500}, core::Money{182'000});
        cashier = stack.signed_in();
    }

    template <class Request, class Response>
    static Reply call(Wire& wire,
                      grpc::Status (Kiosk::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, Response& response) {
        return wire.call<v1::KioskService>(method, request, response);
    }

    Reply register_kiosk(const std::string& name, v1::RegisterDeviceResponse& made,
                         const std::string& id = request_id()) {
        v1::RegisterDeviceRequest request;
        request.set_request_id(id);
        request.set_property_id(site.property.value);
        request.set_name(name);
        return call(cashier, &Kiosk::RegisterDevice, request, made);
    }
    Reply activate(Wire& wire, const std::string& code, const std::string& key, v1::KioskHome& home) {
        v1::ActivateDeviceRequest request;
        request.set_registration_code(code);
        request.set_device_key(key);
        return call(wire, &Kiosk::ActivateDevice, request, home);
    }
    /// A registered kiosk's connection.
    Wire kiosk(const std::string& name = "Lobby east", char key = 'a') {
        v1::RegisterDeviceResponse made;
        REQUIRE(register_kiosk(name, made).ok());
        auto wire = stack.wire();
        v1::KioskHome home;
        REQUIRE(activate(wire, made.registration_code(), device_key(key), home).ok());
        last_kiosk = made.device().device_id();
        wire.token = device_key(key);
        return wire;
    }
    Reply set_pin(const std::string& pin, core::AccountId of, const std::string& id = request_id()) {
        v1::SetTenantPinRequest request;
        request.set_request_id(id);
        request.set_property_id(site.property.value);
        request.set_account_id(of.value);
        request.set_pin(pin);
        request.set_remove(pin.empty());
        v1::SetTenantPinResponse answer;
        return call(cashier, &Kiosk::SetTenantPin, request, answer);
    }
    static Reply start(Wire& wire, const std::string& unit, const std::string& pin,
                       v1::StartVisitResponse& visit) {
        v1::StartVisitRequest request;
        request.set_unit_or_account(unit);
        request.set_pin(pin);
        return call(wire, &Kiosk::StartVisit, request, visit);
    }
    static Reply start(Wire& wire, const std::string& unit, const std::string& pin) {
        v1::StartVisitResponse visit;
        return start(wire, unit, pin, visit);
    }
    static Reply look(Wire& wire, const std::string& token, v1::VisitAccount& account) {
        v1::VisitRequest request;
        request.set_visit_token(token);
        return call(wire, &Kiosk::GetVisitAccount, request, account);
    }
    static Reply look(Wire& wire, const std::string& token) {
        v1::VisitAccount account;
        return look(wire, token, account);
    }

    Stack stack;
    TestSite site;
    core::AccountId account;
    Wire cashier = stack.wire();
    std::int64_t last_kiosk = 0;
};

}  // namespace wutong::tests::base
