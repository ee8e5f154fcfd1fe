#pragma once

// Takes those pages of the loaded libraries out of the process's memory that are the file's own. Resolving the symbols of
// libtorch and of the hundreds of libraries that a distribution's build depends on, and running their constructors,
// touches some 80 MB of them that nothing needs again; what is needed comes back from the page cache, in microseconds.
void release_startup_pages();
