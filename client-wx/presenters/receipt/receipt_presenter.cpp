#include "client-wx/presenters/receipt/receipt_presenter.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
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
    : context_{context},
      reprint_{context.server, context.timers},
      printer_{printer},
      changed_{std::move(changed)} {}

void ReceiptPresenter::load(std::int64_t sale_id, bool copy) {
    screen_ = {};
    screen_.title = tr("Receipt");
    screen_.loading = true;
    sale_id_ = sale_id;
    copy_ = copy;
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
    before_paper([this] { hand_over(); });
    tell();
}

void ReceiptPresenter::before_paper(std::function<void()> go_on) {
    if (!copy_) {
        go_on();
        return;
    }
    v1::ReprintReceiptRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_sale_id(sale_id_);
    reprint_.start<v1::ReprintReceiptRequest, v1::Receipt>(
        method::reprint_receipt, request, [this, go_on = std::move(go_on)](Result<v1::Receipt> result) {
            if (!result) {
                screen_.printing = false;
                screen_.fault = describe_with_code(result.fault());
                return tell();
            }
            screen_.content = receipt_content(*result, true);
            go_on();
        });
}

void ReceiptPresenter::hand_over() {
    printer_.print(*screen_.content, [this, alive = std::weak_ptr<int>{alive_}](const std::string& fault) {
        if (alive.expired()) {
            return;
        }
        screen_.printing = false;
        screen_.fault = fault;
        if (fault.empty()) {
            copy_ = true;  // whatever comes now is another paper of it
            screen_.outcome = tr("Handed to the printer");
        }
        tell();
    });
}

void ReceiptPresenter::save_pdf(const std::string& file) {
    if (!screen_.content || screen_.printing) {
        return;
    }
    screen_.printing = true;
    screen_.fault.clear();
    screen_.outcome.clear();
    before_paper([this, file] {
        screen_.printing = false;
        screen_.fault = printer_.save_pdf(*screen_.content, file);
        if (screen_.fault.empty()) {
            copy_ = true;
            screen_.outcome = fill(tr("Written to {file}"), fmt::arg("file", file));
        }
        tell();
    });
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
