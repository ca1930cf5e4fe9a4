/* Preloaded: after FAIL_AFTER successful ones, every fsync and fdatasync says EIO and syncs nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

static int passed = 0;
static int fails(void) {
  const char *after = getenv("FAIL_AFTER");
  if (after && passed >= atoi(after)) {
    errno = EIO;
    return 1;
  }
  passed += 1;
  return 0;
}
int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return fails() ? -1 : real(fd);
}
int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return fails() ? -1 : real(fd);
}
