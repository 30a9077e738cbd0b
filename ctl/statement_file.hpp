#pragma once

#include <functional>
#include <string>

#include "wutong/v1/account_service.pb.h"

namespace wutong::ctl {

/// The statement as an XLSX file: one sheet, amounts and energy as numbers that can be summed. What was there
/// is replaced, and only by a whole file. @throws Failure(refused) when it can't be written
void write_statement_file(const std::string& path, const v1::Statement& statement);
/// The same on A4 pages, as PDF. What does not fit a column is cut with dots. Not on Windows.
void write_statement_pdf(const std::string& path, const v1::Statement& statement);

/// Lets `write` make a new file beside `path` and puts it in its place; nothing is left of one that failed.
void replace_file(const std::string& path, const std::function<void(const std::string& part)>& write);

}  // namespace wutong::ctl
