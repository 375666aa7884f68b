package io.chainrule.service;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Program;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a client should know about an answer that is no error: in one sentence a student understands, naming the node. */
final class Diagnostics {
    private final Workbench bench;
    private final Program program;
    private final List<Answer.Diagnostic> found = new ArrayList<>();

    Diagnostics(Workbench bench) {
        this.bench = bench;
        this.program = bench.program();
    }

    List<Answer.Diagnostic> found() {
        return found;
    }

    void unusedInputs() {
        for (String id : bench.call().inputs().keySet()) {
            if (program.find(id) == null) {
                add("unused-input", id, "the program never mentions input '" + id + "'; its gradient is zero");
            }
        }
    }

    /** {@code firstRun} is the first node of the run graph whose value is not finite, or −1. */
    void nonFiniteValue(int firstRun) {
        Graph graph = program.graph();
        int end = firstRun < 0 ? graph.size() : bench.origin(firstRun);
        for (int i = 0; i < end; i++) {
            Tensor given = switch (graph.op(i)) {
                case Leaf.Input input -> bench.call().inputs().get(input.id());
                case Leaf.Constant constant -> constant.value();
                default -> null;
            };
            if (given != null && !given.isFinite()) {
                nonFinite("forward", i, "the value given for '" + program.id(i) + "' is not finite");
                return;
            }
        }
        if (firstRun >= 0) {
            nonFinite("forward", end, name(end) + " is the first node whose value is not finite");
        }
    }

    void nonFiniteGradient(int node) {
        nonFinite("backward", node, "on the way back from the output, " + name(node) + " is the first node whose gradient is not finite");
    }

    private void nonFinite(String phase, int node, String message) {
        found.add(new Answer.Diagnostic("non-finite", program.id(node), phase, null, message));
    }

    /** Counts of elements on a kink by node of the run graph. */
    void kinks(Map<Integer, Long> counts) {
        Map<Integer, Long> byNode = new TreeMap<>();
        counts.forEach((node, count) -> byNode.merge(bench.origin(node), count, Long::sum));
        byNode.forEach((node, count) -> {
            if (count > 0) {
                String op = program.graph().op(node).name();
                OpDefinition definition = OpCatalogue.find(op);
                String convention = definition == null ? null : definition.convention();
                found.add(new Answer.Diagnostic("kink", program.id(node), null, count,
                        name(node) + " sits on its kink at " + count + (count == 1 ? " element" : " elements")
                                + ", where it has no single derivative; by convention "
                                + (convention == null ? "one is chosen" : convention)));
            }
        });
    }

    /** Says of each named node without a gradient why it has none. */
    void zeroGradients(Map<String, Integer> wrt, Derivation derivation) {
        BitSet output = new BitSet();
        output.set(program.output());
        BitSet reaching = Activity.ancestors(program.graph(), output);
        int[] flat = flatUses(reaching);
        wrt.forEach((id, node) -> {
            if (node == Workbench.NO_NODE || !derivation.isZero(node)) {
                return;
            }
            if (!reaching.get(node)) {
                add("unreached-output", id,
                        "'" + id + "' does not reach the output '" + program.id(program.output()) + "'; its gradient is zero");
            } else {
                add("zero-derivative", id, flat[node] < 0
                        ? "the derivative of the output by '" + id + "' is zero everywhere"
                        : "every way from '" + id + "' to the output leads through an op whose derivative is zero, such as "
                                + name(flat[node]));
            }
        });
    }

    /** Per node, a node on a way from it to the output whose derivative by the way's operand is zero; −1 where there is none. */
    private int[] flatUses(BitSet reaching) {
        Graph graph = program.graph();
        int[] flat = new int[graph.size()];
        Arrays.fill(flat, -1);
        for (int i = reaching.length() - 1; i >= 0; i = reaching.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                flat[operand] = graph.op(i).ignores(k) ? i : flat[operand] < 0 ? flat[i] : flat[operand];
            }
        }
        return flat;
    }

    private String name(int node) {
        return "'" + program.id(node) + "' (" + program.graph().op(node).name() + ")";
    }

    private void add(String kind, String node, String message) {
        found.add(new Answer.Diagnostic(kind, node, null, null, message));
    }
}
