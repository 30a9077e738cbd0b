#include "client-wx/theme/native_looks.hpp"

namespace wutong::client::theme {

// wxWidgets 3.2 takes colours and high contrast from the system there.
void native_looks() {}

}  // namespace wutong::client::theme
