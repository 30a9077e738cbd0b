#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "server/messages/mail_text.hpp"

namespace wutong::server {

enum class SendResult {
    sent,
    never,        ///< the server will never take this message
    later,        ///< not now; perhaps it was sent all the same
    unreachable,  ///< nothing can be sent at present, whatever the message
};
struct SendOutcome {
    SendResult result = SendResult::unreachable;
    std::string reason;  ///< for people; never a password
};

enum class MailSecurity { starttls, tls, none };

struct SmtpOptions {
    std::string server;  ///< "mail.example.org:587"
    MailSecurity security = MailSecurity::starttls;
    std::string user, password;     ///< "": without signing in
    std::filesystem::path ca_file;  ///< empty: what the system trusts
    std::chrono::seconds timeout{30};
};

/// One message at a time over SMTP, by libcurl. The connection is kept between messages. Not for several
/// threads.
class SmtpSender {
public:
    explicit SmtpSender(SmtpOptions options);
    ~SmtpSender();
    SmtpSender(const SmtpSender&) = delete;
    SmtpSender& operator=(const SmtpSender&) = delete;

    /// @param stopping asked about once a second; true: what has begun is broken off
    [[nodiscard]] SendOutcome send(const Mail& mail, const std::function<bool()>& stopping);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wutong::server
