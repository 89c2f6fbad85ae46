#ifndef CRESOURCES_H
#define CRESOURCES_H

#include <stddef.h>

/// A file that is part of the program.
struct resource {
    /// Folder and name without extension, such as "datasets/sph-6000".
    const char *name;
    const unsigned char *bytes;
    size_t length;
};

/// All files, by folder and name.
const struct resource *resources_start(void);
size_t resources_count(void);

#endif
