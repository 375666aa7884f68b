package io.chainrule.core.code;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.rewrite.Gates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph whose nodes are to be computed by a function in another language.
 *
 * @param inputs the nodes of the function's parameters, in order
 * @param value the node of the value
 * @param gradients the nodes of the gradients, by name
 */
public record CodeProgram(Graph graph, List<Integer> inputs, int value, Map<String, Integer> gradients) {

    /** Writes the function; {@link ProblemException} names the ops that have no code in the language. */
    public String in(Language language) {
        if (language == Language.C && !graph.shape(value).isScalar()) {
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                    "the function in C returns a number, and the output has shape " + graph.shape(value))
                    .at(Place.setting("format")).expected("an output of shape []", graph.shape(value).toString())
                    .hint("take numpy, java or javascript, or reduce the output to a scalar, as by sum"));
        }
        CodeProgram opened = opened();
        return language == Language.NUMPY ? new NumpyCode(opened).text() : new LoopCode(opened, language.dialect()).text();
    }

    /** Opens gates that have no code of their own. */
    private CodeProgram opened() {
        Gates.Expansion all = Gates.expand(graph, op -> op.isComposite() || op.isGate() && !hasCode(op), Allowance.UNBOUNDED);
        Map<String, Integer> images = new LinkedHashMap<>();
        gradients.forEach((name, node) -> images.put(name, all.image()[node]));
        return new CodeProgram(all.graph(), inputs.stream().map(input -> all.image()[input]).toList(), all.image()[value], images);
    }

    private static boolean hasCode(Op op) {
        OpDefinition definition = OpCatalogue.find(op.name());
        return definition != null && definition.code() != null;
    }

    /** The number of readers of each node, counting the caller, who reads value and gradients. */
    int[] uses() {
        int[] uses = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                uses[graph.operand(i, k)]++;
            }
        }
        uses[value]++;
        gradients.values().forEach(node -> uses[node]++);
        return uses;
    }

    /** The id of an input. */
    String id(int input) {
        return ((Leaf.Input) graph.op(input)).id();
    }

    /** Refuses ops, each of which is named once. */
    static ProblemException refused(List<String> ops, String language) {
        List<Problem> problems = new ArrayList<>();
        ops.stream().distinct().forEach(op -> problems.add(Problem.of(ProblemCode.INVALID_VALUE,
                "there is no " + language + " code for '" + op + "' with these operands; the formats expression, latex and mathml show it")
                .hint("leave out 'format', or write what the program needs of it by other ops")));
        return new ProblemException(problems);
    }
}
