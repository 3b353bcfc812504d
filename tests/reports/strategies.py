"""Hypothesis strategies: records of every kind, and text that means harm."""

from __future__ import annotations

import dataclasses

from hypothesis import strategies as st

from reports.record import PHASES, PLACEMENT, STATUSES, WHEN, Accuracy, Agreement, Coverage, Record
from reports.top_classes import TopClasses
from tests.reports.samples import CPU, EMULATED

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% for %}",
    "a|b\n| c |`d` [x](javascript:alert(1)) ![y](http://z) $e$ &lt;",
    '=HYPERLINK("http://evil")',
    "-2+3+cmd|' /C calc'!A0",
    "＝1+1",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "\u202eright to left\u2066 \u2028 line \x00 nul",
    "lone \ud800 surrogate \ufffe",
    "]]></svg><style>*{}</style>",
    "*" * 5000,
)
hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
PLACED = (*PLACEMENT, "whence", "available_whence")
seconds = st.floats(min_value=0, max_value=1e6, allow_subnormal=False)
number = st.floats(min_value=-1e9, max_value=1e9)
count = st.integers(min_value=0, max_value=1000)
scalar = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), hostile)

agreements = st.builds(
    Agreement,
    reference=hostile,
    inputs=count,
    measure=st.sampled_from(("steps", "probability")),
    tolerance=st.floats(0, 255),
    worst=st.floats(0, 1e9),
    would_pass=st.floats(0, 1e9),
    top1=count,
    topk_sets=count,
    topk_orders=count,
    k=count,
    near_ties=count,
    cosine=st.none() | number,
    snr_db=st.none() | number,
    itself=st.booleans(),
)
coverages = st.builds(
    Coverage,
    by=hostile,
    taken=st.none() | count,
    total=st.none() | count,
    share=st.none() | st.floats(0, 1),
    detail=hostile,
)
accuracies = st.builds(
    Accuracy, dataset=hostile, images=count, top1=st.floats(0, 1), top5=st.floats(0, 1)
)


@st.composite
def _top_classes(draw: st.DrawFn) -> TopClasses:
    k = draw(st.integers(0, 5))
    rows = draw(st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), max_size=3))
    chances = [draw(st.lists(st.floats(0, 1), min_size=k, max_size=k)) for _ in rows]
    return TopClasses(
        tuple(draw(hostile) for _ in rows),
        tuple(map(tuple, rows)),
        tuple(map(tuple, chances)),
        draw(st.dictionaries(st.sampled_from(("1", "2")) | hostile, hostile, max_size=2)),
    )


top_classes = _top_classes()
memories = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("before", "build", "run", "limit"), st.none() | st.integers(0, 2**62)),
        "by": st.none() | hostile,
    },
)
placements = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("cached", "streamed", "available"), st.none() | st.integers(0, 2**62)),
        "whence": st.none() | hostile,
    },
)
devices = st.one_of(
    st.sampled_from((CPU, EMULATED, {**CPU, "nature": "simulated"}, {**CPU, "name": "other"})),
    st.fixed_dictionaries({"kind": hostile, "name": hostile, "nature": hostile}),
    st.just({}),
)
engines = st.fixed_dictionaries(
    {},
    optional={
        "when": st.none() | st.sampled_from(WHEN),
        "how": st.none() | hostile,
        "bytes": st.none() | st.integers(0, 2**40),
        "original_bytes": st.none() | st.integers(0, 2**40),
        "made_by": hostile,
        "run_by": hostile,
        "made_on": st.sampled_from(("host", "target")),
    },
)
knobs = st.builds(
    lambda batch, threads, extra: {**extra, "batch": batch, "threads": threads},
    st.sampled_from((1, 4, 16)),
    st.one_of(st.integers(1, 4), scalar),
    st.dictionaries(hostile, scalar, max_size=2),
)
records = st.builds(
    Record,
    cell=hostile,
    experiment=st.sampled_from(("latency", "first_inference", HOSTILE[0])),
    device=devices,
    runtime=st.one_of(st.sampled_from(("litert", "tvm")), hostile),
    runtime_version=hostile,
    model=st.sampled_from(("resnet8", "ds_cnn", HOSTILE[3])),
    model_title=hostile,
    knobs=knobs,
    phase=st.sampled_from(PHASES),
    status=st.one_of(st.just("ok"), st.sampled_from(STATUSES)),
    reason=hostile,
    artifact=st.just({"sha256": HOSTILE[4]}),
    import_s=st.none() | seconds,
    convert_s=st.none() | seconds,
    build_s=st.none() | seconds,
    first_s=st.none() | seconds,
    second_s=st.none() | seconds,
    engine=engines,
    samples=st.lists(seconds, max_size=4).map(tuple),
    source_samples=st.lists(seconds, max_size=3).map(tuple),
    top_classes=st.none() | top_classes,
    agreement=st.none() | agreements,
    memory=memories,
    placement=placements,
    coverage=st.none() | coverages,
    accuracy=st.none() | accuracies,
    environment=st.dictionaries(
        st.sampled_from(("governor", "process", "unstable", "conditions")),
        st.one_of(scalar, st.lists(scalar, max_size=2)),
    ),
    notes=st.lists(hostile, max_size=2).map(tuple),
)
anything = st.one_of(scalar, number, st.just(float("nan")), st.just(2**70), st.lists(scalar))
#: Slots of co-compilation: of whole cases, and with knobs, bounds and a placement that are nonsense.
slots = st.builds(
    dataclasses.replace,
    records,
    experiment=st.just("cocompile"),
    knobs=st.fixed_dictionaries(
        {"batch": st.just(1)},
        optional={
            "case": st.sampled_from(("bird+plant", "plant+inception", "single")) | anything,
            "cocompiled": st.sampled_from(("yes", "no")) | anything,
            "phase": st.sampled_from(("first", "steady")) | anything,
            "slot": st.sampled_from((1, 2)) | anything,
            "use": st.sampled_from((1, 3)) | anything,
            "devices": st.sampled_from((1, 2)) | anything,
        },
    ),
    environment=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("low", "high", "prediction"), seconds | anything)
    ),
    placement=st.one_of(placements, st.dictionaries(st.sampled_from(PLACED), anything)),
)
#: Cells of a search for the best knobs: close enough to each other to be compared, or nonsense.
searched = st.builds(
    dataclasses.replace,
    records,
    experiment=st.just("riscv_tvm_tflite"),
    runtime=st.sampled_from(("tvm", "litert", "tflite_c", "onnxruntime")) | hostile,
    model=st.sampled_from(("densenet121", "mobilenet_v3_large", HOSTILE[3])),
    device=st.sampled_from((CPU, EMULATED)) | devices,
    status=st.just("ok") | st.sampled_from(STATUSES),
    knobs=st.fixed_dictionaries(
        {"batch": st.sampled_from((1, 2))},
        optional={
            "threads": st.sampled_from((1, 2)) | anything,
            "opt_level": st.integers(0, 3) | anything,
            "schedule": st.sampled_from(("none", "default")) | anything,
            "layout": st.sampled_from(("auto", "NCHW", "NHWC")) | anything,
            "delegate": st.sampled_from(("xnnpack", "none")) | anything,
        },
    ),
    artifact=st.fixed_dictionaries(
        {},
        optional={
            "compiler": anything
            | st.fixed_dictionaries(
                {"passes": st.lists(st.sampled_from(("a", "ConvertLayout"))) | anything}
            )
        },
    ),
    environment=st.fixed_dictionaries(
        {}, optional={"system": st.dictionaries(hostile, hostile, max_size=2) | anything}
    ),
)
#: Cells that ask where an engine is built: close enough to each other to be compared, or nonsense.
placements_of_engines = st.builds(
    dataclasses.replace,
    records,
    experiment=st.just("engine_placement"),
    runtime=st.sampled_from(("openvino", "onnxruntime")) | hostile,
    device=st.sampled_from((CPU, EMULATED)) | devices,
    status=st.just("ok") | st.sampled_from(STATUSES),
    knobs=st.fixed_dictionaries(
        {"batch": st.just(1)}, optional={"engine": anything, "threads": anything}
    ),
    engine=engines,
)
#: Cells of TF-TRT: of the source's networks on its kinds of devices, or nonsense.
converted = st.builds(
    dataclasses.replace,
    records,
    experiment=st.just("tftrt"),
    model=st.sampled_from(("vgg16", "mobilenet_v1", HOSTILE[3])),
    device=st.sampled_from(({**CPU, "kind": "gpu"}, {**CPU, "kind": "jetson"})) | devices,
    status=st.just("ok") | st.sampled_from(STATUSES),
    knobs=st.fixed_dictionaries(
        {"batch": st.just(1)},
        optional={
            "engine": st.sampled_from(("original", "tf-trt")) | anything,
            "is_dynamic_op": st.booleans() | anything,
            "precision": st.sampled_from(("fp16", "int8")) | anything,
        },
    ),
    variant=st.none() | hostile,
    engine=engines,
    notes=st.lists(hostile | st.just("memory ran short"), max_size=2).map(tuple),
)
placed_runs = st.lists(placements_of_engines, max_size=5)
converted_runs = st.lists(converted, max_size=5)
searches = st.lists(searched, max_size=10)
runs = st.lists(records, max_size=8)
mixed_runs = st.lists(records | slots, max_size=8)
facts = st.dictionaries(
    st.sampled_from(("id", "started", "host", "python", "options", "devices", "runtimes")),
    st.one_of(
        scalar,
        st.lists(scalar, max_size=2),
        st.lists(
            st.dictionaries(st.sampled_from(("name", "version", "unavailable", "kind")), scalar),
            max_size=2,
        ),
        st.dictionaries(hostile, scalar, max_size=2),
    ),
)
