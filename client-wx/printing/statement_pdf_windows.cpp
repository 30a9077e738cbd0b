#include <stdexcept>

#include "client-wx/printing/statement_pdf.hpp"

namespace wutong::client {

std::string statement_pdf(const StatementPaper& /*paper*/) {
    throw std::runtime_error{"this build writes no PDF; save the statement as Excel"};
}

}  // namespace wutong::client
