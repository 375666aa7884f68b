package io.chainrule.benchmark;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Row q, the eval ht of GradBench, which is HAND of ADBench: how far measured points are from the vertices of a hand to which they belong,
 * with the Jacobian by the 26 parameters of its pose. A wrist bears five fingers of four bones each, and the forearm; each bone turns by
 * Euler angles relative to its parent, and the vertices follow the bones by weights (linear blend skinning).
 */
final class HandTracking {
    private static final int BONES = 22;
    private static final int PARAMETERS = 26;
    private static final int VERTICES = 10_000;
    private static final int POINTS = 12_800;
    private static final String PROGRAM = """
            angles = take(concatenate((theta, none)), at)
            turns = fixed + cos(angles)[:, :, None, None] * even + sin(angles)[:, :, None, None] * odd
            relative = base @ (turns[:, 1] @ turns[:, 2] @ turns[:, 0])
            fingers = reshape(relative[1:21], shape=[5, 4, 4, 4])
            first = relative[0] @ fingers[:, 0]
            second = first @ fingers[:, 1]
            third = second @ fingers[:, 2]
            fourth = third @ fingers[:, 3]
            joined = reshape(stack((first, second, third, fourth), axis=1), shape=[20, 4, 4])
            absolute = concatenate((relative[:1], joined, relative[:1] @ relative[21:]), 0)
            bones = swapaxes(absolute @ inverse, 0, 1)[:3]
            skin = reshape(weights[:, None] * vertices, shape=[88, 10000])
            posed = reshape(bones, shape=[3, 88]) @ skin
            n = norm(theta[:3])
            u = theta[:3] / n
            across = [[0, -u[2], u[1]], [u[2], 0, -u[0]], [-u[1], u[0], 0]]
            R = cos(n) * I + sin(n) * across + (1 - cos(n)) * outer(u, u)
            hand = R @ posed + theta[3:6, None]
            """;
    private static final String SIMPLE = PROGRAM + "e = points - take(hand, found, axis=1)\n";

    private HandTracking() {}

    static Comparison simple() {
        return Comparison.of("q", "ht: Jacobian of the distances of 12,800 points from a hand of 10,000 vertices by 26 parameters", () -> {
            Map<String, Tensor> inputs = hand();
            CompiledJacobian jacobian = Program.parse(SIMPLE).jacobian("theta").compile(Shapes.ofValues(inputs));
            return Chainrule.of(jacobian, inputs, "e", "theta");
        }).peer("PyTorch", 1, () -> Torch.derivative(SCRIPT + "f = torch.permute(torch.neg(torch.index_select(moved, 2, found)), [1, 2, 0])\n", hand())).build();
    }

    /** In forward mode with all 26 parameters as one batch: the work of {@code torch.func.jacfwd}. */
    private static final String SCRIPT = """
            found = torch.to(found, 4)
            at = torch.to(at, 4)
            seeds = torch.eye(26, dtype=7)
            angles = torch.reshape(torch.cat([theta, none])[at], [22, 3, 1, 1])
            angles_ = torch.reshape(torch.cat([seeds, torch.zeros([26, 1], dtype=7)], 1)[:, at], [26, 22, 3, 1, 1])
            c = torch.cos(angles)
            s = torch.sin(angles)
            turns = fixed + c * even + s * odd
            turns_ = angles_ * (c * odd - s * even)
            zy = torch.matmul(turns[:, 1], turns[:, 2])
            zy_ = torch.matmul(turns_[:, :, 1], turns[:, 2]) + torch.matmul(turns[:, 1], turns_[:, :, 2])
            relative = torch.matmul(base, torch.matmul(zy, turns[:, 0]))
            relative_ = torch.matmul(base, torch.matmul(zy_, turns[:, 0]) + torch.matmul(zy, turns_[:, :, 0]))
            fingers = torch.reshape(relative[1:21], [5, 4, 4, 4])
            fingers_ = torch.reshape(relative_[:, 1:21], [26, 5, 4, 4, 4])
            first = torch.matmul(relative[:1], fingers[:, 0])
            first_ = torch.matmul(relative_[:, :1], fingers[:, 0]) + torch.matmul(relative[:1], fingers_[:, :, 0])
            second = torch.matmul(first, fingers[:, 1])
            second_ = torch.matmul(first_, fingers[:, 1]) + torch.matmul(first, fingers_[:, :, 1])
            third = torch.matmul(second, fingers[:, 2])
            third_ = torch.matmul(second_, fingers[:, 2]) + torch.matmul(second, fingers_[:, :, 2])
            fourth = torch.matmul(third, fingers[:, 3])
            fourth_ = torch.matmul(third_, fingers[:, 3]) + torch.matmul(third, fingers_[:, :, 3])
            joined = torch.reshape(torch.stack([first, second, third, fourth], 1), [20, 4, 4])
            joined_ = torch.reshape(torch.stack([first_, second_, third_, fourth_], 2), [26, 20, 4, 4])
            arm = torch.matmul(relative[:1], relative[21:])
            arm_ = torch.matmul(relative_[:, :1], relative[21:]) + torch.matmul(relative[:1], relative_[:, 21:])
            bones = torch.matmul(torch.cat([relative[:1], joined, arm], 0), inverse)
            bones_ = torch.matmul(torch.cat([relative_[:, :1], joined_, arm_], 1), inverse)
            skin = torch.reshape(torch.unsqueeze(weights, 1) * vertices, [88, 10000])
            posed = torch.matmul(torch.reshape(torch.transpose(bones, 0, 1)[:3], [3, 88]), skin)
            posed_ = torch.matmul(torch.reshape(torch.transpose(bones_, 1, 2)[:, :3], [78, 88]), skin)
            v = theta[:3]
            v_ = seeds[:, :3]
            n = torch.sqrt((v * v).sum())
            n_ = (v_ * v).sum([1], True) / n
            u = v / n
            u_ = (v_ - u * n_) / n
            across = torch.linalg_cross(I, torch.unsqueeze(u, 0))
            across_ = torch.linalg_cross(torch.unsqueeze(I, 0), torch.unsqueeze(u_, 1))
            outer = torch.outer(u, u)
            outer_ = torch.unsqueeze(u_, 2) * u + torch.unsqueeze(u, 1) * torch.unsqueeze(u_, 1)
            cn = torch.cos(n)
            sn = torch.sin(n)
            R = cn * I + sn * across + (1. - cn) * outer
            n_ = torch.unsqueeze(n_, 2)
            R_ = n_ * (cn * across + sn * (outer - I)) + sn * across_ + (1. - cn) * outer_
            moved = torch.matmul(R, torch.reshape(posed_, [26, 3, 10000]))
            moved = moved + torch.reshape(torch.matmul(torch.reshape(R_, [78, 3]), posed), [26, 3, 10000]) + torch.unsqueeze(seeds[:, 3:6], 2)
            """;

    private static Map<String, Tensor> hand() {
        Map<String, Tensor> values = Data.normal(0.3, "theta", PARAMETERS, "base", BONES, 4, 4, "inverse", BONES, 4, 4, "weights", BONES,
                VERTICES, "vertices", 4, VERTICES, "points", 3, POINTS);
        for (String bones : List.of("base", "inverse")) {
            IntStream.range(0, BONES).forEach(bone -> makeAffine(values.get(bones).data(), 16 * bone));
        }
        Arrays.fill(values.get("vertices").data(), 3 * VERTICES, 4 * VERTICES, 1);
        values.put("found", Tensor.of(Shape.of(POINTS), new Random(1).ints(POINTS, 0, VERTICES).asDoubleStream().toArray()));
        values.put("none", Tensor.vector(0));
        values.put("at", Tensor.of(Shape.of(BONES, 3), places()));
        values.put("I", Tensor.of(Shape.of(3, 3), new double[]{1, 0, 0, 0, 1, 0, 0, 0, 1}));
        Tensor[] rotations = {Tensor.zeros(Shape.of(3, 4, 4)), Tensor.zeros(Shape.of(3, 4, 4)), Tensor.zeros(Shape.of(3, 4, 4))};
        int[] axes = {0, 2, 1};
        for (int k = 0; k < 3; k++) {
            int x = axes[k];
            int y = (x + 1) % 3;
            int z = (x + 2) % 3;
            rotations[0].data()[16 * k + 5 * x] = 1;
            rotations[0].data()[16 * k + 15] = 1;
            rotations[1].data()[16 * k + 5 * y] = 1;
            rotations[1].data()[16 * k + 5 * z] = 1;
            rotations[2].data()[16 * k + 4 * z + y] = 1;
            rotations[2].data()[16 * k + 4 * y + z] = -1;
        }
        values.put("fixed", rotations[0]);
        values.put("even", rotations[1]);
        values.put("odd", rotations[2]);
        return values;
    }

    private static void makeAffine(double[] matrices, int start) {
        for (int i = 0; i < 4; i++) {
            matrices[start + 5 * i] += 1;
        }
        Arrays.fill(matrices, start + 12, start + 15, 0);
        matrices[start + 15] = 1;
    }

    /** Where the angles of the bones stand in theta: of a finger's second to fourth bones the first, of the second also the second. */
    private static double[] places() {
        double[] at = new double[3 * BONES];
        Arrays.fill(at, PARAMETERS);
        int next = 6;
        for (int finger = 0; finger < 5; finger++) {
            int second = 2 + 4 * finger;
            at[3 * second] = next++;
            at[3 * second + 1] = next++;
            at[3 * second + 3] = next++;
            at[3 * second + 6] = next++;
        }
        return at;
    }
}
