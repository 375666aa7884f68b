package io.chainrule.service.diagnostics;

import io.chainrule.core.Outcome;
import io.chainrule.core.PathsToOutput;
import io.chainrule.core.graph.NamedGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Where on the way back a gradient becomes zero in all its elements. */
final class Vanishing {
    private final Outcome outcome;
    private final NamedGraph program;
    private final PathsToOutput paths;

    Vanishing(Outcome outcome, PathsToOutput paths) {
        this.outcome = outcome;
        this.program = outcome.function().bound().program();
        this.paths = paths;
    }

    /** Per named node a way from it to the first node that still has a gradient. */
    Map<String, List<Integer>> of(Map<String, Integer> vanished) {
        Map<Integer, Boolean> alive = new HashMap<>();
        IntStream.range(0, program.graph().size()).filter(node -> paths.reaches(node) && !outcome.function().isConstant(node))
                .forEach(node -> alive.put(node, !outcome.isZeroGradient(node)));
        Map<Integer, Integer> next = next(alive);
        Map<String, List<Integer>> found = new LinkedHashMap<>();
        vanished.forEach((id, node) -> {
            List<Integer> way = way(node, next);
            if (way.size() > 1) {
                found.put(id, way);
            }
        });
        return found;
    }

    /** Per node without a gradient the next one on a way to one that has it. */
    private Map<Integer, Integer> next(Map<Integer, Boolean> alive) {
        Map<Integer, Integer> next = new HashMap<>();
        for (int node = program.graph().size() - 1; node >= 0; node--) {
            if (alive.getOrDefault(node, true)) {
                continue;
            }
            for (int user : paths.users(node)) {
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
