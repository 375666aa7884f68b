package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Says what the gate that reads a node does with the gradient. */
final class GateText {
    private final Scene scene;

    GateText(Scene scene) {
        this.scene = scene;
    }

    String of(int node, Contribution contribution) {
        Role role = Role.of(scene.graph, contribution.to(), contribution.local() != null,
                scene.printer().kind(contribution.to(), contribution.operand()));
        boolean isOrdered = !OpCatalogue.has(scene.graph.op(contribution.to()), Trait.COMMUTATIVE);
        String key = "role." + role.id() + variant(role, isOrdered, contribution.local());
        return scene.text(key, scene.id(contribution.to()), scene.id(node));
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
