package io.chainrule.core.grade;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Maths;
import io.chainrule.core.graph.Family;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The values that a user may have forgotten, or read in place of another: those near a claimed node first. */
final class Factors {
    private static final int MOST_VALUES = 24;
    private static final int MOST_GRADIENTS = 12;

    private final Sheet sheet;
    private final BackwardPass pass;
    private final Claim claim;
    private final List<Integer> between;

    /** {@code between} are the nodes from the claimed one to those where its derivative begins. */
    Factors(Sheet sheet, BackwardPass pass, Claim claim, List<Integer> between) {
        this.sheet = sheet;
        this.pass = pass;
        this.claim = claim;
        this.between = between;
    }

    /** Values that have a name, or are read or computed between; claims of earlier lines among them. */
    List<Integer> values() {
        GraphBuilder builder = sheet.builder();
        BitSet found = new BitSet();
        List<Integer> values = new ArrayList<>();
        List<Integer> near = new ArrayList<>(List.of(sheet.image(claim.by())));
        between.forEach(node -> {
            for (int k = 0; k < builder.operandCount(node); k++) {
                near.add(builder.operand(node, k));
            }
            near.add(node);
        });
        Graph program = pass.graph();
        if (pass.upstream() >= 0) {
            near.add(sheet.image(pass.upstream()));
        }
        pass.claims().stream().filter(other -> other.node() < claim.node()).forEach(other -> near.add(sheet.image(other.node())));
        for (int i = 0; i < program.size(); i++) {
            if (pass.program().isNamed(i) && sheet.isForward(sheet.image(i))) {
                near.add(sheet.image(i));
            }
        }
        for (int node : near) {
            boolean isNew = sheet.isOfProgram(node) && !found.get(node) && builder.node(node).literal().isEmpty();
            if (isNew && values.size() < MOST_VALUES) {
                found.set(node);
                values.add(node);
            }
        }
        return values;
    }

    /** Local gradients of elementwise ops between, and 1 − v of values v: factors that have no name. */
    Set<Integer> unnamed(List<Integer> values) {
        Set<Integer> found = new LinkedHashSet<>();
        for (int node : between) {
            Node view = sheet.node(node);
            Op op = view.op();
            for (int k = 0; k < view.operandCount() && op.family() == Family.ELEMENTWISE && found.size() < MOST_GRADIENTS; k++) {
                int operand = k;
                Node local = op.ignores(k)
                        ? null
                        : Sheet.attempt(() -> op.vjp(view, operand, Maths.broadcastTo(sheet.builder().literal(1), view.shape())));
                if (local != null && local.literal().isEmpty()) {
                    found.add(local.index());
                }
            }
        }
        for (int value : values.subList(0, Math.min(values.size(), MOST_GRADIENTS))) {
            found.add(Maths.sub(sheet.builder().literal(1), sheet.node(value)).index());
        }
        return found;
    }
}
