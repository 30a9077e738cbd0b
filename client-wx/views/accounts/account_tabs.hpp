#pragma once

namespace wutong::client {

/// The tables of an account's page.
enum AccountTab { kSales, kDeliveries, kEntries, kExchanges };

}  // namespace wutong::client
