/* The part of TensorFlow Lite's C interface that the stand-in uses, restated after
 * tensorflow/lite/core/c/common.h (tflite/core/c/common.h in LiteRT), copyright The TensorFlow Authors,
 * Apache-2.0: no wheel brings that header. The layout is the same in tflite-runtime 2.14 and in
 * ai-edge-litert 2.3. Structures that only the interpreter makes may end early here. TfLiteTensor may
 * not, as tensors are elements of an array; nor may those that we make: TfLiteRegistration and
 * TfLiteDelegate. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { kTfLiteOk = 0, kTfLiteError = 1 } TfLiteStatus;
typedef void (*Unused)(void);

typedef struct {
  int size;
  int data[];
} TfLiteIntArray;

typedef struct {
  int type;
  void* data;
  TfLiteIntArray* dims;
  struct { float scale; int32_t zero_point; } params;
  int allocation_type;
  size_t bytes;
  const void* allocation;
  const char* name;
  void* delegate;
  int buffer_handle;
  bool data_is_stale, is_variable;
  struct { int type; void* params; } quantization;
  void* sparsity;
  const TfLiteIntArray* dims_signature;
} TfLiteTensor;

typedef struct {
  TfLiteIntArray *inputs, *outputs, *intermediates, *temporaries;
  void *user_data, *builtin_data;
  const void* custom_initial_data;
  int custom_initial_data_size;
} TfLiteNode;

typedef struct TfLiteContext TfLiteContext;
typedef struct TfLiteDelegate TfLiteDelegate;

typedef struct {
  void* (*init)(TfLiteContext*, const char*, size_t);
  void (*free)(TfLiteContext*, void*);
  TfLiteStatus (*prepare)(TfLiteContext*, TfLiteNode*);
  TfLiteStatus (*invoke)(TfLiteContext*, TfLiteNode*);
  Unused profiling_string;
  int32_t builtin_code;
  const char* custom_name;
  int version;
  void* registration_external;
  Unused async_kernel;
  uint64_t inplace_operator;
} TfLiteRegistration;

struct TfLiteContext {
  size_t tensors_size;
  TfLiteStatus (*GetExecutionPlan)(TfLiteContext*, TfLiteIntArray**);
  TfLiteTensor* tensors;
  void* impl;
  Unused ResizeTensor;
  void (*ReportError)(TfLiteContext*, const char*, ...);
  Unused AddTensors;
  TfLiteStatus (*GetNodeAndRegistration)(TfLiteContext*, int, TfLiteNode**, TfLiteRegistration**);
  TfLiteStatus (*ReplaceNodeSubsetsWithDelegateKernels)(
      TfLiteContext*, TfLiteRegistration, const TfLiteIntArray*, TfLiteDelegate*);
};

struct TfLiteDelegate {
  void* data;
  TfLiteStatus (*Prepare)(TfLiteContext*, TfLiteDelegate*);
  Unused CopyFromBufferHandle, CopyToBufferHandle, FreeBufferHandle;
  int64_t flags;
  void* opaque_delegate_builder;
};

typedef struct {
  TfLiteDelegate* delegate;
  TfLiteIntArray *nodes_to_replace, *input_tensors, *output_tensors;
} TfLiteDelegateParams;
