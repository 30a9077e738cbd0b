#include "server/services/kiosk_service.hpp"

#include <fmt/format.h>

#include <utility>

#include "server/kiosks/kiosks.hpp"
#include "server/security/password_hash.hpp"
#include "server/services/convert.hpp"
#include "server/services/device_checks.hpp"
#include "server/services/kiosk_account.hpp"
#include "storage/accounts.hpp"
#include "storage/errors.hpp"
#include "storage/kiosk_visits.hpp"
#include "storage/sha256.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::minutes kCodeLifetime{15};
constexpr int kKiosksMax = 200;

void fill(const storage::KioskRow& row, v1::KioskDevice& out) {
    const auto set = [](const std::optional<core::Timestamp>& time, google::protobuf::Timestamp* to) {
        *to = to_timestamp(*time);
    };
    out.set_device_id(row.kiosk.value);
    out.set_property_id(row.property.value);
    out.set_name(row.name);
    out.set_state(row.revoked_at ? "revoked" : row.registered_at ? "registered" : "waiting");
    *out.mutable_created_at() = to_timestamp(row.created_at);
    if (row.code_expires_at && !row.registered_at) {
        set(row.code_expires_at, out.mutable_code_expires_at());
    }
    if (row.registered_at) {
        set(row.registered_at, out.mutable_registered_at());
    }
    if (row.seen_at) {
        set(row.seen_at, out.mutable_seen_at());
    }
    if (row.revoked_at) {
        set(row.revoked_at, out.mutable_revoked_at());
    }
}

Refused slow_down(std::chrono::seconds wait) {
    return Refused{grpc::StatusCode::RESOURCE_EXHAUSTED,
                   "slow_down",
                   fmt::format("too many calls; try again in {} s", wait.count()),
                   {},
                   {{"retry_after_s", std::to_string(wait.count())}}};
}

std::string bearer(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find("authorization");
    return found == context.client_metadata().end()
               ? std::string{}
               : std::string{bearer_token({found->second.data(), found->second.size()})};
}

/// "203.0.113.9:53122" without the port, which is another one for each connection.
std::string address_of(const std::string& peer) {
    return peer.substr(0, peer.rfind(':'));
}

}  // namespace

grpc::Status KioskService::handle_kiosk(grpc::ServerContext* context, const ForKiosk& body) {
    return handle(app_, context, [&](CallContext& call) {
        // The gate has let it in; it may have been revoked since.
        const auto kiosk = app_.kiosks().devices().find(bearer(*context));
        if (!kiosk) {
            throw Refused{grpc::StatusCode::UNAUTHENTICATED, "kiosk_revoked",
                          "this kiosk is not registered; an operator registers it anew"};
        }
        if (const auto wait = app_.kiosks().calls().take(std::to_string(kiosk->kiosk.value), app_.now())) {
            throw slow_down(*wait);
        }
        body(call, *kiosk);
    });
}

grpc::Status KioskService::RegisterDevice(grpc::ServerContext* context,
                                          const v1::RegisterDeviceRequest* request,
                                          v1::RegisterDeviceResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        std::vector<FieldViolation> violations;
        check_text(request->name(), "name", 100, violations);
        refuse_if_any(std::move(violations));
        const auto code = new_registration_code();
        const auto create = [&](storage::Transaction& tx) {
            const auto now = app_.now();
            call.once(tx, property, "RegisterDevice", *request, *response, [&] {
                if (storage::list_kiosks(tx, property, kKiosksMax).size() >= kKiosksMax) {
                    throw failed_precondition("too_many_kiosks",
                                              fmt::format("a property has at most {} kiosks", kKiosksMax));
                }
                const auto id = storage::insert_kiosk(tx, property, request->name(), call.operator_id(), now);
                fill(storage::find_kiosk(tx, property, id).value(), *response->mutable_device());
                call.log(tx, property, "kiosk.register", "kiosk " + request->name());
            });
            // Not part of the stored answer: who reads that table must not find a code that is good.
            const storage::KioskId id{response->device().device_id()};
            if (storage::set_kiosk_code(tx, property, id, storage::Bytes{storage::sha256(code)},
                                        now + kCodeLifetime)) {
                response->set_registration_code(code);
            }
            response->clear_device();
            fill(storage::find_kiosk(tx, property, id).value(), *response->mutable_device());
        };
        try {
            app_.database().transact(call.scope(property), "register_kiosk", create);
        } catch (const storage::UniqueViolation& violation) {
            if (violation.constraint() != "kiosk_device_name") {
                throw;
            }
            throw already_exists("name", "there is a kiosk of this name; revoke it first, or choose another");
        }
    });
}

grpc::Status KioskService::ListDevices(grpc::ServerContext* context, const v1::ListDevicesRequest* request,
                                       v1::ListDevicesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto rows = app_.database().transact(
            call.scope(property), "list_kiosks",
            [&](storage::Transaction& tx) { return storage::list_kiosks(tx, property, kKiosksMax); });
        for (const auto& row : rows) {
            fill(row, *response->add_devices());
        }
    });
}

grpc::Status KioskService::RevokeDevice(grpc::ServerContext* context, const v1::RevokeDeviceRequest* request,
                                        v1::KioskDevice* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const storage::KioskId kiosk{request->device_id()};
        app_.database().transact(call.scope(property), "revoke_kiosk", [&](storage::Transaction& tx) {
            call.once(tx, property, "RevokeDevice", *request, *response, [&] {
                const auto row = storage::revoke_kiosk(tx, property, kiosk, app_.now());
                if (!row) {
                    throw not_found("kiosk", kiosk.value);
                }
                storage::end_visits_of(tx, property, kiosk);
                fill(*row, *response);
                call.log(tx, property, "kiosk.revoke", "kiosk " + row->name);
            });
        });
        app_.kiosks().devices().forget_all();
    });
}

grpc::Status KioskService::SetTenantPin(grpc::ServerContext* context, const v1::SetTenantPinRequest* request,
                                        v1::SetTenantPinResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        if (request->remove() != request->pin().empty()) {
            throw invalid("pin", "give either a new PIN or remove");
        }
        std::string hash;
        if (!request->remove()) {
            check_new_pin(request->pin(), "pin");
            hash = hash_password(request->pin());
        }
        auto secretless = *request;
        secretless.clear_pin();
        const auto change = [&](storage::Transaction& tx) {
            const auto account = storage::find_account(tx, property, id);
            if (!account) {
                throw not_found("account", id.value);
            }
            if (account->state == storage::AccountState::closed) {
                throw failed_precondition(
                    "account_closed", fmt::format("Account {} is closed. No PIN was set.", account->number));
            }
            const auto now = app_.now();
            if (request->remove()) {
                storage::remove_tenant_pin(tx, property, id);
            } else {
                storage::set_tenant_pin(tx, property, id, hash, call.operator_id(), now);
            }
            storage::forget_attempts(tx, property, Visits::subject_of(id));
            storage::end_visits_of(tx, property, id);
            response->set_has_pin(!request->remove());
            *response->mutable_changed_at() = to_timestamp(now);
            call.log(tx, property, request->remove() ? "account.remove_pin" : "account.set_pin",
                     "account " + account->number);
        };
        app_.database().transact(call.scope(property), "set_tenant_pin", [&](storage::Transaction& tx) {
            call.once(
                tx, property, "SetTenantPin", *request, *response, [&] { change(tx); }, &secretless);
        });
    });
}

grpc::Status KioskService::ActivateDevice(grpc::ServerContext* context,
                                          const v1::ActivateDeviceRequest* request, v1::KioskHome* response) {
    return handle(app_, context, [&](CallContext& call) {
        for (const auto& wait : {app_.kiosks().codes().take(address_of(call.peer()), app_.now()),
                                 app_.kiosks().all_codes().take("all", app_.now())}) {
            if (wait) {
                throw slow_down(*wait);
            }
        }
        if (!KioskDevices::is_key(request->device_key())) {
            throw invalid("device_key", "must be kiosk_ and 64 hex digits from a random source");
        }
        if (request->registration_code().size() > 64) {
            throw invalid("registration_code", "has twelve digits");
        }
        const auto code = storage::sha256(plain_registration_code(request->registration_code()));
        const auto key = storage::sha256(request->device_key());
        // The property is not known before the code is: the code stands for the operator who made it.
        const auto activate = [&](storage::Transaction& tx) {
            response->Clear();
            const auto kiosk =
                storage::activate_kiosk(tx, storage::Bytes{code}, storage::Bytes{key}, app_.now());
            if (!kiosk) {
                throw Refused{grpc::StatusCode::UNAUTHENTICATED, "wrong_code",
                              "this registration code is wrong, used, or older than 15 minutes"};
            }
            fill_home(tx, *kiosk, app_.now(), *response);
            call.log(tx, kiosk->property, "kiosk.activate", "kiosk " + kiosk->name, {{"peer", call.peer()}});
        };
        try {
            app_.database().transact(storage::Scope::all(), "activate_kiosk", activate);
        } catch (const storage::UniqueViolation&) {
            throw invalid("device_key", "is in use; make another one");
        }
    });
}

grpc::Status KioskService::GetKioskHome(grpc::ServerContext* context, const google::protobuf::Empty*,
                                        v1::KioskHome* response) {
    return handle_kiosk(context, [&](CallContext&, const storage::KioskRow& kiosk) {
        app_.database().transact(
            storage::Scope::of({kiosk.property}), "kiosk_home",
            [&](storage::Transaction& tx) { fill_home(tx, kiosk, app_.now(), *response); });
    });
}

grpc::Status KioskService::StartVisit(grpc::ServerContext* context, const v1::StartVisitRequest* request,
                                      v1::StartVisitResponse* response) {
    return handle_kiosk(context, [&](CallContext&, const storage::KioskRow& kiosk) {
        if (const auto wait =
                app_.kiosks().beginnings().take(std::to_string(kiosk.kiosk.value), app_.now())) {
            throw slow_down(*wait);
        }
        const auto begun = app_.kiosks().visits().begin(kiosk, request->unit_or_account(), request->pin());
        app_.database().transact(storage::Scope::of({kiosk.property}), "visit_account",
                                 [&](storage::Transaction& tx) {
                                     fill_visit_account(tx, kiosk.property, begun.account, app_.now(),
                                                        *response->mutable_account());
                                 });
        response->set_visit_token(begun.token);
        response->set_idle_s(static_cast<std::int32_t>(Visits::kIdle.count()));
    });
}

grpc::Status KioskService::GetVisitAccount(grpc::ServerContext* context, const v1::VisitRequest* request,
                                           v1::VisitAccount* response) {
    return handle_kiosk(context, [&](CallContext&, const storage::KioskRow& kiosk) {
        app_.database().transact(
            storage::Scope::of({kiosk.property}), "visit_account", [&](storage::Transaction& tx) {
                const auto account = app_.kiosks().visits().use(tx, kiosk, request->visit_token());
                fill_visit_account(tx, kiosk.property, account, app_.now(), *response);
            });
    });
}

grpc::Status KioskService::EndVisit(grpc::ServerContext* context, const v1::VisitRequest* request,
                                    google::protobuf::Empty*) {
    return handle_kiosk(context, [&](CallContext&, const storage::KioskRow& kiosk) {
        app_.database().transact(
            storage::Scope::of({kiosk.property}), "end_visit",
            [&](storage::Transaction& tx) { Visits::end(tx, kiosk, request->visit_token()); });
    });
}

}  // namespace wutong::server
