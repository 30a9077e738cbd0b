#pragma once

#include <string>

#include "client-wx/presenters/accounts/statement_presenter.hpp"

namespace wutong::client {

/// A4 pages, letters as letters; what does not fit its column ends in dots. @throws std::runtime_error when
/// this build has no cairo
[[nodiscard]] std::string statement_pdf(const StatementPaper& paper);

}  // namespace wutong::client
