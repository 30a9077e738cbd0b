#include "client-wx/presenters/receipt/receipt_presenter.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

v1::GetReceiptRequest request_for(Context& context, std::int64_t sale_id) {
    v1::GetReceiptRequest request;
    request.set_property_id(context.session.property_id());
    request.set_sale_id(sale_id);
    return request;
}

}  // namespace

ReceiptPresenter::ReceiptPresenter(Context& context, ReceiptPrinter& printer, std::function<void()> changed)
    : context_{context}, printer_{printer}, changed_{std::move(changed)} {}

void ReceiptPresenter::load(std::int64_t sale_id, bool copy) {
    screen_ = {};
    screen_.title = tr("Receipt");
    screen_.loading = true;
    call_ = context_.server.call<v1::GetReceiptRequest, v1::Receipt>(
        method::get_receipt, request_for(context_, sale_id), [this, copy](Result<v1::Receipt> result) {
            screen_.loading = false;
            if (result) {
                screen_.content = receipt_content(*result, copy);
                screen_.title = fill(tr("Receipt {number}"), fmt::arg("number", screen_.content->number));
                screen_.can_print = printer_.ready();
            } else {
                screen_.fault = describe_with_code(result.fault());
            }
            tell();
        });
    tell();
}

void ReceiptPresenter::print() {
    if (!screen_.content || screen_.printing || !printer_.ready()) {
        return;
    }
    screen_.printing = true;
    screen_.fault.clear();
    screen_.outcome.clear();
    printer_.print(*screen_.content, [this, alive = std::weak_ptr<int>{alive_}](const std::string& fault) {
        if (alive.expired()) {
            return;
        }
        screen_.printing = false;
        screen_.fault = fault;
        if (fault.empty()) {
            screen_.outcome = tr("Handed to the printer");
        }
        tell();
    });
    tell();
}

void ReceiptPresenter::save_pdf(const std::string& file) {
    if (!screen_.content) {
        return;
    }
    screen_.fault = printer_.save_pdf(*screen_.content, file);
    screen_.outcome =
        screen_.fault.empty() ? fill(tr("Written to {file}"), fmt::arg("file", file)) : std::string{};
    tell();
}

std::string ReceiptPresenter::file_name() const {
    std::string name = "receipt-" + (screen_.content ? screen_.content->number : std::string{}) + ".pdf";
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ' ' || c == '/' || c == '\\' || c == ':'; }, '-');
    return name;
}

void ReceiptPresenter::print_quietly(Context& context, ReceiptPrinter& printer, std::int64_t sale_id,
                                     bool copy, Call& call, std::function<void(const std::string&)> done) {
    call = context.server.call<v1::GetReceiptRequest, v1::Receipt>(
        method::get_receipt, request_for(context, sale_id),
        [&printer, copy, done = std::move(done)](Result<v1::Receipt> result) {
            if (result) {
                printer.print(receipt_content(*result, copy), done);
            } else {
                done(describe_with_code(result.fault()));
            }
        });
}

void ReceiptPresenter::tell() {
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
