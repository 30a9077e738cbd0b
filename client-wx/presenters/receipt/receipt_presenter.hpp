#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/receipt/receipt_content.hpp"

namespace wutong::v1 {
class Receipt;
}

namespace wutong::client {

/// Where receipts go at this seat. Nothing here waits for a printer on the UI thread.
class ReceiptPrinter {
public:
    virtual ~ReceiptPrinter() = default;
    /// One is set up; whether it is switched on is known only by printing.
    [[nodiscard]] virtual bool ready() const = 0;
    /// @param done on the UI thread; empty: handed over. It may come after the caller is gone.
    virtual void print(const ReceiptContent& content, std::function<void(const std::string& fault)> done) = 0;
    /// @return why not; empty when the file was written
    virtual std::string save_pdf(const ReceiptContent& content, const std::string& file) = 0;
};

struct ReceiptScreen {
    std::string title;  ///< "Receipt 8 0412"
    std::optional<ReceiptContent> content;
    bool loading{false};
    std::string fault;    ///< loading or printing failed
    std::string outcome;  ///< "Handed to the printer"
    bool can_print{false};
    bool printing{false};
};

/// One receipt: loaded, shown, printed, kept as PDF.
class ReceiptPresenter {
public:
    ReceiptPresenter(Context& context, ReceiptPrinter& printer, std::function<void()> changed);

    [[nodiscard]] const ReceiptScreen& screen() const { return screen_; }
    /// @param copy it was printed before: another paper of it is counted by the server and marked
    void load(std::int64_t sale_id, bool copy);
    void print();
    void save_pdf(const std::string& file);
    [[nodiscard]] std::string file_name() const;  ///< "receipt-8-0412.pdf"

    /// Loads and prints without showing. @param done on the UI thread, empty when it was handed over
    static void print_quietly(Context& context, ReceiptPrinter& printer, std::int64_t sale_id, bool copy,
                              Call& call, std::function<void(const std::string& fault)> done);

private:
    /// Has the server count another paper, then goes on; a first one goes on at once.
    void before_paper(std::function<void()> go_on);
    void hand_over();
    void tell();

    Context& context_;
    std::int64_t sale_id_{0};
    bool copy_{false};
    Change reprint_;
    ReceiptPrinter& printer_;
    std::function<void()> changed_;
    ReceiptScreen screen_;
    Call call_;
    std::shared_ptr<int> alive_{std::make_shared<int>(0)};
};

}  // namespace wutong::client
