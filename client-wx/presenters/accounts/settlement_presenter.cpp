#include "client-wx/presenters/accounts/settlement_presenter.hpp"

#include <google/protobuf/empty.pb.h>
#include <wutong/v1/sale_service.pb.h>
#include <wutong/v1/session_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/meter/meter_credit.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kReasonMax = 400;  // bytes; the server takes 500
constexpr std::chrono::seconds kAgain{2};

bool blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

bool no_answer(const Fault& fault) {
    return fault.kind == Fault::Kind::outcome_unknown || fault.kind == Fault::Kind::unreachable ||
           fault.kind == Fault::Kind::timed_out;
}

std::string decision_words(bool delivered) {
    return delivered ? tr("it is on the meter") : tr("it is not on the meter");
}

}  // namespace

SettlementPresenter::SettlementPresenter(Context& context, std::int64_t delivery_id,
                                         std::function<void()> changed)
    : context_{context}, delivery_id_{delivery_id}, changed_{std::move(changed)}, own_{context} {
    own_.on_state = [this] { refresh(); };
    connection_ = context_.connection.on_change([this] { refresh(); });
    load();
    load_persons();
    refresh();
}

SettlementPresenter::~SettlementPresenter() {
    if (!second_token_.empty()) {
        farewell();
    }
}

void SettlementPresenter::load() {
    v1::GetDeliveryRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_delivery_id(delivery_id_);
    load_call_ = context_.server.call(
        method::get_delivery, request,
        std::function<void(Result<v1::Delivery>)>{[this](Result<v1::Delivery> result) {
            screen_.loading = false;
            if (!result) {
                screen_.fault = describe_with_code(result.fault());
                return refresh();
            }
            screen_.fault.clear();
            delivery_ = std::make_unique<v1::Delivery>(*result);
            const auto evidence = evidence_of(*delivery_);
            const auto unit = clipped(
                delivery_->unit_code().empty() ? delivery_->meter_code() : delivery_->unit_code(), 40);
            screen_.title = evidence.title + "  ·  " + unit;
            screen_.facts = evidence.facts;
            screen_.raw = evidence.raw == "null" ? std::string{} : evidence.raw;
            if (delivery_->has_settlement() && screen_.decision < 0) {
                screen_.decision = delivery_->settlement().delivered() ? 0 : 1;
            }
            refresh();
        }});
}

void SettlementPresenter::load_persons() {
    if (!context_.session.may("parameter.read")) {
        return;
    }
    v1::GetParametersRequest request;
    request.set_property_id(context_.session.property_id());
    persons_call_ = context_.server.call(
        method::get_parameters, request,
        std::function<void(Result<v1::Parameters>)>{[this](Result<v1::Parameters> result) {
            if (!result) {
                return;
            }
            for (const auto& one : result->parameters()) {
                if (one.key() == "settle_persons") {
                    persons_ = one.value() == "1" ? 1 : 2;
                }
            }
            refresh();
        }});
}

void SettlementPresenter::decide(int decision) {
    if (!working_) {
        screen_.decision = decision;
        screen_.decision_error.clear();
    }
    refresh();
}

void SettlementPresenter::type_reason(const std::string& text) {
    if (working_) {
        return;
    }
    screen_.reason = text;
    while (screen_.reason.size() > kReasonMax) {  // between letters, not inside of one
        do {
            screen_.reason.pop_back();
        } while (!screen_.reason.empty() &&
                 (static_cast<unsigned char>(screen_.reason.back()) & 0xC0U) == 0x80U);
    }
    screen_.reason_error.clear();
    refresh();
}

void SettlementPresenter::type_second(const std::string& name, const std::string& password) {
    if (working_) {
        return;
    }
    screen_.second_name = name;
    screen_.second_password = password;
    screen_.second_error.clear();
    refresh();
}

bool SettlementPresenter::check() {
    screen_.decision_error = screen_.decision < 0 ? tr("Choose what the meter shows.") : std::string{};
    screen_.reason_error =
        blank(screen_.reason) ? tr("Say why; it is kept with the delivery.") : std::string{};
    screen_.second_error.clear();
    const bool any = !screen_.second_name.empty() || !screen_.second_password.empty();
    if (screen_.second_needed && any) {
        if (screen_.second_name.empty() || screen_.second_password.empty()) {
            screen_.second_error = tr("Name and password of the second person.");
        } else if (screen_.second_name == context_.session.who().name) {
            screen_.second_error = tr("This is your own name. It takes somebody else.");
        }
    }
    return screen_.decision_error.empty() && screen_.reason_error.empty() && screen_.second_error.empty();
}

void SettlementPresenter::commit() {
    if (working_ || !screen_.can_commit) {
        return;
    }
    if (!check()) {
        return refresh();
    }
    working_ = true;
    screen_.notice.clear();
    if (screen_.second_needed && !screen_.second_name.empty()) {
        sign_second_in();  // a wrong password changes nothing
    } else {
        say_own();
    }
    refresh();
}

void SettlementPresenter::sign_second_in() {
    v1::SignInRequest request;
    request.set_operator_(screen_.second_name);
    request.set_password(screen_.second_password);
    second_call_ = context_.server.call(
        method::sign_in, request,
        std::function<void(Result<v1::SignInResponse>)>{[this](Result<v1::SignInResponse> result) {
            screen_.second_password.clear();
            if (!result) {
                working_ = false;
                screen_.second_error = describe(result.fault());
                return refresh();
            }
            second_token_ = result->token();
            const auto& permissions = result->who().permissions();
            const bool may = std::any_of(permissions.begin(), permissions.end(),
                                         [](const auto& one) { return one == "*" || one == "sale.settle"; });
            if (!may || result->who().operator_id() == context_.session.who().operator_id) {
                farewell();
                working_ = false;
                screen_.second_error = may ? tr("This is your own name. It takes somebody else.")
                                           : tr("This operator may not settle credit in question.");
                return refresh();
            }
            say_own();
        }});
}

void SettlementPresenter::say_own() {
    v1::SettleDeliveryRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_delivery_id(delivery_id_);
    request.set_delivered(screen_.decision == 0);
    request.set_reason(screen_.reason);
    own_.ask<v1::SettleDeliveryRequest, v1::Delivery>(
        method::settle_delivery, request, [this](Result<v1::Delivery> result) {
            if (!result) {
                return fail(result.fault());
            }
            if (result->state() == "quarantined" && !second_token_.empty()) {
                return say_second();
            }
            settled(*result);
        });
    refresh();
}

void SettlementPresenter::say_second() {
    v1::SettleDeliveryRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_delivery_id(delivery_id_);
    request.set_delivered(screen_.decision == 0);
    request.set_reason(screen_.reason);
    // Asked with one request id until there is an answer, each time as the second person.
    auto ask = std::make_shared<std::function<void()>>();
    *ask = [this, request, weak = std::weak_ptr<std::function<void()>>{ask}] {
        second_call_ = context_.server.call_as(
            second_token_, method::settle_delivery, request,
            std::function<void(Result<v1::Delivery>)>{
                [this, again = weak.lock()](Result<v1::Delivery> result) {
                    if (!result && no_answer(result.fault())) {
                        screen_.notice =
                            tr("The answer to the second person's word is missing. It is asked for again.");
                        screen_.notice_is_error = false;
                        retry_ = context_.timers.after(kAgain, [again] { (*again)(); });
                        return refresh();
                    }
                    result ? settled(*result) : fail(result.fault());
                }});
    };
    (*ask)();
}

void SettlementPresenter::farewell() {
    // Lives until it is answered, longer than this presenter if need be.
    auto call = std::make_shared<Call>();
    *call = context_.server.call_as(second_token_, method::sign_out, google::protobuf::Empty{},
                                    [call](const Result<google::protobuf::Empty>&) {});
    second_token_.clear();
}

void SettlementPresenter::settled(const v1::Delivery& delivery) {
    working_ = false;
    if (!second_token_.empty()) {
        farewell();
    }
    delivery_ = std::make_unique<v1::Delivery>(delivery);
    screen_.finished = true;
    screen_.notice_is_error = false;
    screen_.notice =
        delivery.state() == "quarantined"
            ? tr("Your word is kept. It is settled when a second operator has said the same.")
        : delivery.state() == "delivered"
            ? tr("Settled: the credit counts as on the meter.")
            : tr("Settled: the money is back on the account, and can be paid out or sold again.");
    refresh();
}

void SettlementPresenter::fail(const Fault& fault) {
    working_ = false;
    if (!second_token_.empty()) {
        farewell();
    }
    screen_.notice = describe_with_code(fault);
    screen_.notice_is_error = true;
    load();
    refresh();
}

void SettlementPresenter::refresh() {
    const bool waits = delivery_ && delivery_->state() == "quarantined";
    screen_.first_word.clear();
    screen_.second_needed = persons_ > 1;
    if (delivery_ && delivery_->has_settlement()) {
        const auto& word = delivery_->settlement();
        const bool own = word.operator_id() == context_.session.who().operator_id;
        screen_.first_word = fill(
            tr("{who} says: {what}, because {why}"), fmt::arg("who", clipped(word.operator_(), 40)),
            fmt::arg("what", decision_words(word.delivered())), fmt::arg("why", clipped(word.reason(), 200)));
        if (!own && screen_.decision == (word.delivered() ? 0 : 1)) {
            screen_.second_needed = false;  // yours is the second word
        }
    }
    const auto amount = delivery_ ? money(delivery_->amount_e4()) : std::string{};
    const bool takes = delivery_ && (delivery_->kind() == "refund" || delivery_->kind() == "reversal" ||
                                     delivery_->kind() == "clear");
    screen_.consequence =
        screen_.decision < 0 ? tr("Look at the meter's display: balance and purchase number tell it.")
        : takes              ? (screen_.decision == 0
                                    ? fill(tr("The books count {amount} as taken off the meter; it can be paid out."),
                                           fmt::arg("amount", amount))
                                    : tr("The books leave the meter's credit as it was."))
        : screen_.decision == 0
            ? fill(tr("The books count {amount} as on the meter."), fmt::arg("amount", amount))
            : fill(tr("{amount} goes back to the account; it can be paid out or sold again."),
                   fmt::arg("amount", amount));
    screen_.second_hint =
        tr("Left empty: your word is kept, and a second operator says the same at any seat.");
    const bool both = screen_.second_needed && !screen_.second_name.empty();
    screen_.commit = !screen_.second_needed || both ? tr("Settle") : tr("Keep my word");
    screen_.why_not.clear();
    if (screen_.loading) {
        screen_.why_not = tr("Loading…");
    } else if (!screen_.fault.empty()) {
        screen_.why_not = screen_.fault;
    } else if (screen_.finished) {
        screen_.why_not = tr("It is booked.");
    } else if (!waits) {
        screen_.why_not = tr("This delivery does not wait for an operator.");
    } else if (!context_.session.may("sale.settle")) {
        screen_.why_not = tr("You may not settle credit in question.");
    } else if (working_) {
        screen_.why_not = tr("It is under way.");
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    }
    screen_.can_commit = screen_.why_not.empty();
    screen_.busy = working_;
    if (own_.waiting()) {
        screen_.notice_is_error = false;
        screen_.notice =
            tr("It was sent; the answer is missing. It is asked for again with the same number, so "
               "nothing is done twice.");
    }
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
