#pragma once

#include <wutong/v1/kiosk_service.pb.h>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/kiosks.hpp"

/// What a kiosk shows.
namespace wutong::server {

/// The start page: nothing about anybody.
void fill_home(storage::Transaction& tx, const storage::KioskRow& kiosk, core::Timestamp now,
               v1::KioskHome& home);

/// A tenant's own account, whole. @throws Refused visit_ended when the account was closed meanwhile
void fill_visit_account(storage::Transaction& tx, core::PropertyId property, core::AccountId account,
                        core::Timestamp now, v1::VisitAccount& out);

}  // namespace wutong::server
