#include "client-wx/views/languages.hpp"

#include <wx/arrstr.h>
#include <wx/intl.h>
#include <wx/translation.h>

#include <cstddef>
#include <string>

#include "client-wx/text/translate.hpp"

namespace wutong::client {

// Made by the build from locale/zh_CN.po.
extern const unsigned char catalog_zh_cn[];
extern const std::size_t catalog_zh_cn_size;

namespace {

constexpr const char* kDomain = "wutong";

/// Finds the catalogs inside of this program.
class EmbeddedCatalogs final : public wxTranslationsLoader {
public:
    wxMsgCatalog* LoadCatalog(const wxString& domain, const wxString& language) override {
        if (domain != kDomain || !language.StartsWith("zh")) {
            return nullptr;
        }
        return wxMsgCatalog::CreateFromData(
            wxCharBuffer::CreateNonOwned(reinterpret_cast<const char*>(catalog_zh_cn), catalog_zh_cn_size),
            domain);
    }
    [[nodiscard]] wxArrayString GetAvailableTranslations(const wxString& domain) const override {
        wxArrayString languages;
        if (domain == kDomain) {
            languages.Add("zh_CN");
        }
        return languages;
    }
};

Listeners<>& listeners() {
    static Listeners<> all;
    return all;
}

Language& in_use() {
    static Language language = Language::english;
    return language;
}

std::string translate(const char* english) {
    return wxGetTranslation(wxString::FromUTF8(english), kDomain).utf8_string();
}

std::string translate_count(const char* singular, const char* plural, unsigned count) {
    return wxGetTranslation(wxString::FromUTF8(singular), wxString::FromUTF8(plural), count, kDomain)
        .utf8_string();
}

Language of_desktop() {
    const auto* info = wxLocale::GetLanguageInfo(wxLocale::GetSystemLanguage());
    return info != nullptr && info->CanonicalName.StartsWith("zh") ? Language::chinese : Language::english;
}

}  // namespace

void use_language(Language language) {
    const Language wanted = language == Language::system ? of_desktop() : language;
    const bool first = wxTranslations::Get() == nullptr;
    if (!first && wanted == in_use()) {
        return;
    }
    auto* translations = new wxTranslations;  // wx owns it
    translations->SetLoader(new EmbeddedCatalogs);
    if (wanted == Language::chinese) {
        translations->SetLanguage("zh_CN");
        translations->AddCatalog(kDomain, wxLANGUAGE_ENGLISH);
    } else {
        translations->SetLanguage("en");
    }
    wxTranslations::Set(translations);
    install_translator({translate, translate_count});
    in_use() = wanted;
    if (!first) {
        listeners().tell();
    }
}

Language language_in_use() {
    return in_use();
}

Subscription on_language_change(std::function<void()> changed) {
    return listeners().add(std::move(changed));
}

}  // namespace wutong::client
