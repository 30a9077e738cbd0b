#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "storage/database.hpp"

namespace wutong::storage {

namespace {

/// Keyword strings put values between single quotes.
std::string quoted(const std::string& value) {
    std::string result = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            result.push_back('\\');
        }
        result.push_back(c);
    }
    return result + "'";
}

std::map<std::string, std::string> parse(const std::string& url) {
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
        PQconninfoParse(url.c_str(), &problem), &PQconninfoFree};
    const std::unique_ptr<char, decltype(&PQfreemem)> keep{problem, &PQfreemem};
    if (!parsed) {
        // libpq quotes the URL, and with it the password: only what stands before the quotation is passed on.
        std::string text = problem == nullptr ? "out of memory" : problem;
        text.resize(std::min(text.size(), text.find('"')));
        while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
            text.pop_back();
        }
        throw DatabaseError("the database URL can't be read (" + text +
                            " …); expected postgresql://USER@HOST:PORT/DATABASE");
    }
    std::map<std::string, std::string> values;
    for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            values[option->keyword] = option->val;
        }
    }
    return values;
}

std::string setting(const char* name, std::chrono::milliseconds value) {
    return std::string(" -c ") + name + "=" + std::to_string(value.count());
}

}  // namespace

std::string connection_string(const DatabaseOptions& options) {
    auto values = parse(options.url);
    if (!options.password.empty()) {
        values["password"] = options.password;
    }
    values["application_name"] = options.application_name;
    values["client_encoding"] = "UTF8";
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
    values["connect_timeout"] = std::to_string(std::max<long long>(seconds, 2));
    // Notices a database host that went away without a word in half a minute, not in two hours.
    values.try_emplace("keepalives_idle", "10");
    values.try_emplace("keepalives_interval", "5");
    values.try_emplace("keepalives_count", "3");
#ifdef __linux__
    values.try_emplace("tcp_user_timeout", "30000");
#endif
    std::string& settings = values["options"];
    settings += setting("statement_timeout", options.statement_timeout);
    settings += setting("lock_timeout", options.lock_timeout);
    settings += setting("idle_in_transaction_session_timeout", options.idle_in_transaction_timeout);
    // Every statement of ours has an index. A plan made while a table is nearly empty would read all of it,
    // and go on doing so until statistics are made again; and compiling a plan costs more than our longest
    // ones.
    settings += " -c enable_seqscan=off -c jit=off";
    // Times are read as text and must be in UTC; pg_temp last, so that no temporary table stands before ours.
    settings +=
        " -c search_path=wutong,pg_temp -c TimeZone=UTC -c DateStyle=ISO -c standard_conforming_strings=on";
    std::string result;
    for (const auto& [keyword, value] : values) {
        result += (result.empty() ? "" : " ") + keyword + "=" + quoted(value);
    }
    return result;
}

}  // namespace wutong::storage
