#include "client-wx/presenters/review/doubted_presenter.hpp"

#include <wutong/v1/review_service.pb.h>

#include <algorithm>

#include "client-wx/api/request_id.hpp"
#include "client-wx/api/review_methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kReasonMax = 500;

std::string name_of(const v1::DoubtedReading& one) {
    return clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40);
}

std::string shown(const v1::DoubtedReading& one, std::int64_t thousandths) {
    return quantity(thousandths, commodity_of(one.commodity()));
}

/// Between two registers, with its sign.
std::string difference(const v1::DoubtedReading& one) {
    const auto wh = one.shown_wh() - one.before_wh();
    return (wh > 0 ? "+" : "") + shown(one, wh);
}

std::string facts_of(const v1::DoubtedReading& one) {
    auto words = fill(
        tr("{at}: the meter showed {shown}. Believed last, {before_at}: {before}. Difference {difference}."),
        fmt::arg("at", moment(to_time_point(one.read_at()))), fmt::arg("shown", shown(one, one.shown_wh())),
        fmt::arg("before_at", moment(to_time_point(one.before_at()))),
        fmt::arg("before", shown(one, one.before_wh())), fmt::arg("difference", difference(one)));
    if (one.has_capacity_wh()) {
        words +=
            ' ' + fill(tr("It begins anew at {capacity}, so {used} would have been used."),
                       fmt::arg("capacity", shown(one, one.capacity_wh())),
                       fmt::arg("used", shown(one, one.capacity_wh() - one.before_wh() + one.shown_wh())));
    }
    return words;
}

std::string decided_words(const std::string& decision) {
    if (decision == "used") {
        return tr("Charged");
    }
    if (decision == "anew") {
        return tr("Counts from here");
    }
    return decision == "ignored" ? tr("Left out") : tr("Settled by itself");
}

class DecideDoubtForm final : public Form {
public:
    DecideDoubtForm(Context& context, const v1::DoubtedReading& one)
        : Form{context}, doubt_id_{one.doubt_id()}, name_{name_of(one)} {
        screen_.title = fill(tr("{unit}: {doubt}"), fmt::arg("unit", name_),
                             fmt::arg("doubt", doubt_words(one.verdict())));
        screen_.intro = facts_of(one);
        FormField decision{"decision", FormField::Kind::choice, tr("What the register is")};
        // Nothing is chosen for anybody: this is about money.
        decision.options.push_back({"", tr("Choose…")});
        for (const auto& word : one.possible()) {
            decision.options.push_back({word, decision_words(word)});
        }
        add(std::move(decision));
        add({"reason", FormField::Kind::text, tr("Reason"), "", "",
             tr("What was found at the meter; it is kept")});
        if (!context.session.may("reading.review")) {
            screen_.off_reason = tr("Your role may not decide on readings.");
        }
    }

protected:
    void check() override {
        if (value("decision").empty()) {
            fail("decision", tr("Say what the register is."));
        }
        need("reason");
        if (value("reason").size() > kReasonMax) {
            fail("reason", tr("Say it in fewer words."));
        }
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto decision = value("decision");
        if (decision == "used") {
            return fill(tr("Charge {unit} by it"), fmt::arg("unit", name_));
        }
        if (decision == "anew") {
            return fill(tr("Count {unit} from here"), fmt::arg("unit", name_));
        }
        return decision == "ignored" ? tr("Leave this reading out") : tr("Decide");
    }
    void send() override {
        v1::DecideDoubtedReadingRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_doubt_id(doubt_id_);
        request.set_decision(value("decision"));
        request.set_reason(value("reason"));
        change<v1::DecideDoubtedReadingRequest, v1::DoubtedReading>(
            method::decide_doubted_reading, std::move(request), [this](const v1::DoubtedReading& decided) {
                return fill(tr("{unit}: {decision}."), fmt::arg("unit", name_),
                            fmt::arg("decision", decided_words(decided.decision())));
            });
    }

private:
    std::int64_t doubt_id_;
    std::string name_;
};

}  // namespace

std::string doubt_words(const std::string& verdict) {
    if (verdict == "jump") {
        return tr("Jumped");
    }
    if (verdict == "rollover") {
        return tr("Began anew at its end");
    }
    if (verdict == "reset") {
        return tr("Set back");
    }
    if (verdict == "backwards") {
        return tr("Went backwards");
    }
    if (verdict == "torn") {
        return tr("Disturbed answer");
    }
    if (verdict == "frozen") {
        return tr("Stands still under load");
    }
    return verdict == "repeated" ? tr("Old answer repeated") : clipped(verdict, 40);
}

std::string decision_words(const std::string& decision) {
    if (decision == "used") {
        return tr("It is right: charge what lies between");
    }
    if (decision == "anew") {
        return tr("It counts from here: charge nothing between");
    }
    return decision == "ignored" ? tr("It was wrong: leave it out") : clipped(decision, 40);
}

DoubtedPresenter::DoubtedPresenter(Context& context) : ItemList{context, kEvery} {}
DoubtedPresenter::~DoubtedPresenter() = default;

void DoubtedPresenter::show_all(bool all) {
    if (all_ != all) {
        all_ = all;
        restart();
    }
}

std::unique_ptr<Form> DoubtedPresenter::decide_form(std::int64_t doubt) {
    const auto* one = find(doubt);
    if (one == nullptr) {
        return nullptr;
    }
    if (!one->decision().empty()) {
        context_.navigator.toast(tr("Somebody has decided on this reading already."));
        return nullptr;
    }
    return std::make_unique<DecideDoubtForm>(context_, *one);
}

void DoubtedPresenter::open_meter(std::int64_t doubt) {
    if (const auto* one = find(doubt)) {
        context_.navigator.open({Page::meter, one->meter_id(), {}});
    }
}

void DoubtedPresenter::fetch() {
    auto request = of_property<v1::ListDoubtedReadingsRequest>();
    request.set_decided_too(all_);
    fetch_items(method::list_doubted_readings, request, &v1::ListDoubtedReadingsResponse::readings);
}

const v1::DoubtedReading* DoubtedPresenter::find(std::int64_t doubt) const {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [doubt](const auto& one) { return one.doubt_id() == doubt; });
    return found == items_.end() ? nullptr : &*found;
}

void DoubtedPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 8},
                      {tr("Read at"), 19},
                      {tr("Doubt"), 22, false, false, true},
                      {tr("Shown"), 12, true},
                      {tr("Believed"), 12, true},
                      {tr("Difference"), 13, true},
                      {tr("Decision"), 17, false, false, true},
                      {tr("Reason"), 20, false, true}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        const bool open = one.decision().empty();
        const auto decided = clipped(one.decided_by(), 40);
        ListRow row{one.doubt_id(), {}};
        row.cells = {{name_of(one), Tone::strong},
                     {table_time(to_time_point(one.read_at())), Tone::normal, {}, one.read_at().seconds()},
                     {doubt_words(one.verdict()), open ? Tone::warn : Tone::quiet, "gauge"},
                     {shown(one, one.shown_wh()), Tone::normal, {}, one.shown_wh()},
                     {shown(one, one.before_wh()), Tone::quiet, {}, one.before_wh()},
                     {difference(one), Tone::normal, {}, one.shown_wh() - one.before_wh()},
                     open ? Cell{tr("Undecided"), Tone::warn, "question-mark"}
                          : Cell{decided_words(one.decision()), Tone::ok, "circle-check"},
                     {clipped(one.reason(), 200) + (decided.empty() ? "" : "  ·  " + decided), Tone::quiet}};
        row.strong = open;
        screen.rows.push_back(std::move(row));
    }
    screen.empty = all_ ? tr("No register ever showed what can't be.")
                        : tr("No register shows what can't be: every reading is charged by.");
}

}  // namespace wutong::client
