#pragma once

#include <string>

#include "wutong/v1/account_service.pb.h"

namespace wutong::ctl {

/// The statement as an XLSX file: one sheet, amounts and energy as numbers that can be summed. What was there
/// is replaced, and only by a whole file. @throws Failure(refused) when it can't be written
void write_statement_file(const std::string& path, const v1::Statement& statement);

}  // namespace wutong::ctl
