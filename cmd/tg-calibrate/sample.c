#include "sample.h"
int sample(struct buf *out, const char *const *files, size_t max_line,
    size_t n, long long seed){(void)out;(void)files;(void)max_line;(void)n;(void)seed;return 0;}
