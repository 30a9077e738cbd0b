#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/api/tariff_methods.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/presenters/tariffs/tariff_lists.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/site_service.pb.h"
#include "wutong/v1/tariff_service.pb.h"

namespace wutong::client {

namespace {

constexpr const char* kNoPlan = "0";
constexpr const char* kNoWaterPlan = "0 water";

class AssignForm final : public Form {
public:
    AssignForm(Context& context, std::vector<PlanOption> plans, std::int64_t chosen)
        : Form{context}, plans_{std::move(plans)}, wished_{std::to_string(chosen)} {
        screen_.title = tr("Assign a tariff plan");
        screen_.intro =
            tr("The narrowest counts: a meter's own plan before its building's, that one before the "
               "property's.");
        add({"plan_id", FormField::Kind::choice, tr("Plan"), wished_});
        FormField target{"target", FormField::Kind::choice, tr("For"), "property"};
        target.options = {{"property", tr("Whole property")}, {"meter", tr("One meter")}};
        add(std::move(target));
        FormField unit{
            "meter_id", FormField::Kind::text, tr("Unit"), "", "", tr("Unit, shop, account or meter")};
        unit.enabled = false;
        add(std::move(unit));
        add({"effective_from", FormField::Kind::text, tr("From"),
             table_date(start_of_day(context.live.server_now(), 1)), "",
             tr("From the first moment of that day")});
        load_buildings();
        offer();
        place();
    }

protected:
    void follow(const std::string& key) override {
        if (key == "target") {
            find("meter_id")->enabled = value("target") == "meter";
        }
        if (key == "plan_id") {
            wished_ = value("plan_id");
        }
        offer();
        place();
    }
    void check() override {
        if (value("target") == "meter" && !meter()) {
            fail("meter_id", tr("Nobody here is called that. Look at the spelling."));
        }
        if (!parse_date(value("effective_from"))) {
            fail("effective_from", tr("A date like 2026-03-26."));
        }
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto* plan = find("plan_id");
        if (plan != nullptr) {
            for (const auto& one : plan->options) {
                if (one.value == plan->value && plan_id() != 0) {
                    return fill(tr("Assign {plan}"), fmt::arg("plan", clipped(one.label, 30)));
                }
            }
        }
        return tr("Assign");
    }
    void send() override {
        v1::AssignTariffRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_plan_id(plan_id());
        if (plan_id() == 0) {
            request.set_commodity(core::to_string(commodity()));
        }
        request.set_effective_from(value("effective_from"));
        if (value("target") == "meter") {
            request.mutable_target()->set_meter_id(meter().value_or(0));
        } else {
            request.mutable_target()->set_building_id(building());
        }
        change<v1::AssignTariffRequest, v1::TariffAssignment>(
            method::assign_tariff, std::move(request), [](const v1::TariffAssignment& made) {
                return made.plan_id() == 0
                           ? fill(tr("From {day} on no plan of its own."),
                                  fmt::arg("day", made.effective_from()))
                           : fill(tr("{plan} assigned from {day} on."), fmt::arg("plan", made.plan_name()),
                                  fmt::arg("day", made.effective_from()));
            });
    }

private:
    [[nodiscard]] std::int64_t plan_id() const { return parse_count(value("plan_id")).value_or(0); }
    [[nodiscard]] std::int64_t building() const {
        const auto target = value("target");
        return target.starts_with('b') ? parse_count(target.substr(1)).value_or(0) : 0;
    }
    [[nodiscard]] std::optional<std::int64_t> meter() const {
        const auto* found = find_meter(context_.live.meters(), value("meter_id"), commodity());
        return found == nullptr ? std::nullopt : std::optional{found->meter_id};
    }
    /// Of the chosen plan.
    [[nodiscard]] Commodity commodity() const {
        if (plan_id() == 0) {
            return value("plan_id") == kNoWaterPlan ? Commodity::water : Commodity::electricity;
        }
        const auto found = std::find_if(plans_.begin(), plans_.end(),
                                        [this](const PlanOption& one) { return one.id == plan_id(); });
        return found == plans_.end() ? Commodity::electricity : found->commodity;
    }
    /// Plans of what the meters measure that are meant; the chosen one stays when it is among them.
    void offer() {
        auto& plan = *find("plan_id");
        const auto meant = value("target") == "meter"
                               ? find_unit_meters(context_.live.meters(), value("meter_id"))
                               : std::vector<const LiveMeter*>{};
        const auto fits = [&meant](Commodity commodity) {
            return meant.empty() || std::any_of(meant.begin(), meant.end(), [commodity](const auto* one) {
                       return one->commodity == commodity;
                   });
        };
        plan.options.clear();
        bool water = false;
        for (const auto& one : plans_) {
            water = water || one.commodity == Commodity::water;
            if (fits(one.commodity)) {
                plan.options.push_back(
                    {std::to_string(one.id), one.commodity == Commodity::water
                                                 ? one.name + "  ·  " + meters_of(one.commodity)
                                                 : one.name});
            }
        }
        if (fits(Commodity::electricity)) {
            plan.options.push_back({kNoPlan, tr("no plan of its own")});
        }
        if (fits(Commodity::water) && (water || !meant.empty())) {
            plan.options.push_back({kNoWaterPlan, tr("no water plan of its own")});
        }
        const bool there = std::any_of(plan.options.begin(), plan.options.end(),
                                       [this](const FormOption& one) { return one.value == wished_; });
        plan.value = there ? wished_ : plan.options.front().value;
        screen_.submit = submit_label();
    }

    void load_buildings() {
        if (!context_.session.may("site.read")) {
            return;
        }
        v1::GetSiteRequest request;
        request.set_property_id(context_.session.property_id());
        site_call_ = context_.server.call(
            method::get_site, request,
            std::function<void(Result<v1::GetSiteResponse>)>{[this](Result<v1::GetSiteResponse> result) {
                if (!result) {
                    return;
                }
                auto& options = find("target")->options;
                for (const auto& building : result->buildings()) {
                    options.push_back(
                        {"b" + std::to_string(building.building_id()),
                         fill(tr("Building {code}"), fmt::arg("code", clipped(building.code(), 40)))});
                }
                tell();
            }});
    }

    /// Says under the target who would charge by the plan, before it is assigned.
    void place() {
        auto* target = find("target");
        if (target == nullptr || plan_id() == 0 || (value("target") == "meter" && !meter())) {
            if (target != nullptr) {
                target->hint.clear();
            }
            return;
        }
        v1::PlaceTariffVersionRequest request;
        request.set_property_id(context_.session.property_id());
        request.mutable_source()->set_plan_id(plan_id());
        request.set_building_id(building());
        if (const auto one = meter(); one && value("target") == "meter") {
            request.add_meter_ids(*one);
        }
        request.mutable_page()->set_size(1);
        target->hint = tr("Who charges by it is being looked up.");
        call_ = context_.server.call(method::place_version, request,
                                     std::function<void(Result<v1::PlaceTariffVersionResponse>)>{
                                         [this](Result<v1::PlaceTariffVersionResponse> result) {
                                             find("target")->hint =
                                                 result ? said(*result) : describe(result.fault());
                                             tell();
                                         }});
    }
    static std::string said(const v1::PlaceTariffVersionResponse& answer) {
        std::string words;
        for (const auto& group : answer.groups()) {
            words += (words.empty() ? "" : "; ") + clipped(group.profile(), 30) + " × " +
                     count(group.meters()) + ": " + placement_words(group.placement());
        }
        return words.empty() ? tr("No prepaid meter is there.") : words;
    }

    std::vector<PlanOption> plans_;
    std::string wished_;  ///< comes back when a unit is typed, letter by letter, that has such a meter
    Call call_, site_call_;
};

}  // namespace

std::unique_ptr<Form> assign_form(Context& context, std::vector<PlanOption> plans, std::int64_t chosen) {
    return std::make_unique<AssignForm>(context, std::move(plans), chosen);
}

}  // namespace wutong::client
