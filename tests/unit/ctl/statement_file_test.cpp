#include "ctl/statement_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ctl/exit_code.hpp"

using namespace wutong;

namespace {

v1::Statement some_statement() {
    v1::Statement statement;
    statement.set_number("00000017");
    statement.set_customer("王伟 & Söhne");
    statement.set_opening_balance_e4(-5'000);
    auto& line = *statement.add_lines();
    line.set_entry_id(12);
    line.set_reason("paid in, cash, receipt EAST-00000003");
    line.set_change_e4(1'000'000);
    line.set_balance_e4(995'000);
    statement.set_closing_balance_e4(995'000);
    statement.add_meters()->set_meter_code("1201");
    return statement;
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("statement file: a whole workbook takes the place of what was there", "[ctl]") {
    const auto folder = std::filesystem::temp_directory_path() / "wutong-statement-file";
    std::filesystem::create_directories(folder);
    const auto path = folder / "statement.xlsx";
    std::ofstream{path} << "older";
    ctl::write_statement_file(path.string(), some_statement());
    const auto bytes = bytes_of(path);
    CHECK(bytes.substr(0, 2) == "PK");
    CHECK(bytes.find("xl/worksheets/sheet1.xml") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(path.string() + ".part"));
    std::filesystem::remove_all(folder);
}

#ifndef _WIN32
TEST_CASE("statement file: pages of a PDF", "[ctl]") {
    const auto path = std::filesystem::temp_directory_path() / "wutong-statement.pdf";
    auto statement = some_statement();
    const auto pages = [&] {
        ctl::write_statement_pdf(path.string(), statement);
        const auto bytes = bytes_of(path);
        CHECK(bytes.substr(0, 5) == "%PDF-");
        int count = 0;
        for (auto at = bytes.find("/Type /Page"); at != std::string::npos;
             at = bytes.find("/Type /Page", at + 1)) {
            count += bytes[at + 11] == 's' ? 0 : 1;
        }
        return count;
    };
    CHECK(pages() == 1);
    for (int i = 0; i < 150; ++i) {
        auto& line = *statement.add_lines();
        line.set_reason(std::string(static_cast<std::size_t>(i) * 3, 'x') +
                        "电费 used: a reason too long for its column");
    }
    CHECK(pages() > 2);
    std::filesystem::remove(path);
    CHECK_THROWS_AS(ctl::write_statement_pdf("/no/such/folder/a.pdf", statement), ctl::Failure);
}
#endif

TEST_CASE("statement file: a folder that is not there is said, and nothing is left behind", "[ctl]") {
    const auto path = std::filesystem::temp_directory_path() / "wutong-no-such-folder" / "a.xlsx";
    try {
        ctl::write_statement_file(path.string(), some_statement());
        FAIL("it was written");
    } catch (const ctl::Failure& failure) {
        CHECK(failure.reason() == "file_not_written");
    }
    CHECK_FALSE(std::filesystem::exists(path));
}
