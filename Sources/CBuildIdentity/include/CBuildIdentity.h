#ifndef C_BUILD_IDENTITY_H
#define C_BUILD_IDENTITY_H

/// Which commit the program was built from, as `commit 1a2b3c4d5, 2026-01-31`; empty: unknown.
const char *build_identity(void);

#endif
