#include "client-wx/presenters/held/held_forms.hpp"

#include <wutong/v1/held_service.pb.h>

#include "client-wx/api/held_methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/held/held_words.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

FormField reason_field(const std::string& hint) {
    return {"reason", FormField::Kind::text, tr("Reason"), "", "", hint};
}

class RunServerHeldForm final : public Form {
public:
    RunServerHeldForm(Context& context, std::int64_t meter_id, std::string name)
        : Form{context}, meter_id_{meter_id}, name_{std::move(name)} {
        screen_.title = tr("The server keeps the credit");
        screen_.intro =
            tr("From the next account on: the server charges each reading by the tariff in force, and "
               "switches off who has no credit left. Nothing of the money goes to the meter.");
        if (meter_id_ == 0) {
            add({"meter", FormField::Kind::text, tr("Meter"), "", "",
                 tr("Unit or meter; prepaid, without an account")});
        }
        add(reason_field(tr("Kept with the meter")));
    }

protected:
    void check() override {
        need("reason");
        if (find("meter") == nullptr) {
            return;
        }
        const auto typed = search_form(value("meter"));
        meter_id_ = 0;
        for (const auto& meter : context_.live.meters()) {
            if (meter.prepaid() && !typed.empty() &&
                (search_form(meter.unit_code) == typed || search_form(meter.code) == typed)) {
                meter_id_ = meter.meter_id;
                name_ = unit_or_code(meter);
                if (meter.account_id != 0) {
                    fail("meter", fill(tr("{unit} belongs to account {account}. Close that one first."),
                                       fmt::arg("unit", name_), fmt::arg("account", meter.account_number)));
                }
                return;
            }
        }
        fail("meter", typed.empty() ? tr("Which meter?") : tr("No prepaid meter is called that."));
    }
    [[nodiscard]] std::string submit_label() const override {
        return name_.empty() || find("meter") != nullptr
                   ? tr("Let the server keep it")
                   : fill(tr("Let the server keep {unit}"), fmt::arg("unit", name_));
    }
    void send() override {
        v1::RunServerHeldRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_meter_id(meter_id_);
        request.set_reason(value("reason"));
        change<v1::RunServerHeldRequest, v1::HeldMeter>(
            method::run_server_held, std::move(request), [this](const v1::HeldMeter&) {
                return fill(tr("{unit} is run server-held from the next account on."),
                            fmt::arg("unit", name_));
            });
    }

private:
    std::int64_t meter_id_;
    std::string name_;
};

class RunMeterHeldForm final : public Form {
public:
    RunMeterHeldForm(Context& context, std::int64_t meter_id, std::string name)
        : Form{context}, meter_id_{meter_id}, name_{std::move(name)} {
        screen_.title = tr("The meter keeps the credit");
        screen_.intro =
            tr("From the next account on: what is paid is written to the meter, which counts it down and "
               "switches off by itself, also while nobody can reach it.");
        screen_.submit = submit_label();
    }

protected:
    void check() override {}
    [[nodiscard]] std::string submit_label() const override {
        return fill(tr("Let meter {unit} keep it"), fmt::arg("unit", name_));
    }
    void send() override {
        v1::RunMeterHeldRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_meter_id(meter_id_);
        change<v1::RunMeterHeldRequest, v1::RunMeterHeldResponse>(
            method::run_meter_held, std::move(request), [this](const v1::RunMeterHeldResponse&) {
                return fill(tr("{unit} keeps its credit itself from the next account on."),
                            fmt::arg("unit", name_));
            });
    }

private:
    std::int64_t meter_id_;
    std::string name_;
};

class GoOnChargingForm final : public Form {
public:
    GoOnChargingForm(Context& context, std::int64_t meter_id, std::string name, const std::string& stopped)
        : Form{context}, meter_id_{meter_id}, name_{std::move(name)} {
        screen_.title = fill(tr("Go on charging {unit}"), fmt::arg("unit", name_));
        screen_.intro =
            tr("Somebody has looked at the meter. Charging goes on from what its register shows now; what "
               "was used since it stopped is charged to nobody.") +
            (stopped.empty() ? "" : "\n" + stopped);
        add(reason_field(tr("What was found; kept in the operation log")));
    }

protected:
    void check() override { need("reason"); }
    [[nodiscard]] std::string submit_label() const override { return tr("Go on charging"); }
    void send() override {
        v1::GoOnChargingRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_meter_id(meter_id_);
        request.set_reason(value("reason"));
        change<v1::GoOnChargingRequest, v1::HeldMeter>(
            method::go_on_charging, std::move(request), [this](const v1::HeldMeter&) {
                return fill(tr("{unit} is charged again."), fmt::arg("unit", name_));
            });
    }

private:
    std::int64_t meter_id_;
    std::string name_;
};

class GuardForm final : public Form {
public:
    GuardForm(Context& context, std::string unit_code, const UnitGuard* now)
        : Form{context}, unit_{std::move(unit_code)}, asks_{unit_.empty()} {
        screen_.title = asks_ ? tr("Guard a unit") : fill(tr("Guard of {unit}"), fmt::arg("unit", unit_));
        screen_.intro =
            tr("The server never switches a guarded unit off. A person still can, and is warned.");
        if (asks_) {
            add({"unit_code", FormField::Kind::text, tr("Unit")});
        }
        add({"kind",
             FormField::Kind::choice,
             tr("Why it is guarded"),
             now != nullptr ? now->kind : "medical",
             "",
             "",
             "",
             {{"medical", tr("Medical: somebody's life depends on the power")},
              {"safety", tr("Safety: fire pumps, lifts, alarms")},
              {"none", tr("Not guarded")}}});
        add({"note", FormField::Kind::text, tr("Note"), now != nullptr ? now->note : "", "",
             tr("Says why, for whoever comes later")});
    }

protected:
    void check() override {
        if (asks_) {
            need("unit_code");
        }
        if (value("kind") != "none") {
            need("note");
        }
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto unit = asks_ ? value("unit_code") : unit_;
        const bool ends = value("kind") == "none";
        return unit.empty() ? (ends ? tr("End the guard") : tr("Guard a unit"))
                            : fill(ends ? tr("End the guard of {unit}") : tr("Guard {unit}"),
                                   fmt::arg("unit", clipped(unit, 24)));
    }
    void send() override {
        v1::SetUnitGuardRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_unit_code(asks_ ? value("unit_code") : unit_);
        request.set_kind(value("kind"));
        request.set_note(value("note"));
        change<v1::SetUnitGuardRequest, v1::GuardedUnit>(
            method::set_unit_guard, std::move(request), [this](const v1::GuardedUnit& unit) {
                context_.guards.refresh();
                return fill(
                    unit.kind() == "none" ? tr("{unit} is guarded no more.") : tr("{unit} is guarded."),
                    fmt::arg("unit", clipped(unit.unit_code(), 40)));
            });
    }

private:
    std::string unit_;
    bool asks_;
};

}  // namespace

std::unique_ptr<Form> run_server_held_form(Context& context, std::int64_t meter_id, const std::string& name) {
    return std::make_unique<RunServerHeldForm>(context, meter_id, name);
}

std::unique_ptr<Form> run_meter_held_form(Context& context, std::int64_t meter_id, const std::string& name) {
    return std::make_unique<RunMeterHeldForm>(context, meter_id, name);
}

std::unique_ptr<Form> go_on_charging_form(Context& context, std::int64_t meter_id, const std::string& name,
                                          const std::string& stopped) {
    return std::make_unique<GoOnChargingForm>(context, meter_id, name, stopped);
}

std::unique_ptr<Form> guard_form(Context& context, const std::string& unit_code, const UnitGuard* now) {
    return std::make_unique<GuardForm>(context, unit_code, now);
}

}  // namespace wutong::client
