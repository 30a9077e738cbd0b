#include "ctl/exit_code.hpp"
#include "ctl/statement_file.hpp"

namespace wutong::ctl {

void write_statement_pdf(const std::string& path, const v1::Statement&) {
    throw Failure(ExitCode::usage, path + ": a PDF can't be made on Windows; take --xlsx and print that");
}

}  // namespace wutong::ctl
