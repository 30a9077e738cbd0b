#include <wutong/v1/sale_service.pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <stdexcept>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/receipt/escpos.hpp"
#include "client-wx/presenters/receipt/receipt_content.hpp"
#include "client-wx/presenters/receipt/receipt_presenter.hpp"
#include "tests/support/client_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::Receipt sold_receipt() {
    v1::Receipt receipt;
    receipt.set_number("8-0412");
    receipt.set_sale_id(900);
    receipt.set_property_name("Harbour Plaza");
    receipt.set_kind("sale");
    receipt.set_unit_code("C-312");
    receipt.set_customer("Noodle House");
    receipt.set_meter_serial_number("000241875520");
    receipt.set_amount_e4(2'000'000);
    receipt.set_method(v1::TENDER_METHOD_CASH);
    receipt.set_price_e4(10'500);
    receipt.set_energy_wh(190'476);
    receipt.set_balance_before_e4(182'000);
    receipt.set_balance_after_e4(2'182'000);
    receipt.set_balances_confirmed(true);
    receipt.set_purchase_number(28);
    receipt.set_delivery_state("delivered");
    *receipt.mutable_sold_at() = to_proto_time(HandClock{}.now());
    *receipt.mutable_confirmed_at() = to_proto_time(HandClock{}.now());
    return receipt;
}

bool has(const ReceiptContent& content, ReceiptLine::Kind kind, const std::string& left) {
    return std::any_of(content.lines.begin(), content.lines.end(),
                       [&](const auto& line) { return line.kind == kind && line.left == left; });
}

std::string value_of(const ReceiptContent& content, const std::string& left) {
    for (const auto& line : content.lines) {
        if (line.left == left) {
            return line.right;
        }
    }
    return "(absent)";
}

class FakePrinter final : public ReceiptPrinter {
public:
    bool ready() const override { return is_ready; }
    void print(const ReceiptContent& content, std::function<void(const std::string&)> done) override {
        printed.push_back(content);
        waiting.push_back(std::move(done));
    }
    std::string save_pdf(const ReceiptContent&, const std::string& file) override {
        saved = file;
        return {};
    }
    bool is_ready{true};
    std::vector<ReceiptContent> printed;
    std::deque<std::function<void(const std::string&)>> waiting;
    std::string saved;
};

}  // namespace

TEST_CASE("receipt: what it says of a confirmed sale") {
    const auto content = receipt_content(sold_receipt(), false);
    CHECK(has(content, ReceiptLine::Kind::heading, "Harbour Plaza"));
    CHECK_FALSE(has(content, ReceiptLine::Kind::banner, "COPY"));
    CHECK(value_of(content, "Receipt") == "8-0412");
    CHECK(value_of(content, "Amount") == "¥200.00");
    CHECK(value_of(content, "Paid with") == "Cash");
    CHECK(value_of(content, "Energy") == "190.48 kWh");
    CHECK(value_of(content, "Balance after") == "¥218.20");
    CHECK(value_of(content, "Purchase number") == "28");
    CHECK(value_of(content, "Meter") == "0002 4187 5520");
}

TEST_CASE("receipt: a reprint is marked as copy") {
    CHECK(has(receipt_content(sold_receipt(), true), ReceiptLine::Kind::banner, "COPY"));
}

TEST_CASE("receipt: what is not confirmed is not said to be") {
    auto receipt = sold_receipt();
    receipt.set_delivery_state("queued");
    receipt.set_balances_confirmed(false);
    receipt.clear_confirmed_at();
    receipt.clear_balance_before_e4();
    auto content = receipt_content(receipt, false);
    CHECK(has(content, ReceiptLine::Kind::banner, "ON ITS WAY TO THE METER"));
    CHECK(value_of(content, "Balance after") == "(absent)");
    CHECK(value_of(content, "Balance after, expected") == "¥218.20");
    CHECK(value_of(content, "Balance before") == "—");
    receipt.set_delivery_state("refused");
    content = receipt_content(receipt, false);
    CHECK(has(content, ReceiptLine::Kind::banner, "REFUSED BY THE METER"));
}

TEST_CASE("receipt: a sale that was taken back, and what took it back") {
    auto receipt = sold_receipt();
    receipt.set_kind("reversal");
    auto content = receipt_content(receipt, false);
    CHECK(has(content, ReceiptLine::Kind::centred, "Reversal"));
    CHECK(value_of(content, "Taken off the meter") == "¥200.00");
    CHECK(value_of(content, "Paid with") == "(absent)");
    // Withdrawn before it was sent: nothing is on its way, and nothing is owed to the tenant.
    receipt.set_delivery_state("");
    receipt.clear_confirmed_at();
    receipt.set_reverses_number("EAST-00000007");
    content = receipt_content(receipt, false);
    CHECK_FALSE(has(content, ReceiptLine::Kind::banner, "ON ITS WAY TO THE METER"));
    receipt.set_kind("sale");
    receipt.set_delivery_state("refused");
    receipt.set_reversed_by_number("EAST-00000008");
    content = receipt_content(receipt, false);
    CHECK_FALSE(has(content, ReceiptLine::Kind::banner, "REFUSED BY THE METER"));
}

TEST_CASE("receipt: absurd names are cut") {
    auto receipt = sold_receipt();
    receipt.set_customer(std::string(10'000, 'n'));
    receipt.set_property_name("a\nb\x01" + std::string(10'000, 'p'));
    receipt.set_unit_code(std::string(10'000, 'u'));
    for (const auto& line : receipt_content(receipt, false).lines) {
        CHECK(line.left.size() + line.right.size() < 400);
        CHECK(line.left.find('\n') == std::string::npos);
    }
}

TEST_CASE("receipt: loaded, printed once at a time, and the printer's fault is said") {
    ClientScene scene;
    scene.sign_in({"sale.read"});
    FakePrinter printer;
    ReceiptPresenter presenter{scene.context, printer, [] {}};
    presenter.load(900, true);
    CHECK(presenter.screen().loading);
    presenter.print();
    CHECK(printer.printed.empty());
    scene.server.answer(method::get_receipt, sold_receipt());
    CHECK(presenter.screen().title == "Receipt 8-0412");
    presenter.print();
    presenter.print();
    CHECK(printer.printed.empty());  // a copy is counted before it is on paper
    REQUIRE(scene.server.asked(method::reprint_receipt).size() == 1);
    auto counted = sold_receipt();
    counted.set_reprints(2);
    scene.server.answer(method::reprint_receipt, counted);
    REQUIRE(printer.printed.size() == 1);
    CHECK(printer.printed[0].copy);
    CHECK(has(printer.printed[0], ReceiptLine::Kind::banner, "COPY 2"));
    CHECK(presenter.screen().printing);
    printer.waiting.front()("The printer does not answer.");
    CHECK_FALSE(presenter.screen().printing);
    CHECK(presenter.screen().fault == "The printer does not answer.");
    presenter.save_pdf("/tmp/x.pdf");
    CHECK(printer.saved.empty());
    scene.server.fail(method::reprint_receipt, refused("permission_denied"));
    CHECK(printer.saved.empty());
    CHECK_FALSE(presenter.screen().fault.empty());
    presenter.save_pdf("/tmp/x.pdf");
    scene.server.answer(method::reprint_receipt, counted);
    CHECK(printer.saved == "/tmp/x.pdf");
    CHECK(presenter.screen().fault.empty());
    CHECK(presenter.file_name() == "receipt-8-0412.pdf");
}

TEST_CASE("receipt: the first paper is no copy, the second of it is one") {
    ClientScene scene;
    scene.sign_in({"sale.read"});
    FakePrinter printer;
    ReceiptPresenter presenter{scene.context, printer, [] {}};
    presenter.load(900, false);
    scene.server.answer(method::get_receipt, sold_receipt());
    presenter.print();
    REQUIRE(printer.printed.size() == 1);
    CHECK_FALSE(printer.printed[0].copy);
    CHECK(scene.server.asked(method::reprint_receipt).empty());
    printer.waiting.front()("");
    presenter.print();
    CHECK(scene.server.asked(method::reprint_receipt).size() == 1);
}

TEST_CASE("receipt: a printer that answers after the page is gone harms nobody") {
    ClientScene scene;
    scene.sign_in({"sale.read"});
    FakePrinter printer;
    {
        ReceiptPresenter presenter{scene.context, printer, [] {}};
        presenter.load(900, false);
        scene.server.answer(method::get_receipt, sold_receipt());
        presenter.print();
    }
    REQUIRE(printer.waiting.size() == 1);
    CHECK_NOTHROW(printer.waiting.front()(""));
}

TEST_CASE("escpos: the bytes of a small picture") {
    DotImage image{10, 2};
    image.set(0, 0);
    image.set(9, 0);
    image.set(7, 1);
    CHECK(image.is_set(9, 0));
    CHECK_FALSE(image.is_set(8, 0));
    const std::string expected{
        "\x1B@"
        "\x1Dv0\x00"
        "\x02\x00\x02\x00"
        "\x80\x40\x01\x00"
        "\x1B"
        "d\x04"
        "\x1DV\x42\x00",
        2 + 4 + 4 + 4 + 3 + 4};
    CHECK(escpos_job(image) == expected);
}

TEST_CASE("escpos: a long receipt goes in bands, and no dot is lost between them") {
    DotImage image{576, 300};
    for (std::size_t y = 0; y < 300; ++y) {
        image.set(y, y);
    }
    const auto job = escpos_job(image);
    // Reset, then three bands with a header of eight bytes each, then feed and cut.
    REQUIRE(job.size() == 2 + 3 * 8 + 72 * 300 + 3 + 4);
    std::string dots;
    std::size_t at = 2;
    for (const std::size_t rows : {128U, 128U, 44U}) {
        CHECK(job.substr(at, 4) == std::string("\x1Dv0\x00", 4));
        CHECK(static_cast<unsigned char>(job[at + 4]) == 72);
        CHECK(static_cast<unsigned char>(job[at + 6]) == rows);
        dots += job.substr(at + 8, 72 * rows);
        at += 8 + 72 * rows;
    }
    CHECK(dots == std::string(image.rows.begin(), image.rows.end()));
    CHECK_THROWS_AS(escpos_job(DotImage{8 * 0x10000, 1}), std::invalid_argument);
}
