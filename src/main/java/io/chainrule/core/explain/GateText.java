package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says what the gate that reads a node does with the gradient. */
final class GateText {
    private final Scene scene;

    GateText(Scene scene) {
        this.scene = scene;
    }

    String of(int node, Contribution contribution) {
        Role role = role(contribution);
        boolean isOrdered = !OpCatalogue.has(scene.graph.op(contribution.to()), Trait.COMMUTATIVE);
        if (role == Role.SHARES && scene.printer().isEqualShare(contribution.to(), contribution.operand())) {
            return scene.text("role.shares.equal", scene.id(contribution.to()), scene.id(node), share(contribution));
        }
        Explanation.Slope slope = slope(contribution);
        if (slope != null) {
            return scene.text("role.scales.slope", scene.id(contribution.to()), scene.id(node),
                    Stream.concat(Stream.of(slope.text()), slope.letters().stream()).collect(Collectors.joining(", ")));
        }
        String key = "role." + role.id() + (isNotANumber(role, contribution) ? ".nan" : variant(role, isOrdered, contribution.local()));
        return scene.text(key, scene.id(contribution.to()), scene.id(node));
    }

    private Role role(Contribution contribution) {
        return Role.of(scene.graph, contribution.to(), contribution.local() != null,
                () -> scene.printer().kind(contribution.to(), contribution.operand()));
    }

    /**
     * The derivative by which a gate multiplies that has no other role, as a formula; null if there is none that is short, and for parts of
     * a gate, whose derivatives are none of the gate.
     */
    Explanation.@Nullable Slope slope(Contribution contribution) {
        return contribution.parts() == 1 && role(contribution) == Role.SCALES ? scene.slope(contribution) : null;
    }

    /** The share of one of the elements of which an element of the result is the mean, as {@code 1/3}. */
    private static String share(Contribution contribution) {
        return "1/" + contribution.value().length() / Math.max(1, contribution.upstream().length());
    }

    /** Whether a gate that chooses between scalars has chosen none. */
    private boolean isNotANumber(Role role, Contribution contribution) {
        Tensor local = contribution.local();
        return role == Role.ROUTES && local != null && local.shape().isScalar() && local.item() == 0
                && scene.outcome.hasValue(contribution.to()) && Double.isNaN(scene.outcome.value(contribution.to()).item());
    }

    /** Subtraction tells its operands apart. */
    private static String sign(boolean isOrdered, double factor) {
        return !isOrdered ? "" : factor < 0 ? ".minus" : ".plus";
    }

    private static String variant(Role role, boolean isOrdered, @Nullable Tensor local) {
        if (local == null || !local.shape().isScalar()) {
            return role == Role.DISTRIBUTES && local != null && local.length() > 0 ? sign(isOrdered, local.data()[0]) : "";
        }
        double factor = local.item();
        return switch (role) {
            case DISTRIBUTES -> sign(isOrdered, factor);
            case ROUTES -> factor == 1 ? ".open" : factor == 0 ? ".shut" : ".tie";
            default -> "";
        };
    }
}
