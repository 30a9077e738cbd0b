#include "client-wx/presenters/tariffs/tariff_editor.hpp"

#include <algorithm>

#include "client-wx/api/request_id.hpp"
#include "client-wx/api/tariff_methods.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/tariff_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::milliseconds kCheckAfter{400};

std::string summary_of(const v1::TariffTerms& terms) {
    if (terms.steps_size() == 0) {
        return kDash;
    }
    const auto& p = terms.steps(0).prices();
    std::string words;
    const auto add = [&words](bool there, std::int64_t e4) {
        if (there) {
            words += (words.empty() ? "" : " / ") + price(e4);
        }
    };
    add(p.has_sharp_e4(), p.sharp_e4());
    add(p.has_peak_e4(), p.peak_e4());
    add(p.has_flat_e4(), p.flat_e4());
    add(p.has_valley_e4(), p.valley_e4());
    if (terms.steps_size() > 1) {
        words += "  ·  " + fill(tr("{n} steps"), fmt::arg("n", terms.steps_size()));
    }
    return words;
}

}  // namespace

TariffEditor::TariffEditor(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, change_{context} {
    change_.on_state = [this] { refresh(); };
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && !screen_.failure.empty()) {
            load();
        }
        refresh();
    });
    screen_.month = table_date(context_.live.server_now()).substr(0, 7);
}

TariffEditor::~TariffEditor() = default;

std::string TariffEditor::tomorrow() const {
    return table_date(start_of_day(context_.live.server_now(), 1));
}

void TariffEditor::begin_plan() {
    if (change_.open()) {
        return refresh();
    }
    plan_id_ = 0;
    plan_.reset();
    plan_call_.cancel();
    const auto month = screen_.month;
    const auto unit = screen_.unit;
    const auto revision = screen_.revision;
    screen_ = {};
    screen_.month = month;
    screen_.unit = unit;
    screen_.revision = revision + 1;
    screen_.draft.effective_from = tomorrow();
    check_soon();
    refresh();
}

void TariffEditor::open(std::int64_t plan_id) {
    if (change_.open()) {
        return refresh();
    }
    begin_plan();
    plan_id_ = plan_id;
    screen_.new_plan = false;
    load();
}

void TariffEditor::load() {
    if (plan_id_ == 0) {
        return;
    }
    v1::GetTariffPlanRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_plan_id(plan_id_);
    screen_.loading = true;
    plan_call_ = context_.server.call(
        method::get_plan, request,
        std::function<void(Result<v1::TariffPlan>)>{[this](Result<v1::TariffPlan> result) {
            screen_.loading = false;
            if (!result) {
                screen_.failure = describe_with_code(result.fault());
                return refresh();
            }
            take(*result);
            refresh();
        }});
    refresh();
}

void TariffEditor::take(const v1::TariffPlan& plan) {
    screen_.failure.clear();
    plan_ = std::make_unique<v1::TariffPlan>(plan);
    plan_id_ = plan.plan_id();
    screen_.new_plan = false;
    screen_.name = clipped(plan.name(), 80);
    screen_.versions.clear();
    const auto today = table_date(context_.live.server_now());
    bool in_force_found = false;
    for (int i = plan.versions_size() - 1; i >= 0; --i) {
        const auto& version = plan.versions(i);
        const bool coming = version.effective_from() > today;
        const bool in_force = !coming && !std::exchange(in_force_found, in_force_found || !coming);
        screen_.versions.push_back({{.text = clipped(version.effective_from(), 12), .bold = in_force},
                                    {.text = coming     ? tr("coming")
                                             : in_force ? tr("in force")
                                                        : tr("past"),
                                     .ink = in_force ? Ink::ok
                                            : coming ? Ink::info
                                                     : Ink::quiet},
                                    {.text = summary_of(version.terms()), .ink = Ink::quiet}});
    }
    if (plan.versions_size() > 0) {
        const auto found = std::find_if(screen_.versions.begin(), screen_.versions.end(),
                                        [](const auto& row) { return row[1].ink == Ink::ok; });
        show_version(
            found == screen_.versions.end() ? 0 : static_cast<std::size_t>(found - screen_.versions.begin()));
    } else {
        screen_.draft.commodity = commodity_of(plan.commodity());
        begin_version();
    }
}

void TariffEditor::show_version(std::size_t index) {
    const auto at = plan_->versions_size() - 1 - static_cast<int>(index);
    const auto& version = plan_->versions(at);
    screen_.version = static_cast<int>(index);
    screen_.draft = {};
    screen_.draft.commodity = commodity_of(plan_->commodity());
    const bool whole = to_draft(version.terms(), screen_.draft);
    screen_.draft.effective_from = version.effective_from();
    ++screen_.revision;
    screen_.editable = false;
    screen_.read_only = whole
                            ? tr("A version that is kept never changes. Begin a new one from a later day.")
                            : tr("This version has more steps than can be shown here; see wutongctl tariff.");
    screen_.errors = {};
    screen_.verdict.clear();
    screen_.bill.clear();
    screen_.sums.clear();
    screen_.preview_note.clear();
    place();
}

void TariffEditor::choose_version(std::size_t index) {
    if (plan_ && index < screen_.versions.size() && !change_.open()) {
        show_version(index);
    }
    refresh();
}

void TariffEditor::begin_version() {
    if (change_.open()) {
        return refresh();
    }
    screen_.version = -1;
    screen_.editable = true;
    screen_.read_only.clear();
    const auto first = plan_ ? plan_->first_changeable() : std::string{};
    screen_.draft.effective_from = std::max(first, tomorrow());
    ++screen_.revision;
    check_soon();
    refresh();
}

void TariffEditor::type_name(const std::string& name) {
    screen_.name = name;
    screen_.name_error.clear();
    refresh();
}

void TariffEditor::type(const TariffDraft& draft) {
    if (!screen_.editable || change_.open()) {
        return;
    }
    screen_.draft = draft;
    screen_.notice.clear();
    check_soon();
    refresh();
}

void TariffEditor::check_soon() {
    screen_.faultless = false;
    screen_.verdict = tr("Being checked");
    check_timer_ = context_.timers.after(kCheckAfter, [this] { check(); });
}

void TariffEditor::check() {
    v1::CheckTariffVersionRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_plan_id(plan_id_);
    auto& version = *request.mutable_version();
    version.set_effective_from(screen_.draft.effective_from);
    screen_.errors = {};
    const auto own = read_draft(screen_.draft, *version.mutable_terms());
    const auto mark = [this](TariffPart part, const std::string& text) {
        auto& error = screen_.errors.at(static_cast<std::size_t>(part));
        if (error.empty()) {
            error = text;
        }
    };
    for (const auto& fault : own) {
        mark(fault.part, fault.text);
    }
    if (!parse_date(screen_.draft.effective_from)) {
        mark(TariffPart::effective_from, tr("A date like 2026-03-26."));
    }
    const auto faults = static_cast<int>(std::count_if(screen_.errors.begin(), screen_.errors.end(),
                                                       [](const auto& text) { return !text.empty(); }));
    if (faults > 0) {
        screen_.verdict =
            fill(tr_n("{n} field to put right", "{n} fields to put right", static_cast<unsigned>(faults)),
                 fmt::arg("n", faults));
        screen_.placement.clear();
        return refresh();
    }
    check_call_ = context_.server.call(
        method::check_version, request,
        std::function<void(Result<v1::CheckTariffVersionResponse>)>{
            [this, mark](Result<v1::CheckTariffVersionResponse> result) {
                if (!result) {
                    screen_.verdict = describe_with_code(result.fault());
                    return refresh();
                }
                for (const auto& fault : result->faults()) {
                    mark(part_of_field(fault.field()), tariff_fault_words(fault.kind(), fault.text()));
                }
                const auto found = result->faults_size();
                screen_.faultless = found == 0;
                screen_.verdict = found == 0
                                      ? tr("It can be used.")
                                      : fill(tr_n("{n} fault", "{n} faults", static_cast<unsigned>(found)),
                                             fmt::arg("n", found));
                screen_.placement.clear();
                if (found == 0) {
                    place();
                }
                refresh();
            }});
    refresh();
}

void TariffEditor::publish() {
    if (change_.open() || !screen_.can_commit) {
        return;
    }
    if (screen_.new_plan && screen_.name.find_first_not_of(" \t") == std::string::npos) {
        screen_.name_error = tr("Fill this in.");
        return refresh();
    }
    const auto done = [this](Result<v1::TariffPlan> result) {
        if (!result) {
            for (const auto& wrong : result.fault().fields) {
                if (wrong.name == "name") {
                    screen_.name_error = tr("Another plan is called that, or the name is too long.");
                    continue;
                }
                screen_.errors.at(static_cast<std::size_t>(part_of_field(wrong.name))) =
                    clipped(wrong.text, 300);
            }
            screen_.notice = describe_with_code(result.fault());
            screen_.notice_is_error = true;
            return refresh();
        }
        take(*result);
        screen_.notice = tr("Kept. It is charged by once it is assigned.");
        screen_.notice_is_error = false;
        refresh();
        if (on_saved) {
            const auto run = on_saved;
            run();
        }
    };
    v1::TariffVersion version;
    version.set_effective_from(screen_.draft.effective_from);
    if (!read_draft(screen_.draft, *version.mutable_terms()).empty()) {
        return check();
    }
    if (screen_.new_plan) {
        v1::CreateTariffPlanRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_name(screen_.name);
        request.set_commodity(core::to_string(screen_.draft.commodity));
        *request.mutable_version() = std::move(version);
        change_.ask<v1::CreateTariffPlanRequest, v1::TariffPlan>(method::create_plan, request, done);
    } else {
        v1::AddTariffVersionRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_plan_id(plan_id_);
        *request.mutable_version() = std::move(version);
        change_.ask<v1::AddTariffVersionRequest, v1::TariffPlan>(method::add_version, request, done);
    }
    refresh();
}

void TariffEditor::refresh() {
    screen_.title = screen_.new_plan ? tr("New plan") : screen_.name;
    screen_.commit = screen_.new_plan ? tr("Keep the plan")
                                      : fill(tr("Keep the version from {day}"),
                                             fmt::arg("day", clipped(screen_.draft.effective_from, 12)));
    screen_.why_not.clear();
    if (change_.open()) {
        screen_.why_not = tr("It is under way.");
    } else if (!context_.session.may("tariff.write")) {
        screen_.why_not = tr("You may look at tariffs, but not change them.");
    } else if (!screen_.editable) {
        screen_.why_not = screen_.read_only;
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    } else if (!screen_.faultless) {
        screen_.why_not = screen_.verdict;
    }
    screen_.can_commit = screen_.why_not.empty();
    screen_.busy = change_.open();
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
