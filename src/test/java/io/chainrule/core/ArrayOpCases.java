package io.chainrule.core;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Cases of the ops that rearrange, gather, order and scan. */
public final class ArrayOpCases {
    private static final List<OpCase> REARRANGING = List.of(
            of("flatten", Map.of(), "2,3"), of("flatten", Map.of("start_axis", 1), "2,3,2"), of("flatten", Map.of(), ""),
            of("flatten", Map.of("start_axis", -1), "2,0"),
            of("swapaxes", Map.of("axis1", 0, "axis2", -1), "2,3,4"), of("swapaxes", Map.of("axis1", 0, "axis2", 0), "3"),
            of("moveaxis", Map.of("source", 0, "destination", -1), "2,3,4"),
            of("moveaxis", Map.of("source", List.of(0, 2), "destination", List.of(1, 0)), "2,3,4"),
            of("squeeze", Map.of(), "1,3,1"), of("squeeze", Map.of("axis", -1), "1,3,1"), of("squeeze", Map.of(), ""),
            of("expand_dims", Map.of("axis", 1), "2,3"), of("expand_dims", Map.of("axis", List.of(0, -1)), "3"),
            of("expand_dims", Map.of("axis", 0), ""),
            of("tile", Map.of("reps", 3), "2"), of("tile", Map.of("reps", List.of(2, 1, 2)), "3,2"), of("tile", Map.of("reps", 2), "2,3"),
            of("tile", Map.of("reps", 0), "2"), of("tile", Map.of("reps", List.of(2)), ""), of("tile", Map.of("reps", List.of()), "2"),
            of("repeat", Map.of("repeats", 2), "2,2"), of("repeat", Map.of("repeats", 3, "axis", -2), "2,3"),
            of("repeat", Map.of("repeats", 0, "axis", 0), "2"), of("repeat", Map.of("repeats", 2), ""),
            of("flip", Map.of(), "2,3"), of("flip", Map.of("axis", -1), "2,3"), of("flip", Map.of(), ""), of("flip", Map.of(), "0,2"),
            of("roll", Map.of("shift", 1), "2,3"), of("roll", Map.of("shift", -2, "axis", 1), "2,3"),
            of("roll", Map.of("shift", List.of(1, 2), "axis", List.of(0, 1)), "2,3"), of("roll", Map.of("shift", 3), "3"),
            of("roll", Map.of("shift", 1), ""), of("roll", Map.of("shift", 1, "axis", 0), "0"));

    private static final List<OpCase> REGIONS = List.of(
            of("pad", Map.of("pad_width", List.of(List.of(1, 2))), "3"), of("pad", Map.of("pad_width", List.of(List.of(0, 1))), "2,2"),
            of("pad", Map.of("pad_width", List.of(List.of(1, 0), List.of(0, 2)), "value", -3), "2,3"),
            of("pad", Map.of("pad_width", List.of(List.of(0, 0))), "2"), of("pad", Map.of("pad_width", List.of(List.of(1, 1))), "0"),
            of("pad", Map.of("pad_width", List.of()), ""),
            of("tril", Map.of(), "3,3"), of("tril", Map.of("k", 1), "2,2,4"), of("tril", Map.of("k", -1), "3,2"),
            of("tril", Map.of(), "0,2"),
            of("triu", Map.of(), "3,3"), of("triu", Map.of("k", -1), "2,2,3"), of("triu", Map.of("k", 7), "2,3"),
            of("diag", Map.of(), "3"), of("diag", Map.of("k", 1), "2"), of("diag", Map.of("k", -2), "2"), of("diag", Map.of("k", 1), "0"),
            of("diag", Map.of(), "2,3"), of("diag", Map.of("k", -1), "3,2"), of("diag", Map.of("k", 5), "2,2"),
            of("diagonal", Map.of(), "3,3"), of("diagonal", Map.of("offset", 1, "axis1", 1, "axis2", -1), "2,2,4"),
            of("diagonal", Map.of("offset", -1), "3,2,2"), of("diagonal", Map.of("axis1", 2, "axis2", 0), "2,3,3"),
            of("diagonal", Map.of(), "0,3"), of("diagonal", Map.of("offset", -9), "2,3"),
            of("slice", Map.of("start", List.of(1), "stop", List.of(3)), "4,2"), of("slice", Map.of("step", List.of(-1, 2)), "2,3"),
            of("slice", Map.of("start", List.of(0, -2)), "2,3"), of("slice", Map.of(), "2"), of("slice", Map.of("stop", List.of(0)), "2"),
            of("masked_fill", Map.of("value", 0), "2,3", "2,3"), of("masked_fill", Map.of("value", -5), "2,3", "3"),
            of("masked_fill", Map.of("value", 2), "0", "1"));

    private static final List<OpCase> STATISTICS = List.of(
            of("var", Map.of(), "5"), of("var", Map.of("axis", 0, "correction", 0), "3,2"),
            of("var", Map.of("axis", List.of(0, 2), "keepdims", true), "2,3,2"), of("var", Map.of("correction", 0), ""),
            of("var", Map.of("axis", 1), "0,3"),
            of("std", Map.of(), "5"), of("std", Map.of("axis", -1), "2,4"), of("std", Map.of("axis", 0, "correction", 0.5), "3,2"),
            of("std", Map.of("axis", 1), "0,3"),
            of("norm", Map.of(), "5"), of("norm", Map.of("axis", 1, "keepdims", true), "2,3"), of("norm", Map.of(), ""),
            of("norm", Map.of(), "0"), of("norm", Map.of("ord", 1), "2,3"), of("norm", Map.of("ord", 0), "4"),
            of("norm", Map.of("ord", 3, "axis", 0), "3,2"), of("norm", Map.of("ord", 3.5), "4"), of("norm", Map.of("ord", -2), "3"),
            of("norm", Map.of("ord", "Infinity", "axis", 1), "2,3"), of("norm", Map.of("ord", "-Infinity"), "3"),
            of("norm", Map.of("ord", 3), "0"),
            of("any", Map.of(), "2,3"), of("any", Map.of("axis", 0), "0,3"), of("any", Map.of("axis", 1, "keepdims", true), "2,3"),
            of("all", Map.of(), "2,3"), of("all", Map.of("axis", 0), "0,3"));

    private static final List<OpCase> GATHERING = List.of(
            of("take_along_axis", Map.of(), "4", "3"), of("take_along_axis", Map.of("axis", 0), "3,2", "4,2"),
            of("take_along_axis", Map.of("axis", 1), "2,3,2", "1,4,1"), of("take_along_axis", Map.of(), "1,3", "2,2"),
            of("take_along_axis", Map.of(), "3", "0"),
            of("take_along_axis_transpose", Map.of("length", 2), "3", "3"),
            of("take_along_axis_transpose", Map.of("length", 3, "axis", 0), "4,1", "4,2"),
            of("take_along_axis_transpose", Map.of("length", 2), "1", "3"), of("take_along_axis_transpose", Map.of("length", 2), "0", "0"),
            of("take", Map.of(), "2,3", "2,2"), of("take", Map.of("axis", 1), "2,3", "4"), of("take", Map.of("axis", 0), "3,2", ""),
            of("take", Map.of("axis", -2), "2,3,2", "2,1"), of("take", Map.of("axis", 0), "3", "0"),
            of("scatter_add", Map.of(), "2,3", "4", "4"), of("scatter_add", Map.of("axis", 1), "2,3", "2", "2,2"),
            of("scatter_add", Map.of("axis", 0), "3,2", "2,2", "2"), of("scatter_add", Map.of("axis", 0), "3", "", ""),
            of("one_hot", Map.of("num_classes", 3), "2,2"), of("one_hot", Map.of("num_classes", 2), ""),
            of("one_hot", Map.of("num_classes", 0), "0"));

    private static final List<OpCase> ORDERING = List.of(
            of("argmax", Map.of(), "2,3"), of("argmax", Map.of("axis", 0, "keepdims", true), "2,3"), of("argmax", Map.of(), ""),
            of("argmin", Map.of("axis", 1), "2,3"), of("argmin", Map.of("axis", 1), "0,3"),
            of("argsort", Map.of(), "2,3"), of("argsort", Map.of("axis", 0, "descending", true), "3,2"), of("argsort", Map.of(), "0"),
            of("sort", Map.of(), "5"), of("sort", Map.of("axis", 0), "3,2"), of("sort", Map.of("axis", 1, "descending", true), "2,3,2"),
            of("sort", Map.of(), "2,0"),
            of("topk", Map.of("k", 2), "4"), of("topk", Map.of("k", 1, "axis", 0), "3,2"), of("topk", Map.of("k", 0), "3"),
            of("median", Map.of(), "5"), of("median", Map.of("axis", 0, "keepdims", true), "4,2"), of("median", Map.of(), "2,3"),
            of("median", Map.of(), ""), of("median", Map.of("axis", 1), "0,3"),
            of("quantile", Map.of("q", 0.3), "5"), of("quantile", Map.of("q", 1, "axis", 1), "2,3"),
            of("quantile", Map.of("q", 0.9, "axis", List.of(0, 2)), "2,2,3"));

    private static final List<OpCase> SCANS = Stream.of("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
            .flatMap(op -> Stream.of(of(op, Map.of(), "7"), of(op, Map.of("axis", 1), "2,3"), of(op, Map.of("axis", 0), "3,2"),
                    of(op, Map.of("axis", -2), "2,3,2"), of(op, Map.of(), "2,3"), of(op, Map.of(), ""), of(op, Map.of("axis", 0), "0,2"),
                    of(op, Map.of("axis", 0), "1")))
            .toList();

    private static final List<OpCase> SCAN_OPS = List.of(of("cumsum", Map.of("axis", 1, "reverse", true), "2,3"),
            of("cumsum", Map.of("reverse", true), "2,3"), of("argcummax", Map.of(), "2,3"), of("argcummax", Map.of("axis", 0), "3,2"),
            of("argcummin", Map.of(), "4"), of("argcummin", Map.of("axis", 0), "0,2"));

    public static final List<OpCase> ALL = List.of(REARRANGING, REGIONS, STATISTICS, GATHERING, ORDERING, SCANS, SCAN_OPS).stream()
            .flatMap(List::stream).toList();

    private ArrayOpCases() {}

    private static OpCase of(String op, Map<String, ?> attributes, String... shapes) {
        return OpCase.of(op, attributes, shapes);
    }
}
