#include "client-wx/printing/seat_printer.hpp"

#include <wx/app.h>

#include <exception>
#include <fstream>
#include <thread>

#include "client-wx/printing/receipt_formats.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kHandOverMax{15};
constexpr int kJobsMax = 8;

}  // namespace

bool SeatPrinter::ready() const {
    return PrintTarget::parse(preferences_.get(kTargetKey).value_or("")).kind != PrintTarget::Kind::none;
}

ReceiptPaper SeatPrinter::paper() const {
    return preferences_.get(kPaperKey).value_or("roll") == "a5" ? ReceiptPaper::a5()
                                                                : ReceiptPaper::roll_80();
}

std::string SeatPrinter::name() const {
    return PrintTarget::parse(preferences_.get(kTargetKey).value_or("")).name;
}

void SeatPrinter::print(const ReceiptContent& content, std::function<void(const std::string&)> done) {
    const auto target = PrintTarget::parse(preferences_.get(kTargetKey).value_or(""));
    if (target.kind == PrintTarget::Kind::none || *under_way_ >= kJobsMax) {
        const auto why = target.kind == PrintTarget::Kind::none
                             ? tr("No printer is set up at this seat.")
                             : tr("Not printed: earlier receipts still wait for the printer.");
        wxTheApp->CallAfter([done, why] { done(why); });
        return;
    }
    std::string job;
    try {
        job = target.takes_dots() ? escpos_job(receipt_dots(content)) : receipt_pdf(content, paper());
    } catch (const std::exception& fault) {
        const auto why = fill(tr("Not printed: {why}."), fmt::arg("why", fault.what()));
        wxTheApp->CallAfter([done, why] { done(why); });
        return;
    }
    ++*under_way_;
    std::thread{[target, job = std::move(job), done = std::move(done), count = under_way_] {
        auto fault = hand_to_printer(target, job, kHandOverMax);
        if (auto* app = wxTheApp) {
            app->CallAfter([fault = std::move(fault), done, count] {
                --*count;
                done(fault.empty() ? fault : fill(tr("Not printed: {why}."), fmt::arg("why", fault)));
            });
        }
    }}.detach();
}

std::string SeatPrinter::save_pdf(const ReceiptContent& content, const std::string& file) {
    try {
        const auto pdf = receipt_pdf(content, paper());
        std::ofstream out{file, std::ios::binary};
        out.write(pdf.data(), static_cast<std::streamsize>(pdf.size()));
        out.close();
        if (!out) {
            return fill(tr("{file} could not be written."), fmt::arg("file", file));
        }
    } catch (const std::exception& fault) {
        return fill(tr("No PDF: {why}."), fmt::arg("why", fault.what()));
    }
    return {};
}

}  // namespace wutong::client
