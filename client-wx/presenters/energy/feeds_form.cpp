#include "client-wx/presenters/energy/feeds_form.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "client-wx/api/history_methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/history_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::size_t kMetersMost = 2'000;  // as the server takes them
constexpr std::size_t kNamed = 5;           // words that a sentence names

class FeedsForm final : public Form {
public:
    FeedsForm(Context& context, std::int64_t feeder, const std::string& feeder_code)
        : Form{context}, feeder_{feeder}, code_{clipped(feeder_code, 40)} {
        screen_.title = fill(tr("Meters behind {feeder}"), fmt::arg("feeder", code_));
        screen_.intro =
            tr("What they count together is compared with what the feeder counts, for the past too.");
        FormField meters{"meter_ids", FormField::Kind::text, tr("Meters")};
        meters.lines = 6;
        meters.enabled = context.session.may("device.write");
        meters.hint = tr("Being fetched");
        add(std::move(meters));
        FormField building{"building", FormField::Kind::choice, tr("Add a building's meters")};
        building.options.push_back({"", tr("Choose…")});
        std::set<std::string> buildings;
        for (const auto& one : context.live.meters()) {
            if (can_be_fed(one) && buildings.insert(one.building).second) {
                building.options.push_back({one.building, clipped(one.building, 40)});
            }
        }
        add(std::move(building));
        screen_.off_reason =
            context.session.may("device.write") ? tr("Being fetched") : tr("Your role does not allow it.");
        load();
    }

protected:
    void check() override {
        std::vector<std::string> unknown;
        ids_.clear();
        for (const auto& word : words()) {
            const auto found = known(word);
            if (found.empty()) {
                unknown.push_back(word);
            }
            ids_.insert(found.begin(), found.end());
        }
        if (!unknown.empty()) {
            std::string named;
            for (std::size_t i = 0; i < std::min(kNamed, unknown.size()); ++i) {
                named += (i == 0 ? "" : ", ") + clipped(unknown[i], 40);
            }
            fail("meter_ids",
                 unknown.size() > kNamed
                     ? fill(tr("No meter or unit is called {names}, and {n} more are not known."),
                            fmt::arg("names", named), fmt::arg("n", unknown.size() - kNamed))
                     : fill(tr("No meter or unit is called {names}."), fmt::arg("names", named)));
        } else if (ids_.contains(feeder_)) {
            fail("meter_ids", tr("A feeder does not feed itself."));
        } else if (ids_.size() > kMetersMost) {
            fail("meter_ids",
                 fill(tr("A feeder feeds at most {n} meters."), fmt::arg("n", count(kMetersMost))));
        }
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto typed = words().size();
        return typed == 0
                   ? fill(tr("{feeder} feeds nobody"), fmt::arg("feeder", code_))
                   : fill(tr_n("{feeder} feeds {n} meter", "{feeder} feeds {n} meters",
                               static_cast<unsigned>(typed)),
                          fmt::arg("feeder", code_), fmt::arg("n", count(static_cast<std::int64_t>(typed))));
    }
    void follow(const std::string& key) override {
        if (key != "building" || value("building").empty()) {
            return;
        }
        const auto there = words();
        auto& text = find("meter_ids")->value;
        const auto building = value("building");
        for (const auto& one : context_.live.meters()) {
            if (one.building == building && can_be_fed(one) && !there.contains(one.code)) {
                text += (text.empty() || text.back() == ' ' ? "" : " ") + one.code;
            }
        }
        find("meter_ids")->error.clear();
        find("building")->value.clear();
    }
    void send() override {
        v1::SetFeedsRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_feeder_id(feeder_);
        for (const auto id : ids_) {
            request.add_meter_ids(id);
        }
        change<v1::SetFeedsRequest, v1::SetFeedsResponse>(
            method::set_feeds, std::move(request), [code = code_](const v1::SetFeedsResponse& done) {
                return done.meters() == 0
                           ? fill(tr("{feeder} feeds nobody now."), fmt::arg("feeder", code))
                           : fill(tr_n("{feeder} feeds {n} meter now.", "{feeder} feeds {n} meters now.",
                                       static_cast<unsigned>(done.meters())),
                                  fmt::arg("feeder", code), fmt::arg("n", count(done.meters())));
            });
    }

private:
    /// What a building's meters are, as a rule: other feeders and water are named by hand if they are meant.
    static bool can_be_fed(const LiveMeter& one) {
        return one.role != "feeder" && one.commodity == Commodity::electricity && !one.building.empty();
    }
    [[nodiscard]] std::set<std::string> words() const {
        auto text = value("meter_ids");
        std::replace(text.begin(), text.end(), ',', ' ');
        std::istringstream in{text};
        std::set<std::string> words;
        for (std::string word; in >> word;) {
            words.insert(word);
        }
        return words;
    }
    /// A meter by its code, or those of electricity of a unit. What was behind it stays known when it is not
    /// on the wall.
    [[nodiscard]] std::vector<std::int64_t> known(const std::string& word) const {
        std::vector<std::int64_t> of_unit;
        for (const auto& one : context_.live.meters()) {
            if (one.code == word) {
                return {one.meter_id};
            }
            if (one.unit_code == word && one.commodity == Commodity::electricity) {
                of_unit.push_back(one.meter_id);
            }
        }
        const auto before = before_.find(word);
        return of_unit.empty() && before != before_.end() ? std::vector{before->second} : of_unit;
    }
    void load() {
        v1::GetFeedsRequest request;
        request.set_property_id(context_.session.property_id());
        request.set_feeder_id(feeder_);
        call_ = context_.server.call(method::get_feeds, request,
                                     std::function<void(Result<v1::Feeds>)>{[this](Result<v1::Feeds> result) {
                                         auto& field = *find("meter_ids");
                                         if (!result) {
                                             field.hint = describe(result.fault());
                                             screen_.off_reason = field.hint;
                                             return tell();
                                         }
                                         std::string there;
                                         for (const auto& one : result->meters()) {
                                             before_.emplace(one.meter_code(), one.meter_id());
                                             there += one.meter_code() + " ";
                                         }
                                         field.value.insert(0, there);  // before what was typed meanwhile
                                         field.hint = tr("Codes of meters or units, with blanks between");
                                         if (field.enabled) {
                                             screen_.off_reason.clear();
                                         }
                                         screen_.submit = submit_label();
                                         tell();
                                     }});
        screen_.submit = submit_label();
    }

    std::int64_t feeder_;
    std::string code_;
    std::map<std::string, std::int64_t> before_;
    std::set<std::int64_t> ids_;
    Call call_;
};

}  // namespace

std::unique_ptr<Form> feeds_form(Context& context, std::int64_t feeder, const std::string& feeder_code) {
    return std::make_unique<FeedsForm>(context, feeder, feeder_code);
}

}  // namespace wutong::client
