package io.chainrule.benchmark;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Row q, the eval ba of GradBench: errors of the projections of points by cameras, with their Jacobians by camera, point and weight. */
final class BundleAdjustment {
    private static final int OBSERVATIONS = 31_843;
    private static final String[] WRT = {"camera", "X", "w"};
    private static final String PROGRAM = """
            o = X - camera[3:6]
            rotation = camera[:3]
            theta = sqrt(sum(rotation^2))
            u = rotation / theta
            Y = o * cos(theta) + cross(u, o) * sin(theta) + u * sum(u * o) * (1 - cos(theta))
            p = Y[:2] / Y[2]
            s = sum(p^2)
            distorted = p * (1 + camera[9] * s + camera[10] * s^2)
            e = w * (distorted * camera[6] + camera[7:9] - feature)
            """;
    /** Each observation has an error of its own, so that one backward pass finds a row of all of their Jacobians. */
    private static final String SCRIPT = """
            camera = camera.detach().requires_grad_()
            X = X.detach().requires_grad_()
            w = w.detach().requires_grad_()
            o = X - camera[:, 3:6]
            rotation = camera[:, :3]
            theta = torch.sqrt((rotation * rotation).sum([1], True))
            u = rotation / theta
            Y = o * torch.cos(theta) + torch.linalg_cross(u, o) * torch.sin(theta) + u * (u * o).sum([1], True) * (1. - torch.cos(theta))
            p = Y[:, :2] / Y[:, 2:]
            s = (p * p).sum([1], True)
            distorted = p * (1. + camera[:, 9:10] * s + camera[:, 10:] * s * s)
            e = torch.unsqueeze(w, 1) * (distorted * camera[:, 6:7] + camera[:, 7:9] - feature)
            g = torch.autograd.grad([e[:, 0].sum()], [camera, X, w], None, True)
            h = torch.autograd.grad([e[:, 1].sum()], [camera, X, w])
            J0 = torch.stack([unchecked_cast(Tensor, g[0]), unchecked_cast(Tensor, h[0])], 1).reshape(-1)
            J1 = torch.stack([unchecked_cast(Tensor, g[1]), unchecked_cast(Tensor, h[1])], 1).reshape(-1)
            J2 = torch.stack([unchecked_cast(Tensor, g[2]), unchecked_cast(Tensor, h[2])], 1).reshape(-1)
            f = torch.cat([J0, J1, J2])
            """;

    private BundleAdjustment() {}

    static Comparison comparison() {
        return Comparison.of("q", "ba1: Jacobians of 31,843 observations by camera, point and weight", () -> {
            Map<String, Tensor> inputs = observations();
            CompiledJacobian jacobian = Program.parse(PROGRAM).jacobian(WRT).over("camera", "X", "w", "feature")
                    .compile(Shapes.ofValues(inputs));
            return Contender.of(() -> {
                CompiledJacobian.Result result = jacobian.call(inputs);
                return Chainrule.numbers(Arrays.stream(WRT).map(name -> result.block("e", name).dense()).toList());
            });
        }).peer("PyTorch", 1, () -> Torch.derivative(SCRIPT, observations())).build();
    }

    private static Map<String, Tensor> observations() {
        Map<String, Tensor> values = Data.normal(0.1, "camera", OBSERVATIONS, 11, "X", OBSERVATIONS, 3, "w", OBSERVATIONS, "feature",
                OBSERVATIONS, 2);
        double[] points = values.get("X").data();
        // In front of the cameras.
        IntStream.range(0, OBSERVATIONS).forEach(i -> points[3 * i + 2] += 5);
        return values;
    }
}
