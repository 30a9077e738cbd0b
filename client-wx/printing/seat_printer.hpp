#pragma once

#include <memory>
#include <string>

#include "client-wx/platform/print_spool.hpp"
#include "client-wx/presenters/preferences.hpp"
#include "client-wx/presenters/receipt/receipt_presenter.hpp"
#include "client-wx/printing/receipt_drawing.hpp"

namespace wutong::client {

/// The printer of this seat, as its preferences say: printer.target (see PrintTarget) and printer.paper (roll
/// | a5). The receipt is drawn on the UI thread, which takes milliseconds; handing it over happens on a
/// thread of its own.
class SeatPrinter final : public ReceiptPrinter {
public:
    explicit SeatPrinter(Preferences& preferences) : preferences_{preferences} {}

    [[nodiscard]] bool ready() const override;
    void print(const ReceiptContent& content, std::function<void(const std::string& fault)> done) override;
    std::string save_pdf(const ReceiptContent& content, const std::string& file) override;

    [[nodiscard]] ReceiptPaper paper() const;
    /// "Printer ready" names it, for the status line; empty without one.
    [[nodiscard]] std::string name() const;

    static constexpr const char* kTargetKey = "printer.target";
    static constexpr const char* kPaperKey = "printer.paper";

private:
    Preferences& preferences_;
    /// Jobs that nobody has taken yet; more than a few mean that the printer is dead.
    std::shared_ptr<int> under_way_{std::make_shared<int>(0)};
};

}  // namespace wutong::client
