#pragma once

namespace wutong::client {

/// The tables of an account's page.
enum AccountTab { kSales, kDeliveries, kEntries, kExchanges, kMessages };

}  // namespace wutong::client
