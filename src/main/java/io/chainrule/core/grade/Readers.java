package io.chainrule.core.grade;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which values a statement of the forward pass is computed from. */
final class Readers {
    private final Sheet sheet;
    private final Set<Integer> claims = new HashSet<>();
    /** The named values that a statement reads, by its node. */
    private final Map<Integer, Set<Integer>> read = new HashMap<>();
    private final Set<Set<Integer>> together = new HashSet<>();

    Readers(Sheet sheet, BackwardPass pass) {
        this.sheet = sheet;
        pass.claims().forEach(claim -> claims.add(sheet.image(claim.node())));
        Graph graph = pass.graph();
        Map<Integer, Set<Integer>> sources = new HashMap<>();
        for (int i = 0; i < graph.size(); i++) {
            if (!sheet.isForward(sheet.image(i))) {
                continue;
            }
            Set<Integer> direct = new HashSet<>();
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                boolean isValue = pass.program().isNamed(operand) || graph.isLeaf(operand);
                direct.addAll(isValue ? Set.of(operand) : sources.getOrDefault(operand, Set.of()));
                noteTogether(graph, i, k);
            }
            sources.put(i, direct);
            Set<Integer> images = new HashSet<>();
            direct.forEach(node -> images.add(sheet.image(node)));
            for (int k = 0; k < graph.operandCount(i); k++) {
                images.add(sheet.image(graph.operand(i, k)));
            }
            read.put(sheet.image(i), images);
        }
    }

    private void noteTogether(Graph graph, int node, int k) {
        for (int other = 0; other < k; other++) {
            int one = sheet.image(graph.operand(node, k));
            int another = sheet.image(graph.operand(node, other));
            if (one != another) {
                together.add(Set.of(one, another));
            }
        }
    }

    /** What reading one value in place of another is called. */
    Mistake relation(int was, int should) {
        if (claims.contains(was) && claims.contains(should)) {
            return Mistake.WRONG_UPSTREAM;
        } else if (together.contains(Set.of(was, should))) {
            return Mistake.SWAPPED_OPERANDS;
        } else if (read.getOrDefault(should, Set.of()).contains(was)) {
            return Mistake.INPUT_FOR_OUTPUT;
        }
        return read.getOrDefault(was, Set.of()).contains(should) ? Mistake.OUTPUT_FOR_INPUT : Mistake.WRONG_VALUE;
    }

    /** Nodes of the forward pass by nodes of a line that compute the same from the same operands. */
    Map<Integer, Integer> twins(BitSet own) {
        GraphBuilder builder = sheet.builder();
        Map<List<Object>, Integer> forwards = new HashMap<>();
        Map<Integer, Integer> twins = new HashMap<>();
        for (int i = 0; i < sheet.size(); i++) {
            if (builder.operandCount(i) > 0 && (sheet.isForward(i) || own.get(i))) {
                List<Object> computation = new ArrayList<>(List.of(builder.op(i).name(), builder.op(i).attributes()));
                for (int k = 0; k < builder.operandCount(i); k++) {
                    computation.add(twins.getOrDefault(builder.operand(i, k), builder.operand(i, k)));
                }
                Integer twin = sheet.isForward(i) ? forwards.putIfAbsent(computation, i) : forwards.get(computation);
                if (twin != null && own.get(i)) {
                    twins.put(i, twin);
                }
            }
        }
        return twins;
    }
}
