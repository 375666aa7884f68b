package io.chainrule.service;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Where on the way back a gradient becomes zero in all its elements. */
final class Vanishing {
    private final Workbench bench;
    private final Derivation derivation;
    private final Map<Integer, Tensor> seeds;
    private final Routes routes;

    /** {@code seeds} are the values of the derivation's seeds. */
    Vanishing(Workbench bench, Derivation derivation, Map<Integer, Tensor> seeds, Routes routes) {
        this.bench = bench;
        this.derivation = derivation;
        this.seeds = seeds;
        this.routes = routes;
    }

    /** Per named node a way from it to the first node that still has a gradient; without those for which it takes too much to find out. */
    Map<String, List<Integer>> of(Map<String, Integer> vanished) {
        GraphBuilder builder = GraphBuilder.extending(derivation.graph(), bench.allowance());
        Map<Integer, Integer> sizes = new HashMap<>();
        BitSet results = new BitSet();
        IntStream.range(0, bench.program().graph().size()).filter(node -> routes.reaches(node) && !derivation.isZero(node))
                .forEach(node -> {
                    Node cotangent = builder.node(derivation.cotangentNode(node));
                    List<Integer> axes = IntStream.range(0, cotangent.shape().rank()).boxed().toList();
                    int size = Runs.derive(() -> Maths.sum(Maths.abs(cotangent), axes, false)).index();
                    sizes.put(node, size);
                    results.set(size);
                });
        Map<String, List<Integer>> found = new LinkedHashMap<>();
        try {
            Run run = bench.run(builder.build(), results, seeds);
            Map<Integer, Boolean> alive = new HashMap<>();
            // A gradient without elements is no zero one: what reads no element is where the gradient is lost.
            sizes.forEach((node, size) -> alive.put(node, bench.program().graph().shape(node).size() == 0
                    || Arrays.stream(run.value(size).data()).anyMatch(value -> value != 0)));
            Map<Integer, Integer> next = next(alive);
            vanished.forEach((id, node) -> {
                List<Integer> way = way(node, next);
                if (way.size() > 1) {
                    found.put(id, way);
                }
            });
        } catch (LimitExceededException | OverloadedException e) {
            found.clear();
        }
        return found;
    }

    /** Per node without a gradient the next one on a way to one that has it. */
    private Map<Integer, Integer> next(Map<Integer, Boolean> alive) {
        Map<Integer, Integer> next = new HashMap<>();
        for (int node = bench.program().graph().size() - 1; node >= 0; node--) {
            if (alive.getOrDefault(node, true)) {
                continue;
            }
            for (int user : routes.users(node)) {
                if (alive.getOrDefault(user, false)) {
                    next.put(node, user);
                    break;
                }
                if (next.containsKey(user)) {
                    next.putIfAbsent(node, user);
                }
            }
        }
        return next;
    }

    private static List<Integer> way(int from, Map<Integer, Integer> next) {
        List<Integer> way = new ArrayList<>(List.of(from));
        for (Integer at = next.get(from); at != null; at = next.get(at)) {
            way.add(at);
        }
        return way;
    }
}
