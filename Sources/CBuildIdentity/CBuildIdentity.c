#include "CBuildIdentity.h"

// A section of its own, which scripts/release fills in the linked program: so no build is made again for another commit.
// Volatile, for the compiler must not take it for empty.
__attribute__((section(".build_identity"), used)) static const volatile char identity[64] = "";

const char *build_identity(void) { return (const char *)identity; }
