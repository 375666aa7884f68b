package io.chainrule.core.code;

import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A graph whose nodes are to be computed by a function in another language.
 *
 * @param output what the value is called
 * @param inputs the nodes of the function's parameters, in order
 * @param value the node of the value
 * @param gradients the nodes of the gradients, by name
 * @param named nodes with names, which their variables get
 */
public record CodeProgram(Graph graph, String output, List<Integer> inputs, int value, Map<String, Integer> gradients,
        Map<String, Integer> named) {
    /** While the moves of elements are found, each of them takes its number twice, its places and their builders. */
    private static final long BYTES_A_MOVE = 64;

    /**
     * Writes the function; {@link NoCodeException} says what cannot be written in the language. {@code checkpoint} is asked now and then
     * whether to go on.
     */
    public String in(Language language, Checkpoint checkpoint) {
        CodeProgram opened = opened();
        return language == Language.NUMPY
                ? new NumpyCode(opened).text(checkpoint)
                : new LoopCode(opened, language.dialect()).text(checkpoint);
    }

    private CodeProgram opened() {
        Gates.Expansion all = expanded(graph);
        return new CodeProgram(all.graph(), output, inputs.stream().map(input -> all.image()[input]).toList(), all.image()[value],
                images(gradients, all), images(named, all));
    }

    /** Opens gates that have no code of their own. */
    private static Gates.Expansion expanded(Graph graph) {
        return Gates.expand(graph, op -> op.isComposite() || op.isGate() && !hasCode(op), Allowance.UNBOUNDED);
    }

    private static Map<String, Integer> images(Map<String, Integer> nodes, Gates.Expansion all) {
        Map<String, Integer> images = new LinkedHashMap<>();
        nodes.forEach((name, node) -> images.put(name, all.image()[node]));
        return images;
    }

    /** An estimate of the memory that writing the function takes. */
    public long bytes(Language language) {
        return IntStream.range(0, graph.size()).filter(node -> isMoved(node, language) && !Moves.isTooLarge(graph, node))
                .mapToLong(node -> graph.shape(node).size()).max().orElse(0) * BYTES_A_MOVE;
    }

    /** Whether the language has no other code for a node than that of moved elements. */
    private boolean isMoved(int node, Language language) {
        OpCode code = graph.isLeaf(node) ? null : OpCatalogue.of(graph.op(node)).code();
        return !graph.isLeaf(node)
                && (code == null || (language == Language.NUMPY ? code.numpy() == null : code.kind() == OpCode.Kind.NUMPY)
                        && code.kind() != OpCode.Kind.SCALAR);
    }

    /** The ops that the code of an op and of its VJP consists of. */
    public static Set<String> parts(Op op, List<Shape> operands) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] inputs = IntStream.range(0, operands.size()).map(k -> builder.input("x" + k, operands.get(k)).index()).toArray();
        int written = builder.add(op, inputs);
        Gates.Expansion lowered = Gates.expand(builder.build(), Allowance.UNBOUNDED);
        GraphBuilder derived = GraphBuilder.extending(lowered.graph(), Allowance.UNBOUNDED);
        int output = lowered.image()[written];
        Node cotangent = derived.input("cotangent", lowered.graph().shape(output));
        BitSet sources = new BitSet();
        IntStream.of(inputs).forEach(input -> sources.set(lowered.image()[input]));
        ReverseMode.cotangents(lowered.graph(), derived, Map.of(output, cotangent), sources);
        Graph all = expanded(derived.build()).graph();
        return IntStream.range(0, all.size()).mapToObj(node -> all.op(node).name()).collect(Collectors.toSet());
    }

    private static boolean hasCode(Op op) {
        OpDefinition definition = OpCatalogue.find(op.name());
        return definition != null && definition.code() != null;
    }

    /** How often each node is read for the results, counting the caller, who reads value and gradients. */
    int[] uses() {
        int[] uses = new int[graph.size()];
        uses[value]++;
        gradients.values().forEach(node -> uses[node]++);
        for (int i = graph.size() - 1; i >= 0; i--) {
            for (int k = 0; uses[i] > 0 && k < graph.operandCount(i); k++) {
                uses[graph.operand(i, k)]++;
            }
        }
        return uses;
    }

    /** For each node one that reads it for the results, or −1. */
    int[] readers(int[] uses) {
        int[] readers = new int[graph.size()];
        Arrays.fill(readers, -1);
        for (int i = 0; i < graph.size(); i++) {
            for (int k = 0; uses[i] > 0 && k < graph.operandCount(i); k++) {
                readers[graph.operand(i, k)] = i;
            }
        }
        return readers;
    }

    /** The id of an input. */
    String id(int input) {
        return ((Leaf.Input) graph.op(input)).id();
    }
}
