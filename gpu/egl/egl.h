// A context is a display of its own and one current context; libEGL is opened at
// run time, so that a binary starts where there is none.
#include <stddef.h>

typedef struct {
	void *display; // EGLDisplay
	void *context; // EGLContext
} leaf_context;

enum { leaf_surfaceless = -1 };

// any: an older context will do, to ask it who it is. Each returns NULL, or why it failed (static text; see leaf_error for EGL's code).
const char *leaf_load(void);
int leaf_error(void);
int leaf_device_count(void);
int leaf_device_software(int index);
int leaf_device_cuda(int index);
const char *leaf_open(int device, int debug, int any, leaf_context *out);
const char *leaf_current(leaf_context *c);
const char *leaf_release(leaf_context *c);
void leaf_close(leaf_context *c);
void *leaf_proc(const char *name);
const char *leaf_strings(const char **vendor, const char **renderer, const char **version, int *major, int *minor);
unsigned long long leaf_memory(void);
