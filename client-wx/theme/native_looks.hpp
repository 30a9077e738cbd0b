#pragma once

namespace wutong::client::theme {

/// Gives the native inputs, menus, lists and scroll bars the theme's colours and type. Called by theme.cpp at
/// the start and after each change.
void native_looks();

}  // namespace wutong::client::theme
