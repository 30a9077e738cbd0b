#pragma once

#include <string>

/// Visible text. English is the source; locale/zh_CN.po holds the Chinese.
///
/// Presenters know no wx, so the translator is installed by the program: wxGetTranslation in the client,
/// nothing (English) in tests. xgettext collects tr("…") and tr_n("…", "…", n): give literals only.
namespace wutong::client {

/// @return UTF-8
[[nodiscard]] std::string tr(const char* english);
/// The form for `count` of something; the text holds {} or {n} for fmt::format.
[[nodiscard]] std::string tr_n(const char* singular, const char* plural, unsigned count);

struct Translator {
    std::string (*translate)(const char* english);
    std::string (*translate_count)(const char* singular, const char* plural, unsigned count);
};
/// Before the first window and on each change of language, on the UI thread.
void install_translator(Translator translator);

}  // namespace wutong::client
