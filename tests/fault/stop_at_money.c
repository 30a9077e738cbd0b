/* Preloaded into a collector by tests/fault/collectors.py: a process that is stopped at the worst moment. When the file that STOP_AT_MONEY names is
 * there, and a money frame (Modbus function 20h) is about to go out, the file is taken away and the process stops itself, as SIGSTOP from outside
 * would by chance. When it goes on, the frame goes out. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static void look(const void *bytes, size_t length) {
    const unsigned char *frame = bytes;
    const char *file = getenv("STOP_AT_MONEY");
    if (file != NULL && length > 8 && frame[0] >= 1 && frame[0] <= 247 && frame[1] == 0x20 && unlink(file) == 0) {
        raise(SIGSTOP);
    }
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    static ssize_t (*next)(int, const struct msghdr *, int);
    if (next == NULL) {
        next = (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
    }
    if (message->msg_iovlen > 0) {
        look(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    }
    return next(fd, message, flags);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    static ssize_t (*next)(int, const void *, size_t, int);
    if (next == NULL) {
        next = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
    }
    look(bytes, length);
    return next(fd, bytes, length, flags);
}
