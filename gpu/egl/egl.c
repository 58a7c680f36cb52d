//go:build linux && cgo && egl

#include "egl.h"

#include <dlfcn.h>
#include <string.h>

#define EGL_EGLEXT_PROTOTYPES 0
#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>

#ifndef EGL_CUDA_DEVICE_NV
#define EGL_CUDA_DEVICE_NV 0x323A
#endif

static void *library;
static void *(*get_proc)(const char *);
static EGLint failure;

static EGLint (*get_error)(void);
static const char *(*query_string)(EGLDisplay, EGLint);
static EGLBoolean (*initialize)(EGLDisplay, EGLint *, EGLint *);
static EGLBoolean (*terminate)(EGLDisplay);
static EGLBoolean (*bind_api)(EGLenum);
static EGLBoolean (*choose_config)(EGLDisplay, const EGLint *, EGLConfig *, EGLint, EGLint *);
static EGLContext (*create_context)(EGLDisplay, EGLConfig, EGLContext, const EGLint *);
static EGLBoolean (*destroy_context)(EGLDisplay, EGLContext);
static EGLBoolean (*make_current)(EGLDisplay, EGLSurface, EGLSurface, EGLContext);
static EGLBoolean (*release_thread)(void);
static PFNEGLGETPLATFORMDISPLAYEXTPROC platform_display;
static PFNEGLQUERYDEVICESEXTPROC query_devices;
static PFNEGLQUERYDEVICESTRINGEXTPROC device_string;
static PFNEGLQUERYDEVICEATTRIBEXTPROC device_attrib;

enum { most_devices = 64 };
static EGLDeviceEXT devices[most_devices];
static EGLint device_count;

// go-gl links against libEGL for this one function. Defining it here, hidden,
// leaves the binary without that need.
__attribute__((visibility("hidden"))) __eglMustCastToProperFunctionPointerType eglGetProcAddress(const char *name) {
	return get_proc ? (__eglMustCastToProperFunctionPointerType)get_proc(name) : NULL;
}

int leaf_error(void) { return failure; }

static const char *fail(const char *what) {
	failure = get_error ? get_error() : 0;
	return what;
}

const char *leaf_load(void) {
	if (library) return NULL;
	void *lib = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!lib) return dlerror();
	const struct { const char *name; void **to; } wanted[] = {
		{"eglGetProcAddress", (void **)&get_proc}, {"eglGetError", (void **)&get_error},
		{"eglQueryString", (void **)&query_string}, {"eglInitialize", (void **)&initialize},
		{"eglTerminate", (void **)&terminate}, {"eglBindAPI", (void **)&bind_api},
		{"eglChooseConfig", (void **)&choose_config}, {"eglCreateContext", (void **)&create_context},
		{"eglDestroyContext", (void **)&destroy_context}, {"eglMakeCurrent", (void **)&make_current},
		{"eglReleaseThread", (void **)&release_thread},
	};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		*wanted[i].to = dlsym(lib, wanted[i].name);
		if (!*wanted[i].to) {
			const char *why = dlerror();
			dlclose(lib);
			get_proc = NULL;
			return why ? why : "a function of EGL 1.4 is missing from it";
		}
	}
	library = lib;
	// Device enumeration is a client extension; without it there may still be Mesa.
	platform_display = (PFNEGLGETPLATFORMDISPLAYEXTPROC)get_proc("eglGetPlatformDisplayEXT");
	query_devices = (PFNEGLQUERYDEVICESEXTPROC)get_proc("eglQueryDevicesEXT");
	device_string = (PFNEGLQUERYDEVICESTRINGEXTPROC)get_proc("eglQueryDeviceStringEXT");
	device_attrib = (PFNEGLQUERYDEVICEATTRIBEXTPROC)get_proc("eglQueryDeviceAttribEXT");
	if (query_devices && !query_devices(most_devices, devices, &device_count)) device_count = 0;
	return NULL;
}

int leaf_device_count(void) { return device_count; }

int leaf_device_software(int index) {
	const char *e = device_string ? device_string(devices[index], EGL_EXTENSIONS) : NULL;
	return e && strstr(e, "EGL_MESA_device_software") != NULL;
}

int leaf_device_cuda(int index) {
	EGLAttrib n = -1;
	const char *e = device_string ? device_string(devices[index], EGL_EXTENSIONS) : NULL;
	if (!e || !strstr(e, "EGL_NV_device_cuda") || !device_attrib ||
		!device_attrib(devices[index], EGL_CUDA_DEVICE_NV, &n)) return -1;
	return (int)n;
}

const char *leaf_open(int device, int debug, int any, leaf_context *out) {
	failure = EGL_SUCCESS;
	const char *client = query_string(EGL_NO_DISPLAY, EGL_EXTENSIONS);
	if (!platform_display || !client) return "its EGL has no platform displays (EGL_EXT_platform_base)";
	EGLDisplay d;
	if (device == leaf_surfaceless) {
		if (!strstr(client, "EGL_MESA_platform_surfaceless")) return "its EGL has no surfaceless platform";
		d = platform_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	} else {
		d = platform_display(EGL_PLATFORM_DEVICE_EXT, devices[device], NULL);
	}
	if (d == EGL_NO_DISPLAY) return fail("it gives no display");
	EGLint major, minor;
	if (!initialize(d, &major, &minor)) return fail("its driver cannot be initialised");
	const char *e = query_string(d, EGL_EXTENSIONS);
	if (!e || !strstr(e, "EGL_KHR_surfaceless_context")) return "it makes no context without a surface (EGL_KHR_surfaceless_context)";
	if (!bind_api(EGL_OPENGL_API)) return fail("it has no desktop OpenGL");
	static const EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
	EGLConfig config;
	EGLint n = 0;
	if (!choose_config(d, wanted, &config, 1, &n) || n == 0) return fail("it has no desktop OpenGL configuration");
	// The highest that go-gl's package binds, then the lowest the shaders need; with
	// and without word of a lost device (glGetError then reports it).
	static const EGLint versions[] = {5, 4};
	EGLContext c = EGL_NO_CONTEXT;
	for (int told = strstr(e, "EGL_EXT_create_context_robustness") != NULL; told >= 0; told--) {
		for (int i = 0; i < 2 && c == EGL_NO_CONTEXT; i++) {
			const EGLint attributes[] = {
				EGL_CONTEXT_MAJOR_VERSION, 4, EGL_CONTEXT_MINOR_VERSION, versions[i],
				EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
				EGL_CONTEXT_OPENGL_DEBUG, debug ? EGL_TRUE : EGL_FALSE,
				told ? EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT : EGL_NONE, EGL_LOSE_CONTEXT_ON_RESET_EXT, EGL_NONE};
			c = create_context(d, config, EGL_NO_CONTEXT, attributes);
		}
	}
	if (c == EGL_NO_CONTEXT && any) {
		static const EGLint none[] = {EGL_NONE};
		c = create_context(d, config, EGL_NO_CONTEXT, none);
	}
	if (c == EGL_NO_CONTEXT) return fail("it gives no OpenGL 4.4 core context");
	out->display = d;
	out->context = c;
	return NULL;
}

const char *leaf_current(leaf_context *c) {
	bind_api(EGL_OPENGL_API); // per thread
	if (!make_current(c->display, EGL_NO_SURFACE, EGL_NO_SURFACE, c->context)) return fail("the context cannot be made current");
	return NULL;
}

const char *leaf_release(leaf_context *c) {
	if (!make_current(c->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT)) return fail("the context cannot be released");
	return NULL;
}

// The display stays: eglTerminate would take every other context of it along.
void leaf_close(leaf_context *c) {
	if (c->context) destroy_context(c->display, c->context);
	c->context = NULL;
}

void *leaf_proc(const char *name) { return get_proc ? get_proc(name) : NULL; }

const char *leaf_strings(const char **vendor, const char **renderer, const char **version, int *major, int *minor) {
	const unsigned char *(*get_string)(unsigned) = (const unsigned char *(*)(unsigned))get_proc("glGetString");
	void (*get_integer)(unsigned, int *) = (void (*)(unsigned, int *))get_proc("glGetIntegerv");
	if (!get_string || !get_integer) return "its driver has no glGetString";
	*vendor = (const char *)get_string(0x1F00);
	*renderer = (const char *)get_string(0x1F01);
	*version = (const char *)get_string(0x1F02);
	if (!*vendor || !*renderer || !*version) return "its driver does not say who it is";
	get_integer(0x821B, major);
	get_integer(0x821C, minor);
	return NULL;
}

// Bytes of dedicated memory, where the driver tells (NVX_gpu_memory_info).
unsigned long long leaf_memory(void) {
	void (*get_integer)(unsigned, int *) = (void (*)(unsigned, int *))get_proc("glGetIntegerv");
	const unsigned char *(*get_indexed)(unsigned, unsigned) = (const unsigned char *(*)(unsigned, unsigned))get_proc("glGetStringi");
	int n = 0;
	if (!get_integer || !get_indexed) return 0;
	get_integer(0x821D, &n);
	for (int i = 0; i < n; i++) {
		const char *e = (const char *)get_indexed(0x1F03, i);
		if (e && !strcmp(e, "GL_NVX_gpu_memory_info")) {
			int kib = 0;
			get_integer(0x9047, &kib);
			return (unsigned long long)kib << 10;
		}
	}
	return 0;
}
