package io.chainrule.core.grade;

import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A copy of the part of the forward pass between a claimed node and the nodes where its derivative begins. */
final class Region {
    private static final int NONE = Sheet.NONE;

    private final Sheet sheet;
    private final GraphBuilder builder;
    private final Claim claim;
    private final Map<Integer, Node> upstream = new HashMap<>();
    private final Map<Integer, Integer> copies = new HashMap<>();
    private final List<Integer> nudges = new ArrayList<>();
    private final Node start;

    Region(Sheet sheet, Claim claim, Map<Integer, Node> upstream, boolean isNudged, int blocked, int blockedOperand) {
        this.sheet = sheet;
        this.builder = sheet.builder();
        this.claim = claim;
        upstream.forEach((node, value) -> this.upstream.put(sheet.image(node), value));
        this.upstream.remove(sheet.image(claim.by()));
        int by = sheet.image(claim.by());
        start = Maths.add(sheet.node(by), builder.literal(0));
        copies.put(by, start.index());
        for (int i = by + 1; i <= sheet.image(claim.of()); i++) {
            if ((i != blocked || blockedOperand != NONE) && (sheet.isForward(i) || claim.isLocal())) {
                copy(i, isNudged, i == blocked ? blockedOperand : NONE);
            }
        }
    }

    private void copy(int i, boolean isNudged, int blocked) {
        int[] operands = new int[builder.operandCount(i)];
        boolean isInside = false;
        for (int k = 0; k < operands.length; k++) {
            int operand = builder.operand(i, k);
            boolean isEnd = k == blocked || upstream.containsKey(operand);
            operands[k] = isEnd ? operand : copies.getOrDefault(operand, operand);
            isInside |= operands[k] != operand;
        }
        if (!isInside) {
            return;
        }
        if (isNudged && builder.op(i).kink(sheet.node(i)) != null) {
            for (int k = 0; k < operands.length; k++) {
                if (operands[k] != builder.operand(i, k) && !sheet.isIndex(i, k)) {
                    Node nudge = builder.input("nudge", builder.shape(operands[k]));
                    nudges.add(nudge.index());
                    operands[k] = Maths.add(sheet.node(operands[k]), nudge).index();
                }
            }
        }
        copies.put(i, builder.add(builder.op(i), operands));
    }

    Sheet.@Nullable LocalRule derivative() {
        Map<Integer, Node> seeds = new HashMap<>();
        for (Map.Entry<Integer, Node> arriving : upstream.entrySet()) {
            Integer copy = copies.get(arriving.getKey());
            if (copy != null) {
                if (!arriving.getValue().shape().broadcastsTo(builder.shape(copy))) {
                    return null;
                }
                seeds.put(copy, Maths.broadcastTo(arriving.getValue(), builder.shape(copy)));
            }
        }
        Integer end = copies.get(sheet.image(claim.of()));
        if (end != null && !seeds.containsKey(end)) {
            seeds.put(end, sheet.seed(claim.of()));
        }
        BitSet wrt = new BitSet();
        wrt.set(start.index());
        Graph graph = builder.build();
        ReverseMode.Sweep sweep = ReverseMode.sweep(graph, builder, seeds, wrt);
        int cotangent = sweep.cotangents()[start.index()];
        Map<Integer, Node> parts = new TreeMap<>();
        Map<Integer, Node> arriving = new HashMap<>();
        copies.forEach((original, copy) -> {
            for (int k = 0; k < graph.operandCount(copy); k++) {
                int part = sweep.contributions()[graph.use(copy, k)];
                if (graph.operand(copy, k) == start.index() && part != NONE) {
                    parts.merge(original, sheet.node(part), Maths::add);
                    arriving.put(original, sheet.node(sweep.cotangents()[copy]));
                }
            }
        });
        Node value = cotangent == NONE ? Maths.broadcastTo(builder.literal(0), start.shape()) : sheet.node(cotangent);
        Map<Integer, Integer> originals = new HashMap<>();
        copies.forEach((original, copy) -> originals.put(copy, original));
        return new Sheet.LocalRule(value, parts, arriving, originals, nudges);
    }

    /** The nodes between the claimed one and those where its derivative begins. */
    List<Integer> nodes() {
        return copies.keySet().stream().filter(node -> node != sheet.image(claim.by())).sorted().toList();
    }
}
