#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

Translator& installed() {
    static Translator translator{[](const char* english) { return std::string{english}; },
                                 [](const char* singular, const char* plural, unsigned count) {
                                     return std::string{count == 1 ? singular : plural};
                                 }};
    return translator;
}

}  // namespace

std::string tr(const char* english) {
    return installed().translate(english);
}

std::string tr_n(const char* singular, const char* plural, unsigned count) {
    return installed().translate_count(singular, plural, count);
}

void install_translator(Translator translator) {
    installed() = translator;
}

}  // namespace wutong::client
