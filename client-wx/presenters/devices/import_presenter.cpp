#include "client-wx/presenters/devices/import_presenter.hpp"

#include <fmt/format.h>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::client {

namespace {

std::string size_words(std::size_t bytes) {
    return bytes < 1024 ? fmt::format("{} B", bytes) : fmt::format("{} kB", (bytes + 512) / 1024);
}

v1::ImportRequest request_of(const std::vector<ImportPresenter::File>& files, bool check_only) {
    v1::ImportRequest request;
    request.set_request_id(new_request_id());
    request.set_check_only(check_only);
    for (const auto& file : files) {
        auto* out = request.add_files();
        out->set_name(file.name);
        out->set_content(file.content);
    }
    return request;
}

}  // namespace

ImportPresenter::ImportPresenter(Context& context)
    : context_{context}, change_{context.server, context.timers} {
    change_.on_waiting = [this] {
        screen_.sentence = tr(
            "The server cannot be reached. The same import is asked again by itself; nothing is done twice.");
        tell();
    };
    start_over();
}

ImportPresenter::~ImportPresenter() = default;

void ImportPresenter::start_over() {
    if (change_.busy()) {
        return;
    }
    check_.cancel();
    files_.clear();
    screen_ = {};
    screen_.sentence =
        tr("Choose the site (*.toml) and the meters (*.csv), one of them or both. Nothing is imported "
           "before you have seen what it would do.");
    tell();
}

void ImportPresenter::could_not_read(const std::string& sentence) {
    start_over();
    screen_.failure = sentence;
    tell();
}

void ImportPresenter::choose(std::vector<File> files) {
    if (change_.busy() || files.empty()) {
        return;
    }
    start_over();
    std::size_t bytes = 0;
    for (const auto& file : files) {
        bytes += file.content.size();
        screen_.files.push_back(file.name + " · " + size_words(file.content.size()));
        if (!file.name.ends_with(".csv") && !file.name.ends_with(".toml")) {
            screen_.failure = fill(tr("{} is neither a .csv nor a .toml file. Nothing was sent."), file.name);
        }
    }
    if (files.size() > kFilesMax) {
        screen_.failure = fill(tr("At most {} files are taken at once. Nothing was sent."), kFilesMax);
    } else if (bytes > kBytesMax) {
        screen_.failure = tr("The files are larger than 4 MB together. Split them; nothing was sent.");
    }
    if (!screen_.failure.empty()) {
        tell();
        return;
    }
    files_ = std::move(files);
    check();
}

void ImportPresenter::check_again() {
    if (!files_.empty() && !change_.busy()) {
        check();
    }
}

void ImportPresenter::check() {
    screen_.step = Step::checking;
    screen_.sentence = tr("The server checks every row.");
    screen_.failure.clear();
    screen_.figures.clear();
    screen_.faults = {};
    tell();
    check_ = context_.server.call(
        method::import_files, request_of(files_, true),
        std::function<void(Result<v1::ImportResponse>)>{[this](Result<v1::ImportResponse> result) {
            if (!result) {
                screen_.step = Step::choose;
                screen_.failure = describe_with_code(result.fault());
                screen_.sentence = tr("Nothing was imported.");
                tell();
            } else if (result->faults_size() > 0) {
                show_faults(*result);
            } else {
                screen_.step = Step::ready;
                show_figures(*result);
            }
        }});
}

void ImportPresenter::show_faults(const v1::ImportResponse& answer) {
    screen_.step = Step::faults;
    auto& list = screen_.faults;
    list = {};
    list.columns = {
        {tr("File"), 20}, {tr("Line"), 7, true}, {tr("Column"), 14}, {tr("What is wrong"), 40, false, true}};
    list.phase = ListPhase::ready;
    for (const auto& fault : answer.faults()) {
        ListRow row{static_cast<std::int64_t>(list.rows.size()) + 1, {}};
        row.cells = {{fault.file(), Tone::strong},
                     {count(fault.line()), Tone::normal, {}, fault.line()},
                     {fault.column().empty() ? tr("whole line") : fault.column(),
                      fault.column().empty() ? Tone::quiet : Tone::normal},
                     {describe_server_text(fault.text()), Tone::danger}};
        list.rows.push_back(std::move(row));
    }
    list.total = list.rows.size();
    ++list.revision;
    screen_.sentence =
        fmt::format(fmt::runtime(tr_n(
                        "{} fault was found. Nothing was imported. Correct the file and check it again.",
                        "{} faults were found. Nothing was imported. Correct the files and check them again.",
                        static_cast<unsigned>(answer.faults_size()))),
                    count(answer.faults_size()));
    tell();
}

void ImportPresenter::show_figures(const v1::ImportResponse& answer) {
    screen_.figures = {{tr("Buildings"), count(answer.buildings())},
                       {tr("Floors"), count(answer.floors())},
                       {tr("Units"), count(answer.units())},
                       {tr("Gateways"), count(answer.gateways())},
                       {tr("Channels"), count(answer.channels())},
                       {tr("Meters"), count(answer.meters())},
                       {tr("There already"), count(answer.unchanged())}};
    const auto made = answer.buildings() + answer.floors() + answer.units() + answer.gateways() +
                      answer.channels() + answer.meters();
    if (screen_.step == Step::ready) {
        screen_.sentence =
            made == 0 ? tr("Everything in these files is there already. Nothing is left to import.")
                      : tr("No faults. This is what the import will add; what is there already stays as "
                           "it is.");
        screen_.import_words =
            answer.meters() > 0
                ? fill(tr_n("Import {} meter", "Import {} meters", static_cast<unsigned>(answer.meters())),
                       count(answer.meters()))
                : tr("Import");
        screen_.off = made == 0                               ? tr("Everything is there already.")
                      : !context_.session.may("device.write") ? tr("Your role may not import devices.")
                                                              : std::string{};
    } else {
        screen_.sentence = tr("Imported. The collector asks the new meters from now on.");
    }
    tell();
}

void ImportPresenter::import() {
    if (screen_.step != Step::ready || !screen_.off.empty() || change_.busy()) {
        return;
    }
    screen_.step = Step::importing;
    screen_.sentence = tr("Importing. You can go to other pages meanwhile.");
    tell();
    change_.start<v1::ImportRequest, v1::ImportResponse>(
        method::import_files, request_of(files_, false), [this](Result<v1::ImportResponse> result) {
            if (!result) {
                screen_.step = Step::ready;
                screen_.failure = describe_with_code(result.fault());
                screen_.sentence = tr("Nothing was imported.");
                tell();
            } else if (result->faults_size() > 0) {
                // Somebody else changed the site between the check and the import.
                show_faults(*result);
            } else {
                screen_.step = Step::done;
                files_.clear();
                show_figures(*result);
                context_.navigator.toast(tr("The files were imported."));
            }
        });
}

void ImportPresenter::tell() {
    if (on_changed) {
        on_changed();
    }
}

}  // namespace wutong::client
