#include "server/messages/smtp_sender.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string_view>

namespace wutong::server {

namespace {

constexpr std::size_t kReplyMost = 200;

/// What the two ends said last. Of our side only the verb: what follows AUTH is a secret.
struct Talk {
    std::string verb;
    std::string reply;
    bool over = false;  ///< libcurl says goodbye after a refusal: that is not what was refused
};

int overhear(CURL*, curl_infotype what, char* data, std::size_t size, void* user) {
    auto& talk = *static_cast<Talk*>(user);
    const std::string_view line{data, size};
    if (talk.over) {
        return 0;
    }
    if (what == CURLINFO_HEADER_OUT) {
        const auto end = line.find_first_of(" \r\n");
        const auto verb = line.substr(0, std::min(end, line.size()));
        talk.over = verb == "QUIT";
        for (const std::string_view known : {"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"}) {
            if (verb == known) {
                talk.verb = known;
                talk.reply.clear();
            }
        }
    } else if (what == CURLINFO_HEADER_IN) {
        talk.reply.assign(line.substr(0, std::min(size, kReplyMost)));
        std::replace_if(
            talk.reply.begin(), talk.reply.end(), [](unsigned char c) { return c < ' ' || c > '~'; }, ' ');
        talk.reply.erase(talk.reply.find_last_not_of(' ') + 1);
    }
    return 0;
}

struct Upload {
    std::string_view left;
};

std::size_t read_mail(char* into, std::size_t size, std::size_t count, void* user) {
    auto& upload = *static_cast<Upload*>(user);
    const auto now = std::min(size * count, upload.left.size());
    std::memcpy(into, upload.left.data(), now);
    upload.left.remove_prefix(now);
    return now;
}

int ask_stopping(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return (*static_cast<const std::function<bool()>*>(user))() ? 1 : 0;
}

struct Recipients {
    curl_slist* list = nullptr;
    ~Recipients() { curl_slist_free_all(list); }
};

SendOutcome outcome_of(CURLcode code, const Talk& talk, const char* detail) {
    if (code == CURLE_OK) {
        return {SendResult::sent, ""};
    }
    const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
    // Before the recipient is named everything is about the server and us, not about the message.
    const bool about_message = talk.verb == "RCPT" || talk.verb == "DATA";
    const char first = talk.reply.empty() ? '\0' : talk.reply.front();
    if (about_message && (first == '4' || first == '5')) {
        return {first == '5' ? SendResult::never : SendResult::later,
                fmt::format("{} was answered: {}", talk.verb, talk.reply)};
    }
    const auto reason =
        talk.reply.empty() ? what : fmt::format("{} ({} was answered: {})", what, talk.verb, talk.reply);
    return {talk.verb == "DATA" ? SendResult::later : SendResult::unreachable, reason};
}

}  // namespace

struct SmtpSender::Parts {
    SmtpOptions options;
    CURL* curl = nullptr;

    ~Parts() { curl_easy_cleanup(curl); }

    template <class Value>
    void set(CURLoption option, Value value) {
        if (const auto code = curl_easy_setopt(curl, option, value); code != CURLE_OK) {
            throw std::runtime_error(fmt::format("libcurl does not take option {}: {}",
                                                 static_cast<int>(option), curl_easy_strerror(code)));
        }
    }
};

SmtpSender::SmtpSender(SmtpOptions options) : parts_{std::make_unique<Parts>()} {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    parts_->options = std::move(options);
    parts_->curl = curl_easy_init();
    if (parts_->curl == nullptr) {
        throw std::runtime_error("libcurl can't be used");
    }
}

SmtpSender::~SmtpSender() = default;

SendOutcome SmtpSender::send(const Mail& mail, const std::function<bool()>& stopping) {
    auto& curl = *parts_;
    const auto& options = curl.options;
    // Keeps the connection, forgets the rest.
    curl_easy_reset(curl.curl);
    const std::string url =
        (options.security == MailSecurity::tls ? "smtps://" : "smtp://") + options.server + "/wutong";
    const std::string from = "<" + mail.from + ">";
    const std::string text = mail_text(mail);
    Talk talk;
    Upload upload{text};
    Recipients recipients;
    recipients.list = curl_slist_append(nullptr, ("<" + mail.to + ">").c_str());
    std::string detail(CURL_ERROR_SIZE, '\0');

    curl.set(CURLOPT_ERRORBUFFER, detail.data());
    curl.set(CURLOPT_NOSIGNAL, 1L);
    curl.set(CURLOPT_URL, url.c_str());
    // Nothing but mail, whatever the address says, and no proxy from the environment.
    curl.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl.set(CURLOPT_PROXY, "");
    curl.set(CURLOPT_USE_SSL,
             static_cast<long>(options.security == MailSecurity::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    const std::string ca_file = options.ca_file.string();
    if (!ca_file.empty()) {
        curl.set(CURLOPT_CAINFO, ca_file.c_str());
    }
    if (!options.user.empty()) {
        curl.set(CURLOPT_USERNAME, options.user.c_str());
        curl.set(CURLOPT_PASSWORD, options.password.c_str());
    }
    const long half = static_cast<long>(std::max<std::int64_t>(options.timeout.count() / 2, 1));
    curl.set(CURLOPT_CONNECTTIMEOUT, half);
    // Also holds where the other does not: for the answer to our goodbye, which libcurl waits for.
    curl.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, half);
    curl.set(CURLOPT_TIMEOUT, static_cast<long>(options.timeout.count()));
    curl.set(CURLOPT_MAIL_FROM, from.c_str());
    curl.set(CURLOPT_MAIL_RCPT, recipients.list);
    curl.set(CURLOPT_UPLOAD, 1L);
    curl.set(CURLOPT_READFUNCTION, &read_mail);
    curl.set(CURLOPT_READDATA, static_cast<void*>(&upload));
    curl.set(CURLOPT_NOPROGRESS, 0L);
    curl.set(CURLOPT_XFERINFOFUNCTION, &ask_stopping);
    auto asked = stopping;
    curl.set(CURLOPT_XFERINFODATA, static_cast<void*>(&asked));
    curl.set(CURLOPT_VERBOSE, 1L);
    curl.set(CURLOPT_DEBUGFUNCTION, &overhear);
    curl.set(CURLOPT_DEBUGDATA, static_cast<void*>(&talk));

    const auto code = curl_easy_perform(curl.curl);
    auto outcome = outcome_of(code, talk, detail.c_str());
    // The next message must not write into what is gone.
    curl_easy_reset(curl.curl);
    return outcome;
}

}  // namespace wutong::server
