// Loaded before the C library: names are looked up only when the file that NAMES_WAIT_FOR names is there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    while (access(getenv("NAMES_WAIT_FOR"), F_OK) != 0) usleep(10000);
    return real(host, service, hints, found);
}
