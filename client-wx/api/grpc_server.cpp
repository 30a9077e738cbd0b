#include "client-wx/api/grpc_server.hpp"

#include <google/protobuf/empty.pb.h>
#include <grpcpp/channel.h>
#include <wutong/v1/session_service.pb.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

#include "client-wx/api/blocking_work.hpp"
#include "client-wx/api/grpc_call.hpp"
#include "client-wx/api/grpc_wire.hpp"
#include "client-wx/api/methods.hpp"
#include "proto/client/pinned_channel.hpp"

namespace wutong::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEndPatience{3000};

Fault fault_with(Fault::Kind kind, const std::string& text) {
    Fault fault;
    fault.kind = kind;
    fault.text = text.substr(0, 500);
    return fault;
}

/// What the dialling thread looks at before it starts; the rest is asked on the UI thread.
struct Attempt final : Call::State {
    void cancel() override { cancelled = true; }
    std::atomic<bool> cancelled{false};
};

}  // namespace

/// All on the UI thread, apart from what `work` does. Kept by what is posted, so that it may outlive
/// GrpcServer.
struct GrpcServer::Core : std::enable_shared_from_this<Core> {
    Core(UiQueue& queue, Limits with) : limits{with}, wire{std::make_shared<Wire>(queue)} {}

    /// Any word from the server will do; without a session it says that we have none.
    std::shared_ptr<UnaryCall> ask_for_sign_of_life(milliseconds deadline, bool patient,
                                                    std::function<void(const Fault*)> done) {
        auto call = std::make_shared<UnaryCall>(
            wire, UnaryCall::What{method::who_am_i.path, Repeat::never, deadline, patient},
            google::protobuf::Empty{}, std::make_shared<v1::WhoAmIResponse>(), std::move(done));
        call->start();
        return call;
    }

    static bool is_sign_of_life(const Fault* fault) {
        return fault == nullptr ||
               (fault->kind != Fault::Kind::unreachable && fault->kind != Fault::Kind::timed_out);
    }

    void lost_link(const Fault& fault) {
        if (!std::exchange(linked, false)) {
            return;
        }
        probe.reset();
        if (lost) {
            lost(fault);
        }
    }

    void check_silence() {
        wire->drop_old_links();
        if (!linked || probe || wire->silence() < limits.silence) {
            return;
        }
        probe = ask_for_sign_of_life(limits.sign_of_life, false, [this](const Fault* fault) {
            probe.reset();
            if (!is_sign_of_life(fault)) {
                lost_link(*fault);
            }
        });
    }

    const Limits limits;
    std::shared_ptr<Wire> wire;
    std::function<void(const Fault&)> lost;
    std::function<void(const Fault&)> session_ended;
    bool linked{false};
    std::shared_ptr<UnaryCall> probe;
    std::shared_ptr<UnaryCall> greeting;
    std::unique_ptr<BlockingWork> work;
};

GrpcServer::GrpcServer(UiQueue& queue, Limits limits) : core_{std::make_shared<Core>(queue, limits)} {
    core_->wire->broke = [core = core_.get()](const Fault& fault) { core->lost_link(fault); };
    core_->wire->session_ended = [this](const Fault& fault) { tell_session_ended(fault); };
    const std::weak_ptr<Core> weak{core_};
    core_->work = std::make_unique<BlockingWork>(std::min(milliseconds{1000}, limits.silence), [weak] {
        if (const auto core = weak.lock()) {
            core->wire->post([weak] {
                if (const auto here = weak.lock()) {
                    here->check_silence();
                }
            });
        }
    });
}

GrpcServer::~GrpcServer() {
    core_->lost = nullptr;
    core_->work.reset();
    core_->wire->close(kEndPatience);
}

void GrpcServer::use_token(const std::string& token) {
    core_->wire->token = token;
}

void GrpcServer::use_language(const std::string& language) {
    core_->wire->language = language;
}

void GrpcServer::on_lost(std::function<void(const Fault&)> lost) {
    core_->lost = std::move(lost);
}

void GrpcServer::hang_up() {
    core_->linked = false;
    core_->probe.reset();
    core_->greeting.reset();
    core_->wire->give_up_link();
    core_->wire->hang_up_all();
}

Call GrpcServer::fetch_certificate(const std::string& address,
                                   std::function<void(Result<PresentedCertificate>)> done) {
    auto attempt = std::make_shared<Attempt>();
    const auto answer = [attempt, wire = core_->wire, done = std::move(done)](auto result) {
        wire->post([attempt, done, result] {
            if (!attempt->cancelled) {
                done(Result<PresentedCertificate>{result});
            }
        });
    };
    core_->work->add([attempt, address, answer, timeout = core_->limits.dial] {
        if (attempt->cancelled) {
            return;
        }
        try {
            answer(PresentedCertificate{api::fetch_certificate(address, timeout).fingerprint});
        } catch (const std::exception& error) {
            answer(fault_with(Fault::Kind::unreachable, error.what()));
        }
    });
    return Call{attempt};
}

Call GrpcServer::dial(const ServerAddress& server, std::function<void(Result<Dialled>)> done) {
    auto attempt = std::make_shared<Attempt>();
    const std::weak_ptr<Core> weak{core_};
    const auto greet = [attempt, weak, done](const std::shared_ptr<grpc::Channel>& channel) {
        const auto core = weak.lock();
        if (!core || attempt->cancelled) {
            return;
        }
        core->wire->give_up_link();
        core->wire->stub = std::make_shared<grpc::GenericStub>(channel);
        const auto asked_at = std::chrono::steady_clock::now();
        core->greeting = core->ask_for_sign_of_life(
            core->limits.dial, true, [attempt, weak, done, asked_at](const Fault* fault) {
                const auto here = weak.lock();
                if (!here || attempt->cancelled) {
                    return;
                }
                if (!Core::is_sign_of_life(fault)) {
                    here->wire->give_up_link();
                    done(Result<Dialled>{*fault});
                    return;
                }
                here->linked = true;
                const auto took = std::chrono::steady_clock::now() - asked_at;
                done(Result<Dialled>{Dialled{std::chrono::ceil<milliseconds>(took)}});
            });
    };
    const auto fail = [attempt, wire = core_->wire, done](const Fault& fault) {
        wire->post([attempt, done, fault] {
            if (!attempt->cancelled) {
                done(Result<Dialled>{fault});
            }
        });
    };
    core_->work->add([attempt, server, greet, fail, wire = core_->wire, timeout = core_->limits.dial] {
        if (attempt->cancelled) {
            return;
        }
        try {
            const auto channel = api::connect_pinned(server.address, server.fingerprint, timeout);
            wire->post([greet, channel] { greet(channel); });
        } catch (const api::CertificateChanged& changed) {
            auto fault = fault_with(Fault::Kind::certificate_changed, changed.what());
            fault.details = {{"pinned", server.fingerprint}, {"presented", changed.presented()}};
            fail(fault);
        } catch (const std::exception& error) {
            fail(fault_with(Fault::Kind::unreachable, error.what()));
        }
    });
    return Call{attempt};
}

Call GrpcServer::start(const MethodInfo& method, const Message& request, std::shared_ptr<Message> answer,
                       std::function<void(const Fault*)> done) {
    auto call = std::make_shared<UnaryCall>(
        core_->wire, UnaryCall::What{method.path, method.repeat, method.deadline, false, method.token},
        request, std::move(answer), std::move(done));
    call->start();
    return Call{call};
}

Call GrpcServer::start_stream(const char* path, const Message& request, std::shared_ptr<Message> prototype,
                              std::function<void(const Message&)> update,
                              std::function<void(const Fault*)> end) {
    auto call =
        std::make_shared<StreamCall>(core_->wire, path, request, std::move(prototype),
                                     core_->limits.updates_waiting, std::move(update), std::move(end));
    call->start();
    return Call{call};
}

}  // namespace wutong::client
