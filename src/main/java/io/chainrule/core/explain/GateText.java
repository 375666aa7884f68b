package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
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
        String key = "role." + role.id() + variant(role, contribution.local());
        return scene.text(key, scene.id(contribution.to()), scene.id(node));
    }

    private static String variant(Role role, @Nullable Tensor local) {
        if (local == null || !local.shape().isScalar()) {
            boolean isNegative = role == Role.DISTRIBUTES && local != null && local.length() > 0 && local.data()[0] < 0;
            return isNegative ? ".minus" : "";
        }
        double factor = local.item();
        return switch (role) {
            case DISTRIBUTES -> factor < 0 ? ".minus" : "";
            case ROUTES -> factor == 1 ? ".open" : factor == 0 ? ".shut" : ".tie";
            default -> "";
        };
    }
}
