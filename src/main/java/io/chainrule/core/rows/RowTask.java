package io.chainrule.core.rows;

import static io.chainrule.core.rows.PlainValues.integer;
import static io.chainrule.core.rows.PlainValues.list;
import static io.chainrule.core.rows.PlainValues.map;
import static io.chainrule.core.rows.PlainValues.optionalText;
import static io.chainrule.core.rows.PlainValues.shape;
import static io.chainrule.core.rows.PlainValues.text;
import static io.chainrule.core.rows.PlainValues.texts;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What another process is to do with rows: a program, what becomes of rows that something is wrong with, and what is made of the results.
 * It crosses as JSON, which this class neither writes nor reads: {@link #plain} has nothing but maps, lists, texts, booleans, numbers and
 * nulls.
 */
public record RowTask(RowProgram program, RowPolicy policy, Results results) {

    /** What is made of what the rows come to. */
    public sealed interface Results {
        /** Sums of a {@link RowReduction}. */
        record Reduced(Moments.Order order) implements Results {}

        /** Parts of a {@link RowWriter}. */
        record Written(RowWriter.Form form) implements Results {}
    }

    /** The task as JSON has it. */
    public Map<String, Object> plain() {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("source", PlainSources.plain(program.source()));
        plain.put("output", program.output());
        plain.put("derivatives", program.derivatives().name());
        plain.put("wrt", program.wrt());
        plain.put("nodes", program.nodes());
        plain.put("inputs", program.inputs().stream().map(RowTask::plain).toList());
        plain.put("fixed", plain(program.fixed()));
        plain.put("seed", program.seed());
        plain.put("cells", policy.cells().name());
        plain.put("refused", policy.refused().name());
        plain.put("not_finite", policy.notFinite().name());
        plain.put("named", policy.named());
        switch (results) {
            case Results.Reduced(var order) -> plain.put("order", order.name());
            case Results.Written(var form) -> plain.put("form", form.name());
        }
        return plain;
    }

    /**
     * The task of which {@link #plain} made this. JSON may lie between.
     *
     * @throws IllegalArgumentException if it is no task
     */
    public static RowTask of(Map<String, Object> plain) {
        RowProgram program = new RowProgram(PlainSources.source(map(plain.get("source"))), optionalText(plain, "output"),
                RowProgram.Derivatives.valueOf(text(plain, "derivatives")), plain.get("wrt") == null ? null : texts(plain.get("wrt")),
                texts(plain.get("nodes")), list(plain.get("inputs"), RowTask::input), values(map(plain.get("fixed"))),
                integer(plain, "seed"));
        RowPolicy policy = new RowPolicy(RowPolicy.OnCell.valueOf(text(plain, "cells")),
                RowPolicy.OnResult.valueOf(text(plain, "refused")), RowPolicy.OnResult.valueOf(text(plain, "not_finite")),
                (int) integer(plain, "named"));
        return new RowTask(program, policy, plain.containsKey("form")
                ? new Results.Written(RowWriter.Form.valueOf(text(plain, "form")))
                : new Results.Reduced(Moments.Order.valueOf(text(plain, "order"))));
    }

    /** The values of inputs as JSON has them. */
    public static Map<String, Object> plain(Map<String, Tensor> values) {
        return map(values, PlainValues::plain);
    }

    /** The values of which {@link #plain(Map)} made this. */
    public static Map<String, Tensor> values(Map<String, Object> plain) {
        return map(plain, value -> PlainValues.tensor(map(value)));
    }

    private static Map<String, Object> plain(RowInput input) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("input", input.input());
        plain.put("columns", input.columns());
        switch (input) {
            case RowInput.Scalar _ -> plain.put("kind", "scalar");
            case RowInput.Vector _ -> plain.put("kind", "vector");
            case RowInput.Array(_, _, var shape) -> {
                plain.put("kind", "array");
                plain.put("shape", shape.toList());
            }
        }
        return plain;
    }

    private static RowInput input(Object input) {
        Map<String, Object> plain = map(input);
        String name = text(plain, "input");
        return switch (text(plain, "kind")) {
            case "scalar" -> new RowInput.Scalar(name, texts(plain.get("columns")).getFirst());
            case "vector" -> new RowInput.Vector(name, texts(plain.get("columns")));
            default -> new RowInput.Array(name, texts(plain.get("columns")).getFirst(), shape(plain.get("shape")));
        };
    }
}
