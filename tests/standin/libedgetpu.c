/* A STAND-IN for Coral's libedgetpu, for Edgeproof's tests only. It drives no device and computes
 * nothing: as an external delegate of TensorFlow Lite it takes the operators `edgetpu-custom-op`, as
 * libedgetpu does, and answers from answers that were recorded beforehand. Its latencies mean nothing.
 *
 * Beside the library, whose own path tells where that is (workers see little of the environment):
 *
 *   LIBRARY.answers/KEY   the bytes of an operator's outputs. KEY is FNV-1a, 64 bits, as 16 hexadecimal
 *                         digits, over the operator's custom options and then its inputs' bytes.
 *   LIBRARY.cue           how to misbehave, if at all; one cue a line:
 *       refuse [WORDS]    open no device. libedgetpu says nothing then.
 *       claim nothing     leave all operators where they are
 *       prepare WORDS     refuse to prepare an operator
 *       fail N WORDS      the Nth inference of this process fails, and so do all after it
 *       crash N WORDS     the Nth inference of this process aborts it
 *       model MODEL TOKEN LOAD BUSY
 *                         emulates waiting for the chip: an operator whose custom options' FNV-1a is
 *                         MODEL takes BUSY microseconds, and LOAD more where its parameters are not
 *                         resident, as of the caching token TOKEN (both hexadecimal)
 *   LIBRARY.loads         a line, MODEL, each time that parameters were so waited for
 *   LIBRARY.DEVICE.lock   held by the process that has the device open: one at a time, as on USB
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tflite_interface.h"

#define NAME "Edgeproof stand-in for libedgetpu"
#define EXPORT __attribute__((visibility("default")))

/* --- Keys, paths and cues ------------------------------------------------------------------------- */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* `hash` continued over more bytes; the tests name recorded answers with it. */
EXPORT uint64_t edgeproof_fnv1a(uint64_t hash, const void* data, size_t size) {
  const uint8_t* bytes = data;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * FNV_PRIME;
  return hash;
}

static long inferences; /* of this process */

static void beside(char path[4096], const char* ending) {
  Dl_info library;
  if (!dladdr(&inferences, &library)) library.dli_fname = "libedgetpu";
  snprintf(path, 4096, "%s.%s", library.dli_fname, ending);
}

/* The first cue that begins with `verb`: what follows it, without the end of the line; or NULL. */
static const char* cue(const char* verb) {
  static char line[1024];
  char path[4096];
  const char* found = NULL;
  const size_t length = strlen(verb);
  beside(path, "cue");
  FILE* file = fopen(path, "r");
  if (!file) return NULL;
  while (!found && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    if (!strncmp(line, verb, length) && (!line[length] || line[length] == ' '))
      found = line + length + (line[length] == ' ');
  }
  fclose(file);
  return found;
}

/* The words of a cue `verb N WORDS`, once inference number N has come; or NULL. */
static const char* due(const char* verb, long inference) {
  char* words;
  const char* said = cue(verb);
  if (!said || inference < strtol(said, &words, 10)) return NULL;
  return words + (*words == ' ');
}

/* --- The devices that this process has open ------------------------------------------------------- */
typedef struct {
  char name[40];
  int users, lock;
  uint64_t resident; /* the caching token of what its emulated memory holds */
  unsigned long filling; /* how often the memory was filled anew */
} Device;

static Device devices[16];

/* Whether `name` is how libedgetpu is asked for a device: usb, pci, :N, usb:N, pci:N, or nothing. */
static bool known_device(const char* name) {
  if (!strncmp(name, "usb", 3) || !strncmp(name, "pci", 3)) name += 3;
  if (!*name) return true;
  const char* digits = *name == ':' ? name + 1 : "none";
  return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* The device, which may be open in this process already; NULL if another process has it. */
static Device* device_open(const char* name) {
  char path[4096], ending[64];
  Device* found = NULL;
  for (Device* each = devices; each < devices + 16; ++each) {
    if (each->users && !strcmp(each->name, name)) {
      ++each->users;
      return each;
    }
    if (!each->users) found = each;
  }
  if (!found || !known_device(name) || strlen(name) >= sizeof found->name) return NULL;
  snprintf(ending, sizeof ending, "%s.lock", *name ? name : "any");
  beside(path, ending);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || fcntl(file, F_SETLK, &lock) != 0) {
    if (file >= 0) close(file);
    return NULL;
  }
  *found = (Device){.users = 1, .lock = file};
  strcpy(found->name, name);
  return found;
}

static void device_close(Device* device) {
  if (--device->users == 0) close(device->lock);
}

/* --- The operator ------------------------------------------------------------------------------- */
typedef struct {
  Device* device;
  uint64_t options; /* the FNV-1a of its custom options */
  unsigned long seen; /* which filling of the memory it was loaded into; 0: none */
} Kernel;

static void* kernel_init(TfLiteContext* context, const char* buffer, size_t length) {
  (void)length;
  const TfLiteDelegateParams* params = (const void*)buffer;
  TfLiteNode* node;
  TfLiteRegistration* registration;
  Kernel* kernel = calloc(1, sizeof *kernel);
  const int operator = params->nodes_to_replace->data[0];
  if (!kernel ||
      context->GetNodeAndRegistration(context, operator, &node, &registration) != kTfLiteOk)
    return kernel;
  kernel->device = params->delegate->data;
  kernel->options = edgeproof_fnv1a(
      FNV_BASIS, node->custom_initial_data, (size_t)node->custom_initial_data_size);
  return kernel;
}

static void kernel_free(TfLiteContext* context, void* kernel) {
  (void)context;
  free(kernel);
}

static TfLiteStatus refused(TfLiteContext* context, const char* words) {
  context->ReportError(context, "%s", words);
  return kTfLiteError;
}

static TfLiteStatus kernel_prepare(TfLiteContext* context, TfLiteNode* node) {
  const char* words = cue("prepare");
  if (!node->user_data) words = NAME ": no memory";
  return words ? refused(context, words) : kTfLiteOk;
}

/* Waits as the cue for this model says. Parameters stay until a model of another token is run; each
 * operator loads its own once, as libedgetpu's cache is keyed by the loaded executable. */
static void emulate_the_chip(Kernel* kernel) {
  char path[4096], verb[32];
  uint64_t token;
  long load, busy;
  snprintf(verb, sizeof verb, "model %016" PRIx64, kernel->options);
  const char* said = cue(verb);
  if (!said || sscanf(said, "%" SCNx64 " %ld %ld", &token, &load, &busy) != 3) return;
  Device* device = kernel->device;
  if (!device->filling || token != device->resident) ++device->filling;
  device->resident = token;
  if (kernel->seen != device->filling) {
    busy += load;
    beside(path, "loads");
    FILE* file = fopen(path, "a");
    if (file) fprintf(file, "%016" PRIx64 "\n", kernel->options);
    if (file) fclose(file);
  }
  kernel->seen = device->filling;
  const struct timespec pause = {busy / 1000000, busy % 1000000 * 1000};
  nanosleep(&pause, NULL);
}

static TfLiteStatus kernel_invoke(TfLiteContext* context, TfLiteNode* node) {
  Kernel* kernel = node->user_data;
  char path[4096], key[32];
  const char* words;
  uint64_t hash = kernel->options;
  ++inferences;
  if ((words = due("crash", inferences))) {
    fprintf(stderr, "%s\n", words);
    abort();
  }
  if ((words = due("fail", inferences))) return refused(context, words);
  emulate_the_chip(kernel);
  for (int i = 0; i < node->inputs->size; ++i) {
    const TfLiteTensor* input = &context->tensors[node->inputs->data[i]];
    hash = edgeproof_fnv1a(hash, input->data, input->bytes);
  }
  snprintf(key, sizeof key, "answers/%016" PRIx64, hash);
  beside(path, key);
  FILE* file = fopen(path, "rb");
  if (!file) {
    context->ReportError(context, "%s: no answer was recorded for this input (%s)", NAME, key);
    return kTfLiteError;
  }
  bool whole = true;
  for (int i = 0; i < node->outputs->size; ++i) {
    TfLiteTensor* output = &context->tensors[node->outputs->data[i]];
    whole = whole && fread(output->data, 1, output->bytes, file) == output->bytes;
  }
  whole = whole && fgetc(file) == EOF;
  fclose(file);
  return whole ? kTfLiteOk : refused(context, NAME ": the recorded answer has another size");
}

/* --- The delegate --------------------------------------------------------------------------------- */
static TfLiteStatus delegate_prepare(TfLiteContext* context, TfLiteDelegate* delegate) {
  TfLiteRegistration kernel = {
      .init = kernel_init, .free = kernel_free, .prepare = kernel_prepare, .invoke = kernel_invoke,
      .custom_name = "EdgeTpuDelegateForCustomOp, " NAME, .version = 1};
  TfLiteRegistration* registration;
  TfLiteNode* node;
  TfLiteIntArray *plan, *mine, *one;
  if (cue("claim nothing")) return kTfLiteOk;
  if (context->GetExecutionPlan(context, &plan) != kTfLiteOk) return kTfLiteError;
  /* The plan is the interpreter's, and changes as nodes are replaced: it is gone through first. */
  mine = malloc(sizeof *mine + (size_t)plan->size * sizeof *mine->data);
  one = malloc(sizeof *one + sizeof *one->data);
  TfLiteStatus status = mine && one ? kTfLiteOk : kTfLiteError;
  if (mine) mine->size = 0;
  for (int i = 0; status == kTfLiteOk && i < plan->size; ++i) {
    status = context->GetNodeAndRegistration(context, plan->data[i], &node, &registration);
    if (status == kTfLiteOk && registration->custom_name &&
        !strcmp(registration->custom_name, "edgetpu-custom-op"))
      mine->data[mine->size++] = plan->data[i];
  }
  /* One by one, as libedgetpu does: each operator is a program of its own. */
  for (int i = 0; status == kTfLiteOk && i < mine->size; ++i) {
    one->size = 1;
    one->data[0] = mine->data[i];
    status = context->ReplaceNodeSubsetsWithDelegateKernels(context, kernel, one, delegate);
  }
  free(mine);
  free(one);
  return status;
}

EXPORT TfLiteDelegate* tflite_plugin_create_delegate(
    char** keys, char** values, size_t count, void (*report_error)(const char*)) {
  const char* device = "";
  const char* words = cue("refuse");
  fprintf(stderr, "INFO: %s: no Edge TPU is used, answers are recorded ones\n", NAME);
  for (size_t i = 0; i < count; ++i)
    if (!strcmp(keys[i], "device")) device = values[i];
  if (words && *words && report_error) report_error(words);
  if (words) return NULL;
  Device* opened = device_open(device);
  TfLiteDelegate* delegate = opened ? calloc(1, sizeof *delegate) : NULL;
  if (!delegate) return NULL;
  delegate->data = opened;
  delegate->Prepare = delegate_prepare;
  delegate->flags = 1; /* kTfLiteDelegateFlagsAllowDynamicTensors, as libedgetpu sets it */
  return delegate;
}

EXPORT void tflite_plugin_destroy_delegate(TfLiteDelegate* delegate) {
  if (!delegate) return;
  device_close(delegate->data);
  free(delegate);
}

EXPORT const char* edgetpu_version(void) { return NAME ", RuntimeVersion(14)"; }
